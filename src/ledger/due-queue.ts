/** The rows of a ledger by the time at which something has to happen to them. All times are in ms. */
import type { Database } from "./database.ts";

export class DueQueue {
  readonly #sql: Database;

  constructor(sql: Database) {
    this.#sql = sql;
  }

  /** Held orders whose time has come, in the order in which they became due, or the other way round. */
  dueOrderIds(now: number, most: number, newestFirst: boolean): string[] {
    return this.#ids(
      `SELECT order_id FROM orders INDEXED BY orders_held
       WHERE due <= ? AND state = 'held' ORDER BY due ${newestFirst ? "DESC" : "ASC"} LIMIT ?`,
      now,
      most,
    );
  }

  /** Held orders that have been due since before `time`, whether or not they have been tried since. */
  waitingSince(time: number, most: number): string[] {
    return this.#ids(
      `SELECT order_id FROM orders INDEXED BY orders_held WHERE due < ?1 AND state = 'held' AND since IS NULL
       UNION SELECT order_id FROM orders INDEXED BY orders_since WHERE since < ?1 AND state = 'held' LIMIT ?2`,
      time,
      most,
    );
  }

  /** Orders that are not held and whose time has come: leases that ended, data to erase. */
  overdueOrderIds(now: number, most: number): string[] {
    return this.#ids(
      `SELECT order_id FROM orders INDEXED BY orders_open
       WHERE due <= ? AND due IS NOT NULL AND state <> 'held' LIMIT ?`,
      now,
      most,
    );
  }

  /** Since when the order that waits for longest has been due; `null` when none is due. */
  oldestWait(now: number): number | null {
    const due = this.#time(
      "SELECT due AS time FROM orders INDEXED BY orders_held WHERE due <= ? AND state = 'held' ORDER BY due LIMIT 1",
      now,
    );
    const since = this.#time(
      "SELECT since AS time FROM orders WHERE since IS NOT NULL AND state = 'held' ORDER BY since LIMIT 1",
    );
    return due === null || since === null ? (due ?? since) : Math.min(due, since);
  }

  /** The next time at which any row needs the alarm. @param sendableFrom held orders do not count before this time */
  nextWake(sendableFrom: number | null): number | null {
    const open = this.#time(
      `SELECT due AS time FROM orders INDEXED BY orders_open
       WHERE due IS NOT NULL AND state <> 'held' ORDER BY due LIMIT 1`,
    );
    const held = this.#time(
      "SELECT due AS time FROM orders INDEXED BY orders_held WHERE state = 'held' ORDER BY due LIMIT 1",
    );
    if (held === null) return open;
    return Math.min(open ?? Infinity, Math.max(held, sendableFrom ?? 0));
  }

  #ids(query: string, ...bindings: number[]): string[] {
    const rows = this.#sql.exec<{ order_id: string }>(query, ...bindings).toArray();
    return rows.map(({ order_id }) => order_id);
  }

  #time(query: string, ...bindings: number[]): number | null {
    const [row] = this.#sql.exec<{ time: number }>(query, ...bindings).toArray();
    return row?.time ?? null;
  }
}
