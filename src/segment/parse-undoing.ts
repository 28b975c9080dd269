/** Orders that are cancelled or refunded, and how much goes back. */
import type { CancelReason } from "../domain/operation.ts";
import type { Refund } from "../domain/refund.ts";
import { hash32 } from "../lib/hash.ts";
import { asText } from "../lib/json.ts";
import { readMoney } from "../lib/money.ts";
import { isPlaceholder } from "../lib/placeholder.ts";
import { readCustomer } from "./customer.ts";
import { readEventTime } from "./event-time.ts";
import { readOrderId } from "./order-id.ts";
import { rejected, type ParsedEvent } from "./parsed-event.ts";
import type { SegmentEvent } from "./segment-event.ts";

export function parseCancellation(event: SegmentEvent): ParsedEvent {
  return cancellation(event, "Order Cancelled", "order_cancelled", "all");
}

/** @param now in ms since 1970 */
export function parseRefund(event: SegmentEvent, now: number): ParsedEvent {
  return cancellation(event, "Order Refunded", "order_refunded", refundOf(event, now));
}

function cancellation(event: SegmentEvent, name: string, reason: CancelReason, refund: Refund): ParsedEvent {
  const type = "track";
  const id = readOrderId(event.properties("order_id"));
  return id.ok
    ? { kind: "cancellation", type, orderId: id.orderId, reason, refund, customer: readCustomer(event) }
    : rejected(type, "order_id_unusable", `${name} ${id.problem}: nothing was cancelled.`);
}

/** What names the refund goes first: `total` and `value` may be those of the order. */
const AMOUNTS = ["refund_amount", "refund_total", "refunded_amount", "total", "amount", "value", "revenue"];

/**
 * Without any amount the whole order is refunded, unless products say which part (Segment's spec). An amount that
 * cannot be read is a part: its customer is rather asked than lost.
 */
function refundOf(event: SegmentEvent, now: number): Refund {
  const { properties } = event;
  const written = AMOUNTS.map(properties).filter(
    (value) => value !== undefined && !(typeof value === "string" && isPlaceholder(value)),
  );
  if (written.length === 0) return namesProducts(properties("products")) ? "part" : "all";
  const money = readMoney(written[0]);
  if (money === null) return "part";
  const amount = Math.abs(money.amount);
  return { amount, key: refundKey(event, amount, now) };
}

/** By what an event that comes again is known: its `messageId`, or without one its amount and time. */
function refundKey(event: SegmentEvent, amount: number, now: number): number {
  const messageId = asText(event.root("messageId"));
  return hash32(messageId ?? `${amount} ${readEventTime(event, now).time}`);
}

function namesProducts(products: unknown): boolean {
  return Array.isArray(products) ? products.length > 0 : products !== undefined;
}
