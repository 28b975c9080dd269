/**
 * The attempts of orders that have not ended, counted from their histories: a retry writes no row for a number. With
 * the order's end they move into the row of its day, so that the sum of both never falls.
 */
import { answerCounts, sumCounts, type Counts } from "../domain/answer-counts.ts";
import { ORDER_STATES, type HistoryEntry } from "../domain/order.ts";
import { MINUTE } from "../lib/time.ts";

/** Far more than wait for another try: the circuit breaker ends with the second failure. */
const MOST_READ = 1_000;

/** Those after the last end: an order that is sent again after it failed has another one. */
export function countAttempts(history: readonly HistoryEntry[]): Counts {
  const end = history.findLastIndex(({ what }) => ENDS.has(what));
  return sumCounts(history.slice(end + 1).map(answerCounts));
}

const ENDS = new Set<string>(ORDER_STATES.filter((state) => state !== "held" && state !== "sending"));

/** Of orders that were received since `from` (ms). @param now in ms; a lease lasts no longer than a minute or two */
export function countOpenAttempts(sql: SqlStorage, from: number, now: number): Counts {
  const histories = sql.exec<{ history: string }>(
    `SELECT history FROM orders WHERE received >= ?1 AND CASE WHEN json_valid(history) THEN json_type(history) END = 'array'
       AND order_id IN (
       SELECT * FROM (SELECT order_id FROM orders INDEXED BY orders_since
         WHERE since IS NOT NULL AND state = 'held' LIMIT ?2)
       UNION ALL SELECT order_id FROM orders INDEXED BY orders_open
         WHERE due IS NOT NULL AND state <> 'held' AND due <= ?3 AND state = 'sending')`,
    from,
    MOST_READ,
    now + 2 * MINUTE,
  );
  return sumCounts(
    histories.toArray().map(({ history }) => countAttempts(JSON.parse(history) as HistoryEntry[])),
  );
}
