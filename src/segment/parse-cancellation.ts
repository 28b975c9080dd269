/** Orders that are cancelled or refunded, and how much goes back. */
import { readMoney } from "../lib/money.ts";
import { isPlaceholder } from "../lib/placeholder.ts";
import { readOrderId } from "./order-id.ts";
import { rejected, type ParsedEvent, type Refund } from "./parsed-event.ts";
import type { SegmentEvent } from "./segment-event.ts";

export function parseCancellation(event: SegmentEvent): ParsedEvent {
  const id = readOrderId(event.properties("order_id"));
  return id.ok
    ? {
        kind: "cancellation",
        type: "track",
        orderId: id.orderId,
        reason: "order_cancelled",
        refund: { amount: "all" },
      }
    : rejected("track", "order_id_unusable", `Order Cancelled ${id.problem}: nothing was cancelled.`);
}

export function parseRefund(event: SegmentEvent): ParsedEvent {
  const id = readOrderId(event.properties("order_id"));
  return id.ok
    ? {
        kind: "cancellation",
        type: "track",
        orderId: id.orderId,
        reason: "order_refunded",
        refund: refundOf(event),
      }
    : rejected("track", "order_id_unusable", `Order Refunded ${id.problem}: nothing was cancelled.`);
}

/** What names the refund goes first: `total` and `value` may be those of the order. */
const AMOUNTS = ["refund_amount", "refund_total", "refunded_amount", "total", "amount", "value", "revenue"];

/**
 * Without any amount the whole order is refunded, unless products say which part (Segment's spec). An amount that
 * cannot be read is a part: its customer is rather asked than lost.
 */
function refundOf({ properties }: SegmentEvent): Refund {
  const written = AMOUNTS.map(properties).filter(
    (value) => value !== undefined && !(typeof value === "string" && isPlaceholder(value)),
  );
  if (written.length === 0) return { amount: namesProducts(properties("products")) ? "part" : "all" };
  const money = readMoney(written[0]);
  return { amount: money === null ? "part" : Math.abs(money.amount) };
}

function namesProducts(products: unknown): boolean {
  return Array.isArray(products) ? products.length > 0 : products !== undefined;
}
