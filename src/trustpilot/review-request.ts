/**
 * What the Invitations API and the feedback e-mail can both be told about an order, before either's own spelling.
 * Fields without a value are `undefined`, which JSON leaves out.
 */
import type { TrustpilotConfig } from "../config/config.ts";
import type { Order, Product } from "../domain/order.ts";
import { DAY } from "../lib/time.ts";
import { toReferenceId } from "./reference-id.ts";

export interface ReviewRequest {
  referenceId: string;
  locale: string | undefined;
  senderName: string | undefined;
  senderEmail: string | undefined;
  replyTo: string | undefined;
  redirectUri: string | undefined;
  tags: readonly string[] | undefined;
  /** To review the shop. `sendAt` in ms; without one the account's own delay counts. */
  service: { templateId: string | undefined; sendAt: number | undefined };
  /** To review the products; must be sent after the other one. */
  product: { templateId: string; sendAt: number; products: ReviewedProduct[] } | undefined;
}

export type ReviewedProduct = { [Field in (typeof PRODUCT_FIELDS)[number]]?: string } & {
  sku: string;
  name: string;
};

const PRODUCT_FIELDS = ["sku", "name", "mpn", "gtin", "brand", "imageUrl", "productUrl"] as const;

/** Trustpilot's own delay, for when a time has to be named and no setting says it. */
const USUAL_DELAY = 7 * DAY;
const BETWEEN = DAY;

/** @param now in ms, from which the times to send are counted */
export function toReviewRequest(order: Order, settings: TrustpilotConfig, now: number): ReviewRequest {
  const { productTemplateId, sendAfterDays, tags } = settings;
  const products = productTemplateId === null ? [] : order.products.flatMap(toReviewedProduct);
  const withProducts = productTemplateId !== null && products.length > 0;
  const delay = sendAfterDays === null ? USUAL_DELAY : sendAfterDays * DAY;
  // Both times are named when there are two, so that they keep their order.
  const isTimed = sendAfterDays !== null || withProducts;
  return {
    referenceId: toReferenceId(order.sentOrderId ?? order.orderId),
    locale: order.locale ?? settings.locale ?? undefined,
    senderName: settings.senderName ?? undefined,
    senderEmail: settings.senderEmail ?? undefined,
    replyTo: settings.replyTo ?? undefined,
    redirectUri: settings.redirectUri ?? undefined,
    tags: tags ?? undefined,
    service: { templateId: settings.templateId ?? undefined, sendAt: isTimed ? now + delay : undefined },
    product: withProducts
      ? { templateId: productTemplateId, sendAt: now + delay + BETWEEN, products }
      : undefined,
  };
}

/** `2026-11-25T03:15:00`, UTC. */
export function toSeconds(time: number): string {
  return new Date(time).toISOString().slice(0, 19);
}

/** None for a product that Trustpilot could not tell from others. */
function toReviewedProduct(product: Product): ReviewedProduct[] {
  const sku = product.sku ?? product.productId;
  if (sku === undefined || product.name === undefined) return [];
  const known = PRODUCT_FIELDS.filter((field) => product[field] !== undefined);
  const fields = Object.fromEntries(known.map((field) => [field, product[field]]));
  return [{ ...fields, sku, name: product.name }];
}
