/**
 * The attempts of orders that have not ended, counted from their histories: a retry writes no row for a number. With
 * the order's end they move into the row of its day, so that the sum of both never falls. Kept up to date in memory,
 * as `OpenCounts` are.
 */
import { answerCounts, sumCounts, type Counts } from "../domain/answer-counts.ts";
import { ORDER_STATES, type HistoryEntry } from "../domain/order.ts";
import type { OrderRow } from "../domain/row.ts";
import type { Database } from "./database.ts";
import { fromSql, type SqlRow } from "./sql-row.ts";
import { LONGEST_LEASE } from "./lease.ts";

/** Those after the last end: an order that is sent again after it failed has another one. */
export function countAttempts(history: readonly HistoryEntry[]): Counts {
  const end = history.findLastIndex(({ what }) => ENDS.has(what));
  return sumCounts(history.slice(end + 1).map(answerCounts));
}

const ENDS = new Set<string>(ORDER_STATES.filter((state) => state !== "held" && state !== "sending"));

export class OpenAttempts {
  readonly #sql: Database;
  #counts: Counts | null = null;

  constructor(sql: Database) {
    this.#sql = sql;
  }

  /** Follows an order that was `before` (`null`: not there) and is `after`. */
  move(before: OrderRow | null, after: OrderRow): void {
    if (this.#counts === null) return;
    const gone = Object.entries(before === null ? {} : attemptsOf(before)).map(([what, count]) => ({
      [what]: -count,
    }));
    this.#counts = sumCounts([this.#counts, attemptsOf(after), ...gone]);
  }

  all(now: number): Counts {
    this.#counts ??= sumCounts(
      this.#sql
        .exec<SqlRow>(
          `SELECT * FROM orders INDEXED BY orders_since WHERE since IS NOT NULL AND state = 'held'
           UNION ALL SELECT * FROM orders INDEXED BY orders_open
             WHERE due IS NOT NULL AND state <> 'held' AND due <= ? AND state = 'sending'`,
          now + LONGEST_LEASE,
        )
        .toArray()
        .map((row) => attemptsOf(fromSql(row))),
    );
    return this.#counts;
  }
}

function attemptsOf({ state, since, history }: OrderRow): Counts {
  return since !== null && (state === "held" || state === "sending") ? countAttempts(history) : {};
}
