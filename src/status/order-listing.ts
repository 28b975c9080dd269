/** Lists of orders across all ledgers: one page of them, or all. */
import type { OrderSummary } from "../domain/row.ts";
import { callLedger, ledgersOf } from "../bindings/objects.ts";
import { ledgerNames } from "../domain/shard.ts";
import { writeCursor, type Position } from "../ledger/cursor.ts";
import { COUNTED, type ListFilter, type ListPage } from "../ledger/order-list.ts";

export interface OrderListing {
  orders: OrderSummary[];
  /** Cursors of the pages with older and with newer orders; `null` at either end. */
  older: string | null;
  newer: string | null;
  /** How many orders match on all pages; with `more`, at least so many. */
  matching: { count: number; more: boolean };
}

/** The newest orders that match, or those next to the position in `filter`. */
export async function listPage(env: Env, filter: ListFilter): Promise<OrderListing> {
  const { limit, before, after } = filter;
  const ofEach = await listFewOfEach(env, filter);
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

/**
 * As many of each ledger's orders as the page takes, and one more, which tells whether there is another page. Orders are
 * spread evenly: a page has a few of each ledger, and only one with more is asked for as many as could be on it.
 */
async function listFewOfEach(env: Env, filter: ListFilter): Promise<ListPage[]> {
  const all = filter.limit + 1;
  const names = ledgerNames(ledgersOf(env));
  const mean = all / names.length;
  const few = Math.min(all, Math.ceil(mean + 2 * Math.sqrt(mean)));
  const list = (name: string, limit: number) =>
    callLedger(env, name, (ledger) => ledger.list({ ...filter, limit }) as Promise<ListPage>);
  const ofEach = await Promise.all(names.map((name) => list(name, few)));
  const ranked = ofEach.flatMap(({ orders }) => orders).toSorted(newestFirst);
  const onPage = new Set(filter.after ? ranked.slice(-all) : ranked.slice(0, all));
  return Promise.all(
    ofEach.map(async (page, index) => {
      const isCut =
        few < all && page.orders.length === few && page.orders.every((order) => onPage.has(order));
      return isCut ? list(names[index]!, all) : page;
    }),
  );
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
