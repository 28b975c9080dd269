/** A page of a ledger's orders for the status page. */
import type { OrderState, Reason } from "../domain/order.ts";
import type { OrderSummary } from "../domain/row.ts";
import type { Position } from "./cursor.ts";

export interface ListFilter {
  state: OrderState | null;
  reason: Reason | null;
  /** Received in this span, in ms, both ends included. */
  from: number;
  to: number;
  /** The last order of the page before; the next one begins after it. */
  before: Position | null;
  limit: number;
}

/**
 * Orders that match `filter`, the newest first. Every kind of filter has an index that is walked along until the page
 * is full: the cost depends on the page, not on how many orders there are.
 *
 * @param held how many orders wait
 */
export function listOrders(
  sql: SqlStorage,
  { state, reason, from, to, before, limit }: ListFilter,
  held: number,
): OrderSummary[] {
  const conditions = ["received BETWEEN ? AND ?"];
  const values: (string | number)[] = [from, before === null ? to : Math.min(to, before.received)];
  let index = "orders_received";
  if (state !== null) {
    const walk = state === "held" && held > MOST_SORTED ? AMONG_ALL : WALKS[state];
    index = walk.index;
    conditions.push("state = ?", ...walk.conditions);
    values.push(state);
  }
  if (reason !== null) {
    index = "orders_reason";
    conditions.push("reason = ?", "reason IS NOT NULL");
    values.push(reason);
  }
  if (before !== null) {
    conditions.push("(received, order_id) < (?, ?)");
    values.push(before.received, before.orderId);
  }
  return sql
    .exec<SqlSummary>(
      // The inner query reads the index alone; only the page's own rows are fetched.
      `SELECT order_id, state, reason, received, updated, due, attempts FROM orders WHERE order_id IN (
         SELECT order_id FROM orders INDEXED BY ${index} WHERE ${conditions.join(" AND ")}
         ORDER BY received DESC, order_id DESC LIMIT ?)
       ORDER BY received DESC, order_id DESC`,
      ...values,
      limit,
    )
    .toArray()
    .map(({ order_id, ...summary }) => ({ orderId: order_id, ...summary }));
}

/** So many waiting orders are sorted by their arrival; more are found among the latest orders of all. */
const MOST_SORTED = 1_000;

/** Along which index orders are found, and what SQLite must be told to see that it may. */
interface Walk {
  index: string;
  conditions: string[];
}

const AMONG_ALL: Walk = { index: "orders_received", conditions: [] };
const WITH_REASON: Walk = { index: "orders_state", conditions: ["reason IS NOT NULL"] };

const WALKS: Record<OrderState, Walk> = {
  held: { index: "orders_held", conditions: ["state = 'held'"] },
  sending: { index: "orders_open", conditions: ["due IS NOT NULL", "state <> 'held'"] },
  // Most orders end here, so the next one is never far along the list of all.
  invited: AMONG_ALL,
  failed: WITH_REASON,
  unknown: WITH_REASON,
  cancelled: WITH_REASON,
  skipped: WITH_REASON,
  rejected: WITH_REASON,
};

type SqlSummary = Omit<OrderSummary, "orderId"> & { order_id: string };
