import type { Forgotten } from "../domain/operation.ts";
import type { Customer, Order } from "../domain/order.ts";

/** The customers of one request to delete, which may be thousands: an order is compared with all of them at once. */
export class DeletedCustomers {
  readonly #forgotten: readonly Forgotten[];
  /** Their places, by each thing that identifies them. */
  readonly #places = new Map<string, number>();

  constructor(forgotten: readonly Forgotten[]) {
    this.#forgotten = forgotten;
    forgotten.forEach(({ customer, at = Infinity }, place) => {
      for (const key of keysOf(customer)) {
        const known = this.#places.get(key);
        if (known === undefined || (forgotten[known]!.at ?? Infinity) < at) this.#places.set(key, place);
      }
    });
  }

  at(place: number): Forgotten {
    return this.#forgotten[place]!;
  }

  /** Whether a customer was named by this address. */
  isNamed(email: string): boolean {
    return keysOf({ email }).some((key) => this.#places.has(key));
  }

  /** Whose order it is, by their place; `null` when it is none of theirs. @param received in ms */
  placeOf({ customer, email }: Pick<Order, "customer" | "email">, received: number): number | null {
    for (const key of keysOf({ ...customer, email })) {
      const place = this.#places.get(key);
      if (place !== undefined && isCovered(this.at(place), received)) return place;
    }
    return null;
  }
}

/** The time of a deletion elsewhere counts; one that came here counts for all that was here. */
export function isCovered({ found, at }: Forgotten, received: number): boolean {
  return found === undefined || at === undefined || received <= at;
}

/** Compared here: SQLite's `lower` knows only ASCII. */
function keysOf({ userId, anonymousId, email }: Customer): string[] {
  return [
    ...(userId === undefined ? [] : [`user ${userId}`]),
    ...(anonymousId === undefined ? [] : [`anonymous ${anonymousId}`]),
    ...(email === undefined ? [] : [`email ${email.toLowerCase()}`]),
  ];
}
