/** Lists of orders across all ledgers: one page of them, or all. */
import type { OrderSummary } from "../domain/row.ts";
import { callLedger, ledgersOf } from "../bindings/objects.ts";
import { ledgerNames } from "../domain/shard.ts";
import { writeCursor, type Position } from "../ledger/cursor.ts";
import { COUNTED, type ListFilter, type ListPage } from "../ledger/order-list.ts";
import { askAll } from "./ledgers.ts";

export interface OrderPage {
  orders: OrderSummary[];
  /** Cursors of the pages with older and with newer orders; `null` at either end. */
  older: string | null;
  newer: string | null;
  /** How many orders match on all pages; with `more`, at least so many. */
  matching: { count: number; more: boolean };
}

/** The newest orders that match, or those next to the position in `filter`. */
export async function listPage(env: Env, filter: ListFilter): Promise<OrderPage> {
  const { limit, before, after } = filter;
  // One more than fits tells whether there is another page in that direction.
  const ofEach = await askAll(env, (ledger) => ledger.list({ ...filter, limit: limit + 1 }));
  const merged = ofEach.flatMap(({ orders }) => orders).toSorted(newestFirst);
  const orders = after ? merged.slice(-limit) : merged.slice(0, limit);
  const more = merged.length > limit;
  const cursorOf = (order: OrderSummary | undefined) => (order ? writeCursor(positionOf(order)) : null);
  return {
    orders,
    older: after !== null || more ? cursorOf(orders.at(-1)) : null,
    newer: before !== null || (after !== null && more) ? cursorOf(orders[0]) : null,
    matching: {
      count: ofEach.reduce((sum, { matching }) => sum + Math.min(matching, COUNTED), 0),
      more: ofEach.some(({ matching }) => matching > COUNTED),
    },
  };
}

/** Large enough that 100,000 orders take three calls to each ledger. */
const SLICE = 5_000;

/** All orders that match, the newest first, read as they are needed. */
export async function* allOrders(env: Env, filter: ListFilter): AsyncGenerator<OrderSummary> {
  const ledgers = ledgerNames(ledgersOf(env)).map((name) => readLedger(env, name, filter));
  const heads = await Promise.all(ledgers.map(nextOf));
  for (;;) {
    const [newest] = heads.filter((order) => order !== null).toSorted(newestFirst);
    if (newest === undefined) return;
    yield newest;
    const index = heads.indexOf(newest);
    heads[index] = await nextOf(ledgers[index]!);
  }
}

async function nextOf(ledger: AsyncGenerator<OrderSummary, void>): Promise<OrderSummary | null> {
  const next = await ledger.next();
  return next.done ? null : next.value;
}

async function* readLedger(env: Env, name: string, filter: ListFilter): AsyncGenerator<OrderSummary, void> {
  let { before } = filter;
  for (;;) {
    const slice = { ...filter, before, limit: SLICE };
    const { orders } = await callLedger(env, name, (ledger) => ledger.list(slice) as Promise<ListPage>);
    yield* orders;
    if (orders.length < SLICE) return;
    before = positionOf(orders.at(-1)!);
  }
}

/** The same order as SQLite's within a ledger, so that pages neither repeat nor skip an order. */
function newestFirst(a: OrderSummary, b: OrderSummary): number {
  return b.received! - a.received! || compareBytes(b.orderId, a.orderId);
}

/** Compares as SQLite does: by UTF-8 bytes, where JavaScript compares UTF-16 units. */
function compareBytes(a: string, b: string): number {
  const [x, y] = [encoder.encode(a), encoder.encode(b)];
  const at = x.findIndex((byte, index) => byte !== y[index]);
  return at === -1 ? x.length - y.length : x[at]! - (y[at] ?? -1);
}

const encoder = new TextEncoder();

/** @param order of a list, so received */
function positionOf({ received, orderId }: OrderSummary): Position {
  return { received: received!, orderId };
}
