/** What a column can be. The first row of names is the same that Segment uses. */
export const FIELDS = [
  "order_id", "email", "name", "surname", "total", "currency", "timestamp", "user_id", "affiliation",
  "status", "product_id", "product_name", "product_sku", "product_price", "product_brand",
] as const; // prettier-ignore

/** Those of shop exports that cannot be mapped: when an order was cancelled, and all its products in one cell. */
export type Field = (typeof FIELDS)[number] | "cancelled" | "line_items";

/** What an order of a file holds. */
export type Fields = Partial<Record<Field, unknown>>;
