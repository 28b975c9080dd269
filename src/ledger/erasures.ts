/**
 * Deletions of customers. Which orders are a customer's is known only from the orders' personal data, and an index of
 * it would cost every order rows that hardly any of them needs. So a deletion is noted in one row, holds from then on,
 * and is carried out by reading all open orders once, in slices between which the ledger does its other work.
 *
 * Until then each order is compared before anything else is done with it: that makes the deletion hold for an order
 * that the reading has not reached, and for one that moves on while it goes on.
 */
import type { Customer } from "../domain/order.ts";
import type { OrderRow } from "../domain/row.ts";
import { openSlices, SLICE } from "./slices.ts";
import { OPEN_START, type OrderTable } from "./table.ts";
import { withdraw } from "./withdraw.ts";

interface Erasure {
  id: number;
  /** Orders that arrived later are not meant. In ms. */
  at: number;
  customer: Customer;
}

export interface ErasedOrders {
  cancelled: number;
  beingSent: number;
  /** `false` while there are more orders to read. */
  complete: boolean;
}

export class Erasures {
  readonly #table: OrderTable;
  readonly #sql: SqlStorage;
  #pending: Erasure[];
  #sweep: Promise<void> | null = null;

  constructor(table: OrderTable, sql: SqlStorage) {
    this.#table = table;
    this.#sql = sql;
    this.#pending = sql
      .exec<{ id: number; at: number; customer: string }>("SELECT id, at, customer FROM erasures ORDER BY id")
      .toArray()
      .map((row) => ({ ...row, customer: JSON.parse(row.customer) as Customer }));
  }

  get isPending(): boolean {
    return this.#pending.length > 0;
  }

  /** When something that happens at `now` has to be said to happen, so that it is later than every deletion. */
  timeFor(now: number): number {
    return Math.max(now, (this.#pending.at(-1)?.at ?? 0) + 1);
  }

  /** Deletes what a first slice shows, and notes the deletion when there is more: then `sweep` has to be called. */
  add(customer: Customer, now: number): ErasedOrders {
    const erasure = { id: 0, at: now, customer };
    const rows = this.#table.openSlice(OPEN_START, SLICE);
    const erased = rows.filter((row) => this.#carryOut(row, [erasure], now));
    const complete = rows.length < SLICE;
    if (!complete) {
      const insert = "INSERT INTO erasures (at, customer) SELECT ?, ? WHERE true RETURNING id";
      const { id } = this.#sql.exec<{ id: number }>(insert, now, JSON.stringify(customer)).one();
      this.#pending.push({ ...erasure, id });
    }
    const count = (wanted: OrderRow["state"]) => erased.filter(({ state }) => state === wanted).length;
    return { cancelled: count("held"), beingSent: count("sending"), complete };
  }

  /** Withdraws the order if its customer has been deleted. @returns whether it was */
  apply(row: OrderRow, now: number): boolean {
    return this.isPending && this.#carryOut(row, this.#pending, now);
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

  #carryOut(row: OrderRow, erasures: readonly Erasure[], now: number): boolean {
    const isMeant = erasures.some(
      ({ at, customer }) => row.received !== null && row.received <= at && isOf(row, customer),
    );
    if (isMeant) withdraw(this.#table, row, "customer_deleted", now, true);
    return isMeant;
  }
}

/** Compared here: SQLite's `lower` knows only ASCII. */
function isOf({ personal }: OrderRow, { userId, anonymousId, email }: Customer): boolean {
  if (personal === null) return false;
  const { customer } = personal;
  if (userId !== undefined && customer.userId === userId) return true;
  if (anonymousId !== undefined && customer.anonymousId === anonymousId) return true;
  return email !== undefined && personal.email.toLowerCase() === email.toLowerCase();
}
