/**
 * A body without `type`: the *Data* of the mapping in Segment is not the whole event. An event that still has its
 * name is read as a track; properties alone are read as an order, unless they suggest that one was undone.
 */
import type { Config } from "../config/config.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { readMoney } from "../lib/money.ts";
import { isPlaceholder } from "../lib/placeholder.ts";
import { readCustomer } from "./customer.ts";
import { readOrderId } from "./order-id.ts";
import { parseOrder } from "./parse-order.ts";
import { parseTrack } from "./parse-track.ts";
import { rejected, type ParsedEvent } from "./parsed-event.ts";
import { openEvent } from "./segment-event.ts";

/** @param now in ms since 1970 */
export function parseUntyped(raw: JsonObject, config: Config, now: number): ParsedEvent {
  const whole = openEvent(raw);
  const event = isObject(whole.root("properties")) ? whole : openEvent({ ...raw, properties: raw });
  if (typeof whole.root("event") === "string") return parseTrack(event, config, now);
  const isOrder = readOrderId(event.properties("order_id")).ok && readCustomer(event).email !== undefined;
  if (isOrder && !suggestsUndoing(raw)) return parseOrder(event, config, now);
  const what = isOrder
    ? "whether it completes, cancels or refunds the order cannot be told"
    : "its type is missing";
  return rejected(
    "none",
    "type_missing",
    `Not an event: ${what}. In Segment, open the mapping of the webhook destination and set Data to the whole event ($event).`,
  );
}

const UNDONE = /refund|cancel|return|void|chargeback|storn/i;

/** `refund_amount`, `cancelled_at`, `status: "refunded"`, a total below zero. */
function suggestsUndoing(properties: JsonObject): boolean {
  return Object.entries(properties).some(([name, value]) => {
    if (isNothing(value)) return false;
    if (UNDONE.test(name)) return true;
    if (typeof value === "string" && /status|state|event|action|topic|type|kind|reason/i.test(name)) {
      return UNDONE.test(value);
    }
    return /total|revenue|amount|value/i.test(name) && (readMoney(value)?.amount ?? 0) < 0;
  });
}

function isNothing(value: unknown): boolean {
  if (typeof value === "string") return isPlaceholder(value) || Number(value) === 0;
  return value === null || value === false || value === 0 || (Array.isArray(value) && value.length === 0);
}
