/** Failed orders by what Trustpilot said about them. */
import type { Explanation } from "../domain/troubles.ts";
import type { Database } from "./database.ts";

/** The words of a brown-out are all alike: the newest orders say them. */
const MOST_READ = 500;
const MOST_MESSAGES = 5;

/** What Trustpilot said about the newest failed orders that can be sent again, the most frequent first. */
export function explanations(sql: Database): Explanation[] {
  return sql
    .exec<{ message: string; count: number }>(
      `SELECT message, COUNT(*) AS count FROM (
         SELECT (SELECT value ->> 'message' FROM json_each(history) WHERE value ->> 'message' IS NOT NULL
                 ORDER BY key DESC LIMIT 1) AS message FROM orders
         WHERE order_id IN (SELECT order_id FROM orders INDEXED BY orders_state
           WHERE state = 'failed' AND reason IS NOT NULL ORDER BY received DESC LIMIT ?)
         AND due IS NOT NULL AND json_valid(history))
       WHERE message IS NOT NULL GROUP BY message ORDER BY count DESC LIMIT ?`,
      MOST_READ,
      MOST_MESSAGES,
    )
    .toArray();
}
