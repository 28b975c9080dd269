/**
 * An order as the invitation that Trustpilot's plugins send, and only with fields that they send: `locale`,
 * `templateId`, `tags` and the like belong to the other transports.
 */
import type { Order, Product } from "../../domain/order.ts";
import { toReferenceId } from "../reference-id.ts";

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

type InvitationProduct = Omit<Product, "category"> & { categories?: string[] };

/** What Trustpilot's official JavaScript integration calls itself; a key for this interface is one of those. */
const SOURCE = "InvitationScript";

export function toInvitation(order: Order): Invitation {
  const products = order.products.map(toInvitationProduct);
  return {
    recipientEmail: order.email,
    recipientName: order.name,
    referenceId: toReferenceId(order.sentOrderId ?? order.orderId),
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

function toInvitationProduct({ category, ...product }: Product): InvitationProduct {
  return category === undefined ? product : { ...product, categories: [category] };
}

/** Parallel to the products: a product without a SKU keeps its place. */
function skusOf(products: InvitationProduct[]): string[] {
  return products.map(({ sku, productId }) => sku ?? productId ?? "");
}
