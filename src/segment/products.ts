/**
 * Products as shops really send them. A product never costs the invitation: what cannot be used is left out,
 * field by field, and an order of any size stays far below the 2 MB that one row of the Ledger can hold.
 */
import type { Product } from "../orders/order.ts";
import { asCurrency, asNumber, asText, isObject, own, type JsonObject } from "./json.ts";

const MAX_PRODUCTS = 100;
const MAX_URL = 2048;

export function readProducts(value: unknown): Product[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, MAX_PRODUCTS)
    .filter(isObject)
    .map(readProduct)
    .filter((product) => Object.keys(product).length > 0);
}

function readProduct(raw: JsonObject): Product {
  const product = {
    // v1 calls it `id`.
    productId: asText(own(raw, "product_id")) ?? asText(own(raw, "id")),
    sku: asText(own(raw, "sku")),
    gtin: asText(own(raw, "gtin")),
    mpn: asText(own(raw, "mpn")),
    name: asText(own(raw, "name")),
    brand: asText(own(raw, "brand")),
    manufacturer: asText(own(raw, "manufacturer")),
    productUrl: readUrl(own(raw, "url")),
    imageUrl: readUrl(own(raw, "image_url")),
    price: asNumber(own(raw, "price")),
    currency: asCurrency(own(raw, "currency")),
    category: asText(own(raw, "category")),
    description: asText(own(raw, "description"), 1000),
  };
  return Object.fromEntries(Object.entries(product).filter(([, field]) => field !== undefined));
}

/**
 * An absolute web address, written the way a browser would: `https:///www.example.com/a.jpg`, which Segment's
 * own sample event has, becomes `https://www.example.com/a.jpg`. What no browser could open is left out.
 */
function readUrl(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > MAX_URL) return undefined;
  const url = URL.parse(value.trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.username + url.password !== "") return undefined;
  return url.href.length <= MAX_URL ? url.href : undefined;
}
