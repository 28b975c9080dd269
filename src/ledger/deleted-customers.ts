import type { Customer, Order } from "../domain/order.ts";

/** The customers of one request to delete, which may be thousands: an order is compared with all of them at once. */
export class DeletedCustomers {
  /** Their places, by each thing that identifies them. */
  readonly #places = new Map<string, number>();

  constructor(customers: readonly Customer[]) {
    customers.forEach((customer, place) => {
      for (const key of keysOf(customer)) if (!this.#places.has(key)) this.#places.set(key, place);
    });
  }

  /** Whether a customer was named by this address. */
  isNamed(email: string): boolean {
    return keysOf({ email }).some((key) => this.#places.has(key));
  }

  /** Whose order it is, by their place; `null` when it is nobody's. */
  placeOf({ customer, email }: Pick<Order, "customer" | "email">): number | null {
    for (const key of keysOf({ ...customer, email })) {
      const place = this.#places.get(key);
      if (place !== undefined) return place;
    }
    return null;
  }
}

/** Compared here: SQLite's `lower` knows only ASCII. */
function keysOf({ userId, anonymousId, email }: Customer): string[] {
  return [
    ...(userId === undefined ? [] : [`user ${userId}`]),
    ...(anonymousId === undefined ? [] : [`anonymous ${anonymousId}`]),
    ...(email === undefined ? [] : [`email ${email.toLowerCase()}`]),
  ];
}
