/** Reads an order out of an `Order Completed`, v1 or v2. */
import type { Order } from "../domain/order.ts";
import { readCustomer } from "./customer.ts";
import { asCurrency, asNumber, asObject, asText, asTime, own, type JsonObject } from "../lib/json.ts";
import { readProducts } from "./products.ts";

/** `null` when there is no address to invite at: the one thing that cannot be done without. */
export function readOrder(event: JsonObject, orderId: string): Order | null {
  const customer = readCustomer(event);
  if (customer.email === undefined) return null;
  const properties = asObject(own(event, "properties"));
  return {
    orderId,
    email: customer.email,
    name: [asText(own(properties, "name")), asText(own(properties, "surname"))].filter(Boolean).join(" "),
    total: asNumber(own(properties, "total")) ?? null,
    currency: asCurrency(own(properties, "currency")) ?? null,
    products: readProducts(own(properties, "products")),
    customer,
    orderedAt: asTime(own(event, "timestamp")) ?? asTime(own(event, "originalTimestamp")),
  };
}
