/** What would become of the orders of a file: the Worker's own reading of each, without the Worker. */
import { readOrderId } from "../../src/segment/order-id.ts";
import type { Fate, Rules, Vars } from "../lib/rules.ts";
import type { Columns } from "./columns.ts";
import { toOutgoing, type EventOptions, type Outgoing } from "./events.ts";
import { readOrders } from "./orders.ts";
import type { Input } from "./row.ts";
import { SeenIds } from "./seen-ids.ts";

/** `repeated`: more rows of an order that is already counted. */
type Kind = Fate["kind"] | "left out" | "repeated";

/** How many orders would have each fate, with the line of the first. */
export type Forecast = { kind: Kind; reason: string; orders: number; firstLine: number }[];

const ORDER: Kind[] = ["invited", "skipped", "ignored", "left out", "repeated", "rejected"];

/** @param settings without problems @param now in ms @param onRows is told the number of rows now and then */
export async function forecast(
  input: Input,
  columns: Columns,
  options: EventOptions,
  { rules, settings, now }: { rules: Rules; settings: Vars; now: number },
  onRows: (rows: number) => void,
): Promise<Forecast> {
  const fates = new Map<string, Forecast[number]>();
  const seen = new SeenIds();
  let rows = 0;
  for await (const order of readOrders(input, columns)) {
    rows += order.rows;
    if (rows % 5000 < order.rows) onRows(rows);
    const outgoing = toOutgoing(order, options);
    const fate = fateOf(outgoing, (event) => rules.fateOf(event, settings, now));
    const { kind, reason, group = reason } = isRepeated(outgoing, fate, seen) ? REPEATED : fate;
    const key = `${kind} ${group}`;
    const known = fates.get(key);
    if (known) known.orders += 1;
    else fates.set(key, { kind, reason, orders: 1, firstLine: order.line });
  }
  return [...fates.values()].toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

interface OrderFate {
  kind: Kind;
  reason: string;
  /** What it is counted by, when not by its reason. */
  group?: string;
}

const REPEATED: OrderFate = { kind: "repeated", reason: "" };

/** An order that is rejected does not keep a later one of the same id from being sent. */
function isRepeated({ orderId }: Outgoing, { kind }: OrderFate, seen: SeenIds): boolean {
  if (kind === "rejected") return false;
  const id = readOrderId(orderId);
  return id.ok && !seen.add(id.orderId);
}

function fateOf(outgoing: Outgoing, fateOfEvent: (event: object) => Fate): OrderFate {
  return outgoing.kind === "event" ? fateOfEvent(outgoing.event) : outgoing;
}
