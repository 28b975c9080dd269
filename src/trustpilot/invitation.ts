/**
 * An order as Trustpilot's invitation: the one mapping between the two sides.
 *
 * Only fields that Trustpilot's own plugins send. `locale`, `templateId`, `tags` and the like belong to other
 * interfaces of Trustpilot and are not sent.
 */
import { hash32 } from "../lib/hash.ts";
import type { Order, Product } from "../domain/order.ts";

export interface Invitation {
  recipientEmail: string;
  recipientName: string;
  referenceId: string;
  source: string;
  totalCost?: number;
  currency?: string;
  products?: InvitationProduct[];
  productSkus?: string[];
}

export type InvitationProduct = Omit<Product, "category"> & { categories?: string[] };

/** What Trustpilot's official JavaScript integration calls itself; a key for this interface is one of those. */
const SOURCE = "InvitationScript";

export function toInvitation(order: Order): Invitation {
  const products = order.products.map(toInvitationProduct);
  return {
    recipientEmail: order.email,
    recipientName: order.name,
    referenceId: toReferenceId(order.orderId),
    source: SOURCE,
    ...(order.total !== null && { totalCost: order.total }),
    ...(order.currency !== null && { currency: order.currency }),
    ...(products.length > 0 && { products, productSkus: skusOf(products) }),
  };
}

/** The same with the two product fields always present, for the answer 202 "request to send products & skus". */
export function withProducts(invitation: Invitation): Invitation {
  return { products: [], productSkus: [], ...invitation };
}

/** What a person may see of an invitation: everything but who gets it. */
export function withoutPersonalData(
  invitation: Invitation,
): Omit<Invitation, "recipientEmail" | "recipientName"> {
  const { recipientEmail: _email, recipientName: _name, ...rest } = invitation;
  return rest;
}

/**
 * The order number as the customer knows it, without the characters that Trustpilot's support names as breaking
 * the review link (`# * + " % &`) and without control characters. The order's identity stays the raw id.
 */
export function toReferenceId(orderId: string): string {
  const cleaned = orderId.replace(/[#*+"%&\p{Cc}\u2028\u2029]+/gu, "-").replace(/^-+|-+$/g, "");
  return cleaned.trim() === "" ? `order-${hash32(orderId)}` : cleaned;
}

function toInvitationProduct({ category, ...product }: Product): InvitationProduct {
  return category === undefined ? product : { ...product, categories: [category] };
}

/** Parallel to the products: a product without a SKU keeps its place. */
function skusOf(products: InvitationProduct[]): string[] {
  return products.map(({ sku, productId }) => sku ?? productId ?? "");
}
