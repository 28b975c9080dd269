/**
 * Products as shops really send them. A product never costs the invitation: what cannot be used is left out,
 * field by field, and an order of any size stays far below the 2 MB that one row of the Ledger can hold.
 */
import type { Product } from "../domain/order.ts";
import { asCurrency, asText, fieldsOf, isObject, type Fields } from "../lib/json.ts";
import { readMoney } from "../lib/money.ts";

const MAX_PRODUCTS = 100;
const MAX_URL = 2048;

export function readProducts(value: unknown): Product[] {
  const products: Product[] = [];
  // Some platforms send a single product without a list around it.
  for (const raw of Array.isArray(value) ? value.slice(0, MAX_PRODUCTS) : [value]) {
    const product = isObject(raw) ? readProduct(fieldsOf(raw)) : null;
    if (product !== null) products.push(product);
  }
  return products;
}

/** `null` when nothing of it can be used. */
function readProduct(raw: Fields): Product | null {
  const product: Product = {};
  let isEmpty = true;
  for (const [field, key, read] of FIELDS) {
    const value = read(raw(key));
    if (value === undefined) continue;
    product[field] = value as never;
    isEmpty = false;
  }
  return isEmpty ? null : product;
}

/** Where each field is in Segment's spec, and how it is read; of two places the later one counts more. */
const FIELDS: [keyof Product, string, (value: unknown) => string | number | undefined][] = [
  // v1
  ["productId", "id", asText],
  ["productId", "product_id", asText],
  ["sku", "sku", asText],
  ["gtin", "gtin", asText],
  ["mpn", "mpn", asText],
  ["name", "product_name", asText],
  ["name", "name", asText],
  ["brand", "brand", asText],
  ["manufacturer", "manufacturer", asText],
  ["productUrl", "url", readUrl],
  ["imageUrl", "image_url", readUrl],
  ["currency", "price", (price) => readMoney(price)?.currency ?? undefined],
  ["price", "price", (price) => readMoney(price)?.amount],
  ["currency", "currency", asCurrency],
  ["category", "category", asText],
  ["description", "description", (value) => asText(value, 1000)],
];

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
