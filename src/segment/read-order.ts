/** Reads an order out of an `Order Completed`, v1 or v2. */
import type { Order } from "../domain/order.ts";
import { readCustomer } from "./customer.ts";
import { readLocale } from "./locale.ts";
import { readName } from "./name.ts";
import { readProducts } from "./products.ts";
import type { SegmentEvent } from "./segment-event.ts";
import { readTotal } from "./total.ts";

/** `null` without an address to invite at: the one thing that an order cannot do without. */
export function readOrder(
  event: SegmentEvent,
  ids: Pick<Order, "orderId" | "sentOrderId">,
  orderedAt: number | null,
): Order | null {
  const customer = readCustomer(event);
  if (customer.email === undefined) return null;
  const { properties, context } = event;
  const locale = readLocale(properties("locale")) ?? readLocale(context("locale"));
  return {
    ...ids,
    email: customer.email,
    name: readName(event),
    ...readTotal(event),
    products: readProducts(properties("products")),
    ...(locale !== undefined && { locale }),
    customer,
    orderedAt,
  };
}
