/**
 * Lists of one ledger's orders, for the status page. Every kind of filter has an index that it walks along until the
 * page is full: the cost depends on the page, and not on how many orders there are. The exceptions are filters that
 * hardly any of very many orders match: `invited` where nearly none is, or a reason with another state than its own.
 */
import type { OrderState, Reason } from "../domain/order.ts";
import type { OrderSummary } from "../domain/row.ts";
import { LONGEST_LEASE } from "./lease.ts";
import type { Database } from "./database.ts";
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
export function listOrders(sql: Database, filter: ListFilter, held: number): ListPage {
  const { before, after, limit } = filter;
  const source = sourceOf(sql, filter, held);
  const all = matching(source, filter);
  // The span ends at the cursor: what lies beyond it is not even walked past.
  const from = Math.max(filter.from, after?.received ?? 0);
  const page = matching(source, { ...filter, from, to: Math.min(filter.to, before?.received ?? Infinity) });
  if (before) page.add("(received, order_id) < (?, ?)", before.received, before.orderId);
  if (after) page.add("(received, order_id) > (?, ?)", after.received, after.orderId);
  const direction = after ? "ASC" : "DESC";
  // The inner query reads the index alone; only the page's own rows are fetched.
  const orders = sql
    .exec<Summary>(
      `SELECT ${SUMMARY} FROM orders WHERE order_id IN (
         SELECT order_id ${page.from} ORDER BY received ${direction}, order_id ${direction} LIMIT ?)
       ORDER BY received DESC, order_id DESC`,
      ...page.values,
      limit,
    )
    .toArray();
  return { orders, matching: source.matching ?? countUpTo(sql, COUNTED + 1, all.from, ...all.values) };
}

/** `FROM … WHERE …` for the orders that match, on whatever page. */
function matching(source: Source, { state, reason, prefix, from, to }: ListFilter) {
  const conditions = [...source.conditions];
  const values = [...source.values];
  const add = (condition: string, ...more: (string | number)[]) => {
    conditions.push(condition);
    values.push(...more);
  };
  add("received BETWEEN ? AND ?", from, to);
  if (state !== null) add("state = ?", state);
  if (reason !== null) add("reason = ?", reason);
  if (prefix !== "") add(...beginningWith(prefix));
  return {
    add,
    values,
    get from() {
      return `FROM ${source.table} WHERE ${conditions.join(" AND ")}`;
    },
  };
}

function countUpTo(sql: Database, most: number, from: string, ...values: (string | number)[]): number {
  const query = `SELECT COUNT(*) AS count FROM (SELECT 1 ${from} LIMIT ${most})`;
  return sql.exec<{ count: number }>(query, ...values).one().count;
}

/** So many held orders are sorted by their arrival; more are found among the latest orders of all. */
const MOST_SORTED = 1_000;
/** The same for orders whose ids begin alike, which are read one by one. */
const MOST_ALIKE = 2_000;

/** Along which index orders are found, and what SQLite must be told to see that it may. */
interface Source {
  table: string;
  conditions: readonly string[];
  values: readonly (string | number)[];
  /** How many match, where that is known without counting them. */
  matching?: number;
}

function sourceOf(sql: Database, { state, reason, prefix, from, to }: ListFilter, held: number): Source {
  if (prefix !== "") {
    const [condition, ...values] = beginningWith(prefix);
    const alike = `FROM orders WHERE ${condition} AND received IS NOT NULL`;
    const count = countUpTo(sql, MOST_ALIKE + 1, alike, ...values);
    // With the limit SQLite reads this first, along the primary key.
    const few = `(SELECT order_id, state, reason, received ${alike} LIMIT ${MOST_ALIKE})`;
    const isAll = state === null && reason === null && from <= 0 && to >= Number.MAX_SAFE_INTEGER;
    const known = isAll ? { matching: count } : {};
    if (count <= MOST_ALIKE) return { table: few, conditions: [], values, ...known };
    if (isAll) return { ...AMONG_ALL, ...known };
  }
  if (reason !== null) return along("orders_reason", "reason IS NOT NULL");
  if (state === null) return AMONG_ALL;
  return state === "held" && held > MOST_SORTED ? AMONG_ALL : WALKS[state](Date.now());
}

function beginningWith(prefix: string): [condition: string, first: string, end: string] {
  return ["order_id >= ? AND order_id < ?", prefix, `${prefix}\u{10FFFF}`];
}

function along(index: string, ...conditions: string[]): Source {
  return { table: `orders INDEXED BY ${index}`, conditions, values: [] };
}

const AMONG_ALL = along("orders_received");
const WITH_REASON = along("orders_state", "reason IS NOT NULL");

const WALKS: Record<OrderState, (now: number) => Source> = {
  held: () => along("orders_held", "state = 'held'"),
  // Failed and unknown orders are due in weeks: they are not walked past.
  sending: (now) =>
    along("orders_open", "due IS NOT NULL", "state <> 'held'", `due <= ${now + LONGEST_LEASE}`),
  // Most orders end here, so the next one is never far along the list of all.
  invited: () => AMONG_ALL,
  failed: () => WITH_REASON,
  unknown: () => WITH_REASON,
  cancelled: () => WITH_REASON,
  skipped: () => WITH_REASON,
  rejected: () => WITH_REASON,
};

/**
 * The orders that go by `id`: its own order, and those that Trustpilot knows under it. Also those that do in capital or in
 * small letters, which people do not mind when they write an id.
 */
export function ordersNamed(sql: Database, id: string): OrderSummary[] {
  return sql
    .exec<Summary>(
      `SELECT ${SUMMARY} FROM orders WHERE order_id IN (
         SELECT ?1 UNION ALL SELECT ?2 UNION ALL SELECT ?3 UNION ALL
         SELECT order_id FROM (SELECT order_id FROM aliases WHERE alias IN (?1, ?2, ?3) LIMIT ${MOST_NAMED}))`,
      id,
      id.toUpperCase(),
      id.toLowerCase(),
    )
    .toArray();
}

/** The latest orders of the customer with this hash. */
export function ordersOf(sql: Database, hash: string): OrderSummary[] {
  return sql
    .exec<Summary>(
      `SELECT ${SUMMARY} FROM orders WHERE order_id IN
         (SELECT order_id FROM customers WHERE hash = ? ORDER BY received DESC LIMIT 100)
       ORDER BY received DESC`,
      hash,
    )
    .toArray();
}

/** Different orders of one ledger with the same reference. */
const MOST_NAMED = 20;

/** As an `OrderSummary`. */
const SUMMARY = "order_id AS orderId, state, reason, received, updated, due, attempts";

/** As a type, because SQLite's rows are typed by an index, which an interface has none of. */
type Summary = Pick<OrderSummary, keyof OrderSummary>;
