import type { OrderRow } from "../domain/row.ts";
import type { Database } from "./database.ts";
import { fromSql, type SqlRow } from "./sql-row.ts";

/** Orders that are read at a time: a few ms. */
export const SLICE = 250;

/** A place among the open orders: those that are out or can be acted on come first, then those that wait. */
interface OpenPosition {
  held: boolean;
  due: number;
  orderId: string;
}

export const OPEN_START: OpenPosition = { held: false, due: -1, orderId: "" };

/** All open orders in slices, between which the ledger does its other work. Those that wait come last. */
export async function* openSlices(sql: Database): AsyncGenerator<OrderRow[]> {
  let position: OpenPosition | null = OPEN_START;
  while (position !== null) {
    const rows: OrderRow[] = openSlice(sql, position);
    const last: OrderRow | undefined = rows[SLICE - 1];
    position = last ? { held: last.state === "held", due: last.due!, orderId: last.orderId } : null;
    yield rows;
    await scheduler.wait(0);
  }
}

/**
 * Up to `SLICE` open orders after `position`, so that all can be read in slices while they go on changing. An order
 * that is not changed meanwhile is read exactly once.
 */
export function openSlice(sql: Database, { held, due, orderId }: OpenPosition): OrderRow[] {
  const read = (index: string, condition: string, from: [number, string], limit: number) =>
    sql
      .exec<SqlRow>(
        `SELECT * FROM orders INDEXED BY ${index} WHERE ${condition} AND (due, order_id) > (?, ?)
         ORDER BY due, order_id LIMIT ?`,
        ...from,
        limit,
      )
      .toArray()
      .map(fromSql);
  const open = held ? [] : read("orders_open", "due IS NOT NULL AND state <> 'held'", [due, orderId], SLICE);
  const left = SLICE - open.length;
  if (left === 0) return open;
  return [...open, ...read("orders_held", "state = 'held'", held ? [due, orderId] : [-1, ""], left)];
}
