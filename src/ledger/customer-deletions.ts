/**
 * Deletions of customers. Which orders are a customer's is known only from the orders' personal data, and an index of
 * it would cost every order rows that hardly any of them needs. So the deletions of a request are noted in one row, hold
 * from then on, and are carried out by reading all open orders once, in slices between which the ledger does its other
 * work.
 *
 * Until then each order is compared before anything else is done with it: that makes a deletion hold for an order
 * that the reading has not reached, and for one that moves on while it goes on.
 */
import type { ErasedOrders, Forgotten } from "../domain/operation.ts";
import type { OrderRow } from "../domain/row.ts";
import type { ArrivalTimes } from "./arrival-times.ts";
import type { Database } from "./database.ts";
import { DeletedCustomers, isCovered } from "./deleted-customers.ts";
import type { FoundAddresses } from "./found-addresses.ts";
import { MINUTE } from "../lib/time.ts";
import { OPEN_START, openSlice, openSlices, SLICE } from "./slices.ts";
import type { OrderTable } from "./table.ts";
import { withdraw } from "./withdraw.ts";

interface PendingDeletion {
  id: number;
  /** Orders that arrived later are not meant. In ms. */
  at: number;
  customers: DeletedCustomers;
}

export class CustomerDeletions {
  readonly #table: OrderTable;
  readonly #sql: Database;
  readonly #found: FoundAddresses;
  readonly #arrivals: ArrivalTimes;
  #pending: PendingDeletion[];
  /** The latest deletion that came here, in ms. */
  #latest: number;
  /** Another ledger may tell of a deletion before the orders of that request are here. */
  #early: PendingDeletion[] = [];
  #sweep: Promise<void> | null = null;

  /** @param found takes the addresses that a deletion did not name, in the transaction that erases them */
  constructor(table: OrderTable, sql: Database, found: FoundAddresses, arrivals: ArrivalTimes) {
    this.#table = table;
    this.#sql = sql;
    this.#found = found;
    this.#arrivals = arrivals;
    this.#pending = sql
      .exec<{ id: number; at: number; customers: string }>(
        "SELECT id, at, customers FROM deletions ORDER BY id",
      )
      .toArray()
      .map(({ id, at, customers }) => ({
        id,
        at,
        customers: new DeletedCustomers(JSON.parse(customers) as Forgotten[]),
      }));
    this.#latest = this.#pending.at(-1)?.at ?? 0;
  }

  get isPending(): boolean {
    return this.#pending.length > 0;
  }

  /** When something that happens at `now` has to be said to happen, so that it is later than every deletion. */
  timeFor(now: number): number {
    return Math.max(now, this.#latest + 1);
  }

  /**
   * Deletes what a first slice shows, and notes the deletions when there is more: then `sweep` has to be called.
   *
   * @returns what was deleted of each customer
   */
  add(customers: readonly Forgotten[], now: number): ErasedOrders[] {
    const deleted = new DeletedCustomers(customers);
    const isFound = customers[0]?.found !== undefined;
    // One that came here counts for all that is here, also when a clock was set back meanwhile.
    const at = isFound ? now : Math.max(now, this.#arrivals.last() ?? 0);
    const deletion = { id: 0, at, customers: deleted };
    if (isFound) this.#early = [...this.#early.filter(({ at }) => at > now - MINUTE), deletion];
    else this.#latest = at;
    const rows = openSlice(this.#sql, OPEN_START);
    const complete = rows.length < SLICE;
    const results = customers.map(() => ({ cancelled: 0, beingSent: 0, orders: 0, complete }));
    for (const row of rows) {
      const result = results[this.#carryOut(row, [deletion], now) ?? -1];
      if (result === undefined) continue;
      result.orders += 1;
      if (row.state === "held") result.cancelled += 1;
      if (row.state === "sending") result.beingSent += 1;
    }
    if (!complete) {
      const insert = "INSERT INTO deletions (at, customers) VALUES (?, ?) RETURNING id";
      const { id } = this.#sql.exec<{ id: number }>(insert, at, JSON.stringify(customers)).one();
      this.#pending.push({ id, at, customers: deleted });
    }
    return results;
  }

  /** The same for orders that FIND_BY_EMAIL shows to be the customer's. */
  addOrders(orderIds: readonly string[], forgotten: Forgotten, now: number): void {
    for (const orderId of orderIds) {
      const row = this.#table.find(orderId);
      if (row !== null && isCovered(forgotten, row.received ?? 0)) this.#erase(row, forgotten, now, false);
    }
  }

  /** Withdraws an order that has just been recorded, if it came before a deletion that was told already. */
  applyEarly(orderId: string, now: number): void {
    const row = this.#early.length > 0 && this.#table.find(orderId);
    // As if they came now: the order was recorded late, and its time would say that it came after them.
    if (row)
      this.#carryOut(
        row,
        this.#early.map((deletion) => ({ ...deletion, at: now })),
        now,
      );
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
      const deletions = [...this.#pending];
      for await (const rows of openSlices(this.#sql)) {
        for (const row of rows) this.#carryOut(row, deletions, Date.now());
      }
      this.#sql.exec("DELETE FROM deletions WHERE id <= ?", deletions.at(-1)!.id);
      this.#pending = this.#pending.slice(deletions.length);
    }
  }

  /** @returns the place of the order's customer among those of the deletion; `null` when none is meant */
  #carryOut(row: OrderRow, deletions: readonly PendingDeletion[], now: number): number | null {
    const { personal, received } = row;
    if (personal === null || received === null) return null;
    for (const { at, customers } of deletions) {
      const place = received <= at ? customers.placeOf(personal, received) : null;
      if (place === null) continue;
      const forgotten = { at, ...customers.at(place) };
      this.#erase(row, forgotten, now, customers.isNamed(personal.email));
      return place;
    }
    return null;
  }

  #erase(row: OrderRow, { at, everywhere }: Forgotten, now: number, isNamed: boolean): void {
    if (row.personal === null) return;
    const { email } = row.personal;
    if (!isNamed) this.#found.add({ address: email, everywhere: everywhere === true, at: at ?? now });
    withdraw(this.#table, row, "customer_deleted", now, true);
  }
}
