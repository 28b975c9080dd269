/**
 * Lists of one ledger's orders, for the status page. Every kind of filter has an index that it walks along until the
 * page is full: the cost depends on the page, at most on the number of open orders or of ids that begin alike, and
 * not on that of all orders.
 */
import type { OrderState, Reason } from "../domain/order.ts";
import type { OrderSummary } from "../domain/row.ts";
import type { Position } from "./cursor.ts";

export interface ListFilter {
  state: OrderState | null;
  reason: Reason | null;
  /** What the order id begins with; empty for any. */
  prefix: string;
  /** Received in this span, in ms, both ends included. */
  from: number;
  to: number;
  /** Only older orders than this one, or only newer ones: the next page, or the one before. */
  before: Position | null;
  after: Position | null;
  limit: number;
}

export interface ListPage {
  /** Up to `limit`, the newest first; with `after`, those that are next to it. */
  orders: OrderSummary[];
  /** How many match on all pages, counted up to `COUNTED` and one more. */
  matching: number;
}

/** A count over 100,000 orders must not cost more than the page. */
export const COUNTED = 125;

/** @param held how many orders wait */
export function listOrders(sql: SqlStorage, filter: ListFilter, held: number): ListPage {
  const { before, after, limit } = filter;
  const all = matching(filter, held);
  // The span ends at the cursor: what lies beyond it is not even walked past.
  const from = Math.max(filter.from, after?.received ?? 0);
  const page = matching({ ...filter, from, to: Math.min(filter.to, before?.received ?? Infinity) }, held);
  if (before) page.add("(received, order_id) < (?, ?)", before.received, before.orderId);
  if (after) page.add("(received, order_id) > (?, ?)", after.received, after.orderId);
  const direction = after ? "ASC" : "DESC";
  // The inner query reads the index alone; only the page's own rows are fetched.
  const orders = sql
    .exec<SqlSummary>(
      `SELECT ${SUMMARY} FROM orders WHERE order_id IN (
         SELECT order_id ${page.from} ORDER BY received ${direction}, order_id ${direction} LIMIT ?)
       ORDER BY received DESC, order_id DESC`,
      ...page.values,
      limit,
    )
    .toArray()
    .map(toSummary);
  const count = `SELECT COUNT(*) AS count FROM (SELECT 1 ${all.from} LIMIT ?)`;
  return { orders, matching: sql.exec<{ count: number }>(count, ...all.values, COUNTED + 1).one().count };
}

/** `FROM … WHERE …` for the orders that match, on whatever page. */
function matching({ state, reason, prefix, from, to }: ListFilter, held: number) {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const add = (condition: string, ...more: (string | number)[]) => {
    conditions.push(condition);
    values.push(...more);
  };
  let index: string | null = "orders_received";
  add("received BETWEEN ? AND ?", from, to);
  if (state !== null) {
    const walk = state === "held" && held > MOST_SORTED ? AMONG_ALL : WALKS[state];
    index = walk.index;
    add(["state = ?", ...walk.conditions].join(" AND "), state);
  }
  if (reason !== null) {
    index = "orders_reason";
    add("reason = ? AND reason IS NOT NULL", reason);
  }
  if (prefix !== "") {
    // The primary key is walked.
    index = null;
    add("order_id >= ? AND order_id < ?", prefix, `${prefix}\u{10FFFF}`);
  }
  return {
    add,
    values,
    get from() {
      return `FROM orders ${index === null ? "" : `INDEXED BY ${index}`} WHERE ${conditions.join(" AND ")}`;
    },
  };
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

/** The orders that go by `id`: its own order, and those that Trustpilot knows under it. */
export function ordersNamed(sql: SqlStorage, id: string): OrderSummary[] {
  return sql
    .exec<SqlSummary>(
      `SELECT ${SUMMARY} FROM orders
       WHERE order_id IN (SELECT ?1 UNION SELECT order_id FROM aliases WHERE alias = ?1 LIMIT ${MOST_NAMED})`,
      id,
    )
    .toArray()
    .map(toSummary);
}

/** The latest orders of the customer with this hash. */
export function ordersOf(sql: SqlStorage, hash: string): OrderSummary[] {
  return sql
    .exec<SqlSummary>(
      `SELECT ${SUMMARY} FROM orders WHERE order_id IN (SELECT order_id FROM customers WHERE hash = ?)
       ORDER BY received DESC LIMIT 100`,
      hash,
    )
    .toArray()
    .map(toSummary);
}

/** Different orders of one ledger with the same reference. */
const MOST_NAMED = 20;

const SUMMARY = "order_id, state, reason, received, updated, due, attempts";

function toSummary({ order_id, ...summary }: SqlSummary): OrderSummary {
  return { orderId: order_id, ...summary };
}

type SqlSummary = Omit<OrderSummary, "orderId"> & { order_id: string };
