/**
 * The order exports of shop systems: which column is which, and which orders are invited.
 *
 * - Shopify: Orders › Export. One row for each product; all but the first have only the order's name and the product.
 * - WooCommerce: "Advanced Order Export" with its default columns, and "Customer/Order/Coupon Export" in its formats
 *   Default, Default – One Row per Item and CSV Import. With one row for each product, all repeat the order.
 * - Magento 2: Sales › Orders › Export, the grid as it is shown.
 */
import type { Field } from "./fields.ts";

export interface ShopExport {
  title: string;
  /** Headers that together tell this export from others. */
  signatures: string[][];
  /** The columns in which a field may be; the first that holds a value counts. */
  columns: Partial<Record<Field, string[]>>;
  /** The statuses of orders that are invited. */
  invited: string[];
  /** What to do when a column is missing. */
  advice?: Partial<Record<Field, string>>;
}

export type ExportName = keyof typeof EXPORTS;

export const EXPORTS = {
  shopify: {
    title: "Shopify's order export",
    signatures: [["Name", "Email", "Financial Status", "Created at", "Lineitem name"]],
    columns: {
      order_id: ["Name"],
      email: ["Email"],
      name: ["Billing Name", "Shipping Name"],
      total: ["Total"],
      currency: ["Currency"],
      timestamp: ["Created at"],
      status: ["Financial Status"],
      cancelled: ["Cancelled at"],
      product_name: ["Lineitem name"],
      product_sku: ["Lineitem sku"],
      product_price: ["Lineitem price"],
      product_brand: ["Vendor"],
    },
    invited: ["paid", "partially_refunded"],
  },
  woocommerce: {
    title: "WooCommerce's order export",
    signatures: [
      ["Order Number", "Order Status", "Order Date", "Email (Billing)"],
      ["order_id", "status", "date", "billing_email"],
      ["id", "status", "created_at", "billing_email"],
    ],
    columns: {
      // Plugins for order numbers fill the first two; without them the number is the id.
      order_id: ["order_number_formatted", "order_number", "order_id", "id"],
      email: ["Email (Billing)", "billing_email"],
      name: ["First Name (Billing)", "billing_first_name", "Full Name (Billing)"],
      surname: ["Last Name (Billing)", "billing_last_name"],
      total: ["Order Total Amount", "order_total", "total"],
      currency: ["Order Currency", "Currency"],
      timestamp: ["Order Date", "date", "created_at"],
      status: ["Order Status", "status"],
      product_name: ["Item Name", "Product Name"],
      product_sku: ["SKU", "item_sku"],
      product_price: ["Item Cost", "item_price"],
      product_id: ["Product Id", "item_product_id"],
      line_items: ["line_items"],
    },
    invited: ["completed", "processing"],
  },
  magento: {
    title: "Magento's order grid",
    signatures: [["ID", "Purchase Date", "Bill-to Name", "Status"]],
    columns: {
      order_id: ["ID"],
      email: ["Customer Email"],
      name: ["Bill-to Name", "Customer Name"],
      total: ["Grand Total (Purchased)"],
      timestamp: ["Purchase Date"],
      status: ["Status"],
    },
    invited: ["complete", "processing"],
    advice: { email: "In Magento, show the column Customer Email in the order grid and export it again." },
  },
} satisfies Record<string, ShopExport>;

/** The export whose columns these are; `null` when that is not clear. */
export function recognize(columns: readonly string[]): ExportName | null {
  const names = new Set(columns.map(fold));
  const found = (Object.keys(EXPORTS) as ExportName[]).filter((name) =>
    EXPORTS[name].signatures.some((signature) => signature.every((column) => names.has(fold(column)))),
  );
  return found.length === 1 ? found[0]! : null;
}

/** How two spellings of a name are compared: `Créé le`, `cree_le` and `CreeLe` are one. */
export function fold(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}
