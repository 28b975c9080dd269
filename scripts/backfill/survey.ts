/**
 * The first reading of a file: its fingerprint, its numbers, and a sample of what would be sent.
 *
 * Reading everything twice costs seconds for a million rows, and buys that a file which is broken at its end is
 * found before the first order goes out.
 */
import { createHash } from "node:crypto";
import type { Columns } from "./columns.ts";
import { toOutgoing, type EventOptions, type Outgoing } from "./events.ts";
import { readOrders } from "./orders.ts";
import type { Input } from "./row.ts";

export interface Survey {
  rows: number;
  sha256: string;
  /** How many orders would be sent. */
  orders: number;
  /** The first events that would be sent. */
  samples: object[];
  /** The first order ids that would be sent. */
  orderIds: string[];
}

const SAMPLES = 3;
const ORDER_IDS = 200;

/** @param onRows is told the number of rows now and then @throws UserError when the file cannot be read to its end */
export async function survey(
  input: Input,
  columns: Columns,
  options: EventOptions,
  onRows: (rows: number) => void,
): Promise<Survey> {
  const hash = createHash("sha256");
  const found: Omit<Survey, "sha256"> = { rows: 0, orders: 0, samples: [], orderIds: [] };
  for await (const order of readOrders(input, columns, 0, (chunk) => hash.update(chunk))) {
    const before = found.rows;
    found.rows += order.rows;
    if (Math.floor(found.rows / 5000) > Math.floor(before / 5000)) onRows(found.rows);
    count(toOutgoing(order, options), found);
  }
  return { ...found, sha256: hash.digest("hex") };
}

function count(outgoing: Outgoing, found: Omit<Survey, "sha256">): void {
  if (outgoing.kind !== "event") return;
  found.orders += 1;
  if (found.samples.length < SAMPLES) found.samples.push(outgoing.event);
  if (found.orderIds.length < ORDER_IDS) found.orderIds.push(outgoing.orderId);
}
