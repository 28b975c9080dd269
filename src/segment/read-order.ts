/** Reads an order out of an `Order Completed`, v1 or v2. */
import type { Order } from "../domain/order.ts";
import { asCurrency, asNumber, asText, asTime } from "../lib/json.ts";
import { readCustomer } from "./customer.ts";
import { readProducts } from "./products.ts";
import type { SegmentEvent } from "./segment-event.ts";

/** `null` without an address to invite at: the one thing that an order cannot do without. */
export function readOrder(event: SegmentEvent, orderId: string): Order | null {
  const customer = readCustomer(event);
  if (customer.email === undefined) return null;
  const { root, properties } = event;
  return {
    orderId,
    email: customer.email,
    name: [asText(properties("name")), asText(properties("surname"))].filter(Boolean).join(" "),
    total: asNumber(properties("total")) ?? null,
    currency: asCurrency(properties("currency")) ?? null,
    products: readProducts(properties("products")),
    customer,
    orderedAt: asTime(root("timestamp")) ?? asTime(root("originalTimestamp")),
  };
}
