import { orderIdentity } from "../domain/order-identity.ts";
import { hash32 } from "../lib/hash.ts";
import { INVISIBLE_FORMAT } from "../lib/invisible.ts";

/**
 * The order number as the customer knows it: without invisible characters, and without control characters and those
 * that Trustpilot's support names as breaking the review link (`# * + " % &`).
 *
 * @param orderId as the sender wrote it
 */
export function toReferenceId(orderId: string): string {
  const cleaned = orderId
    .replace(INVISIBLE_FORMAT, "")
    .replace(/[#*+"%&\p{Cc}\u2028\u2029]+/gu, "-")
    .replace(/^[-\s]+|[-\s]+$/g, "");
  return cleaned === "" ? `order-${hash32(orderId)}` : cleaned;
}

/** What an order is called at Trustpilot, in the form of an identity; `null` when that is its own id. */
export function aliasOf(orderId: string, sentOrderId: string | null): string | null {
  const reference = orderIdentity(toReferenceId(sentOrderId ?? orderId));
  return reference === orderId ? null : reference;
}
