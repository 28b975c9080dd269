import { OPEN_START, type OpenPosition, type OrderTable } from "./table.ts";
import type { OrderRow } from "../domain/row.ts";

/** Orders that are read at a time: a few ms. */
export const SLICE = 250;

/** All open orders in slices, between which the ledger does its other work. Those that wait come last. */
export async function* openSlices(table: OrderTable): AsyncGenerator<OrderRow[]> {
  let position: OpenPosition | null = OPEN_START;
  while (position !== null) {
    const rows: OrderRow[] = table.openSlice(position, SLICE);
    const last: OrderRow | undefined = rows[SLICE - 1];
    position = last ? { held: last.state === "held", due: last.due!, orderId: last.orderId } : null;
    yield rows;
    await scheduler.wait(0);
  }
}
