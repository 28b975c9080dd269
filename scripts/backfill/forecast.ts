/** What would become of the orders of a file: the Worker's own reading of each, without the Worker. */
import type { ShopConfigs } from "../../src/config/check-shops.ts";
import { describeReason } from "../../src/domain/reasons.ts";
import { readOrderId } from "../../src/segment/order-id.ts";
import { routeEvent } from "../../src/segment/routing.ts";
import type { Columns } from "./columns.ts";
import { toOutgoing, type EventOptions, type Outgoing } from "./events.ts";
import { readOrders } from "./orders.ts";
import type { Input } from "./row.ts";
import { SeenIds } from "./seen-ids.ts";

/** The default shop first. */
type Shops = Extract<ShopConfigs, { ok: true }>["shops"];

/** `repeated`: more rows of an order that is already counted. */
type Kind = "invited" | "skipped" | "ignored" | "rejected" | "left out" | "repeated";

/** How many orders would have each fate, with the line of the first. */
export type Forecast = { kind: Kind; reason: string; orders: number; firstLine: number }[];

const ORDER: Kind[] = ["invited", "skipped", "ignored", "left out", "repeated", "rejected"];

/** @param now in ms @param onRows is told the number of rows now and then */
export async function forecast(
  input: Input,
  columns: Columns,
  options: EventOptions,
  { shops, now }: { shops: Shops; now: number },
  onRows: (rows: number) => void,
): Promise<Forecast> {
  const fates = new Map<string, Forecast[number]>();
  const seen = new SeenIds();
  let rows = 0;
  for await (const order of readOrders(input, columns)) {
    rows += order.rows;
    if (rows % 5000 < order.rows) onRows(rows);
    const outgoing = toOutgoing(order, options);
    const fate: OrderFate = outgoing.kind === "event" ? fateOf(outgoing.event, shops, now) : outgoing;
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

function fateOf(event: object, shops: Shops, now: number): OrderFate {
  const [{ shop, event: parsed }] = routeEvent(event, shops, now);
  switch (parsed.kind) {
    case "order":
      return parsed.skip === null
        ? { kind: "invited", reason: "" }
        : { kind: "skipped", reason: describeReason(parsed.skip, shop.config.rules) };
    case "skipped":
    case "rejected":
    case "ignored":
      return { kind: parsed.kind, reason: parsed.message };
    case "cancellation":
    case "membership":
    case "deletion":
      return { kind: "ignored", reason: `Not an order but a ${parsed.kind}, which would be carried out.` };
  }
}
