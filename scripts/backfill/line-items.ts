/**
 * The products of a row: one in columns of its own, or all of the order in one cell, as WooCommerce's
 * "Customer/Order/Coupon Export" writes them: `id:1|name:Mug|sku:MUG-1;id:2|…` with `:`, `|` and `;` escaped by a
 * backslash, or the same as JSON.
 */
import type { Fields } from "./fields.ts";

type Item = Partial<Record<string, unknown>>;

export function readProducts(fields: Fields): object[] {
  const items =
    typeof fields.line_items === "string" ? readLineItems(fields.line_items) : [readColumns(fields)];
  return items.map(known).filter((item) => Object.keys(item).length > 0);
}

function readColumns(fields: Fields): Item {
  const { product_id, product_name, product_sku, product_price, product_brand } = fields;
  return { product_id, sku: product_sku, name: product_name, brand: product_brand, price: product_price };
}

function readLineItems(cell: string): Item[] {
  const items = cell.startsWith("[") ? parseJson(cell) : cell.split(/(?<!\\);/).map(toItem);
  return items.map(({ product_id, sku, name }) => ({ product_id, sku, name: plain(name) }));
}

/** What the plugin writes for a product that has been deleted says nothing. */
function known(item: Item): Item {
  const filled = Object.entries(item).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(
    filled.filter(([, value]) => value !== "unknown_product" && String(value) !== "0"),
  );
}

function toItem(text: string): Item {
  const pairs = text.split(/(?<!\\)\|/).map((pair): [string, string] => {
    const colon = pair.search(/(?<!\\):/);
    return [pair.slice(0, colon), pair.slice(colon + 1).replace(/\\([:|;])/g, "$1")];
  });
  return Object.fromEntries(pairs);
}

function parseJson(cell: string): Item[] {
  try {
    return (JSON.parse(cell) as unknown[]).filter(
      (item): item is Item => typeof item === "object" && item !== null,
    );
  } catch {
    return [];
  }
}

/** The plugin writes quotes inside JSON as entities. */
function plain(name: unknown): unknown {
  return typeof name === "string" ? name.replaceAll("&quot;", '"') : name;
}
