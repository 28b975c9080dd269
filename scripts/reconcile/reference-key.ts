import { orderIdentity } from "../../src/domain/order-identity.ts";
import { toReferenceId } from "../../src/trustpilot/reference-id.ts";

/** What an order id and the reference that Trustpilot has of it have in common: `#1001` is `1001` there, `A*1` is `A-1`. */
export function referenceKey(orderId: string): string {
  return toReferenceId(orderIdentity(orderId));
}
