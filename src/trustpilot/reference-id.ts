import { hash32 } from "../lib/hash.ts";

/**
 * The order number as the customer knows it, without the characters that Trustpilot's support names as breaking
 * the review link (`# * + " % &`) and without control characters. The order's identity stays the raw id.
 */
export function toReferenceId(orderId: string): string {
  const cleaned = orderId.replace(/[#*+"%&\p{Cc}\u2028\u2029]+/gu, "-").replace(/^-+|-+$/g, "");
  return cleaned.trim() === "" ? `order-${hash32(orderId)}` : cleaned;
}
