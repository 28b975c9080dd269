/** Reads an order out of an `Order Completed`, v1 or v2, or says what a merchant has to mend. */
import type { Order } from "../orders/order.ts";
import { readCustomer } from "./customer.ts";
import { asCurrency, asNumber, asObject, asText, asTime, own, type JsonObject } from "./json.ts";
import { readOrderIdOf } from "./order-id.ts";
import { readProducts } from "./products.ts";

export type OrderReading =
  { ok: true; order: Order; warning?: string } | { ok: false; problem: string; orderId?: string };

/** @param name how the event is called in messages, e.g. "Order Completed" */
export function readOrder(event: JsonObject, name: string): OrderReading {
  const properties = asObject(own(event, "properties"));
  const id = readOrderIdOf(event);
  if (!id.ok)
    return { ok: false, problem: `${name} ${id.problem}: send a unique order_id in its properties.` };

  const customer = readCustomer(event);
  if (customer.email === undefined) {
    return {
      ok: false,
      orderId: id.orderId,
      problem: `${name} without an email: send the customer's address as properties.email (context.traits.email and traits.email are read too).`,
    };
  }
  const order: Order = {
    orderId: id.orderId,
    email: customer.email,
    name: [asText(own(properties, "name")), asText(own(properties, "surname"))].filter(Boolean).join(" "),
    total: asNumber(own(properties, "total")) ?? null,
    currency: asCurrency(own(properties, "currency")) ?? null,
    products: readProducts(own(properties, "products")),
    customer,
    orderedAt: asTime(own(event, "timestamp")) ?? asTime(own(event, "originalTimestamp")),
  };
  return id.warning === undefined ? { ok: true, order } : { ok: true, order, warning: id.warning };
}
