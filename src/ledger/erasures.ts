/**
 * Deletions of customers. Which orders are a customer's is known only from the orders' personal data, and an index of
 * it would cost every order rows that hardly any of them needs. So the deletions of a request are noted in one row, hold
 * from then on, and are carried out by reading all open orders once, in slices between which the ledger does its other
 * work.
 *
 * Until then each order is compared before anything else is done with it: that makes a deletion hold for an order
 * that the reading has not reached, and for one that moves on while it goes on.
 */
import type { ErasedOrders } from "../domain/operation.ts";
import type { Customer } from "../domain/order.ts";
import type { OrderRow } from "../domain/row.ts";
import { DeletedCustomers } from "./deleted-customers.ts";
import { openSlices, SLICE } from "./slices.ts";
import { OPEN_START, type OrderTable } from "./table.ts";
import { withdraw } from "./withdraw.ts";

interface Erasure {
  id: number;
  /** Orders that arrived later are not meant. In ms. */
  at: number;
  customers: DeletedCustomers;
}

export class Erasures {
  readonly #table: OrderTable;
  readonly #sql: SqlStorage;
  readonly #onAddress: (address: string) => void;
  #pending: Erasure[];
  #sweep: Promise<void> | null = null;

  /** @param onAddress called, in the transaction that erases it, with an address that the deletion did not name */
  constructor(table: OrderTable, sql: SqlStorage, onAddress: (address: string) => void) {
    this.#table = table;
    this.#sql = sql;
    this.#onAddress = onAddress;
    this.#pending = sql
      .exec<{ id: number; at: number; customers: string }>(
        "SELECT id, at, customers FROM erasures ORDER BY id",
      )
      .toArray()
      .map(({ id, at, customers }) => ({
        id,
        at,
        customers: new DeletedCustomers(JSON.parse(customers) as Customer[]),
      }));
  }

  get isPending(): boolean {
    return this.#pending.length > 0;
  }

  /** When something that happens at `now` has to be said to happen, so that it is later than every deletion. */
  timeFor(now: number): number {
    return Math.max(now, (this.#pending.at(-1)?.at ?? 0) + 1);
  }

  /**
   * Deletes what a first slice shows, and notes the deletions when there is more: then `sweep` has to be called.
   *
   * @returns what was deleted of each customer
   */
  add(customers: readonly Customer[], now: number): ErasedOrders[] {
    const deleted = new DeletedCustomers(customers);
    const rows = this.#table.openSlice(OPEN_START, SLICE);
    const complete = rows.length < SLICE;
    const results = customers.map(() => ({ cancelled: 0, beingSent: 0, orders: 0, complete }));
    for (const row of rows) {
      const result = results[this.#carryOut(row, [{ id: 0, at: now, customers: deleted }], now) ?? -1];
      if (result === undefined) continue;
      result.orders += 1;
      if (row.state === "held") result.cancelled += 1;
      if (row.state === "sending") result.beingSent += 1;
    }
    if (!complete) {
      const insert = "INSERT INTO erasures (at, customers) SELECT ?, ? WHERE true RETURNING id";
      const { id } = this.#sql.exec<{ id: number }>(insert, now, JSON.stringify(customers)).one();
      this.#pending.push({ id, at: now, customers: deleted });
    }
    return results;
  }

  /** Withdraws the order if its customer has been deleted. @returns whether it was */
  apply(row: OrderRow, now: number): boolean {
    return this.isPending && this.#carryOut(row, this.#pending, now) !== null;
  }

  /** Carries out all that is pending. Several calls share one sweep. */
  sweep(): Promise<void> {
    return (this.#sweep ??= this.#sweepAll().finally(() => (this.#sweep = null)));
  }

  async #sweepAll(): Promise<void> {
    while (this.isPending) {
      const erasures = [...this.#pending];
      for await (const rows of openSlices(this.#table)) {
        for (const row of rows) this.#carryOut(row, erasures, Date.now());
      }
      this.#sql.exec("DELETE FROM erasures WHERE id <= ?", erasures.at(-1)!.id);
      this.#pending = this.#pending.slice(erasures.length);
    }
  }

  /** @returns the place of the order's customer among those of the deletion; `null` when none is meant */
  #carryOut(row: OrderRow, erasures: readonly Erasure[], now: number): number | null {
    const { personal, received } = row;
    if (personal === null || received === null) return null;
    for (const { at, customers } of erasures) {
      const place = received <= at ? customers.placeOf(personal) : null;
      if (place === null) continue;
      if (!customers.isNamed(personal.email)) this.#onAddress(personal.email);
      withdraw(this.#table, row, "customer_deleted", now, true);
      return place;
    }
    return null;
  }
}
