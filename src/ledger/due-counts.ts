/**
 * How many held orders are due, and how many wait for another try. Kept up to date in memory, as `OpenCounts` are:
 * each order is read once, when its time has come.
 */
import type { OrderRow } from "../domain/row.ts";
import type { Database } from "./database.ts";

export class DueCounts {
  readonly #sql: Database;
  /** Orders that were due at this time, in ms, are counted. */
  #until: number | null = null;
  #due = 0;
  /** Orders that have been put off, and those of them that are due. */
  #putOff = 0;
  #dueAgain = 0;

  constructor(sql: Database) {
    this.#sql = sql;
  }

  /** Follows an order that was `before` (`null`: not there) and is `after`. */
  move(before: OrderRow | null, after: OrderRow): void {
    if (this.#until === null) return;
    if (before !== null) this.#add(before, -1);
    this.#add(after, 1);
  }

  /** @param now in ms */
  at(now: number): { due: number; retry: number } {
    const from = this.#until === null || now < this.#until ? this.#begin() : this.#until;
    const { due, again } = this.#sql
      .exec<{ due: number; again: number }>(
        `SELECT COUNT(*) AS due, COUNT(since) AS again FROM orders INDEXED BY orders_held
         WHERE state = 'held' AND due > ? AND due <= ?`,
        from,
        now,
      )
      .one();
    this.#until = now;
    this.#due += due;
    this.#dueAgain += again;
    return { due: this.#due, retry: this.#putOff - this.#dueAgain };
  }

  /** @returns a time before that of any order */
  #begin(): number {
    const query =
      "SELECT COUNT(*) AS count FROM orders INDEXED BY orders_since WHERE since IS NOT NULL AND state = 'held'";
    this.#putOff = this.#sql.exec<{ count: number }>(query).one().count;
    this.#due = 0;
    this.#dueAgain = 0;
    return -1;
  }

  #add({ state, due, since }: OrderRow, count: number): void {
    if (state !== "held" || due === null) return;
    const again = since === null ? 0 : count;
    this.#putOff += again;
    if (due > this.#until!) return;
    this.#due += count;
    this.#dueAgain += again;
  }
}
