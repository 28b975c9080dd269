/**
 * How many orders are open (waiting, being sent, failed or unknown), by state and day of arrival.
 *
 * Counted from an index when first asked for, and kept up to date in memory from then on: a page over a ledger with
 * 100,000 waiting orders costs what a page over an empty one does, and no row is written for it. An object that
 * restarts counts again.
 */
import { DAY } from "../lib/time.ts";
import type { OrderState } from "../domain/order.ts";
import type { OrderRow } from "../domain/row.ts";
import type { Database } from "./database.ts";

interface OpenGroup {
  state: OrderState;
  /** Days since 1970; `null` for orders that have not arrived. */
  day: number | null;
  count: number;
}

export class OpenCounts {
  readonly #sql: Database;
  #groups: Map<string, OpenGroup> | null = null;

  constructor(sql: Database) {
    this.#sql = sql;
  }

  /** Follows an order that was `before` (`null`: not there) and is `after`. */
  move(before: OrderRow | null, after: OrderRow): void {
    if (this.#groups === null) return;
    if (before !== null) this.#add(before, -1);
    this.#add(after, 1);
  }

  all(): OpenGroup[] {
    if (this.#groups === null) {
      const counted = this.#sql.exec<{ state: OrderState; day: number | null; count: number }>(
        `SELECT state, received / ${DAY} AS day, COUNT(*) AS count FROM orders INDEXED BY orders_open
           WHERE due IS NOT NULL AND state <> 'held' GROUP BY 1, 2
         UNION ALL
         SELECT 'held', received / ${DAY}, COUNT(*) FROM orders INDEXED BY orders_held
           WHERE state = 'held' GROUP BY 2`,
      );
      this.#groups = new Map(counted.toArray().map((group) => [keyOf(group), group]));
    }
    return [...this.#groups.values()].filter(({ count }) => count > 0);
  }

  #add({ state, received, due }: OrderRow, count: number): void {
    if (due === null) return;
    const group = { state, day: received === null ? null : Math.floor(received / DAY), count };
    const known = this.#groups!.get(keyOf(group));
    if (known) known.count += count;
    else this.#groups!.set(keyOf(group), group);
  }
}

function keyOf({ state, day }: Omit<OpenGroup, "count">): string {
  return `${state} ${day}`;
}
