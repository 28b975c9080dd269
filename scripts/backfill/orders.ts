/**
 * From rows to orders: adjacent rows of one order id are one order with several products.
 *
 * Only adjacent ones, so that a file of any size takes little memory. Rows of an order that stand elsewhere in the
 * file are an order of their own to the Worker, which answers that it is a duplicate: the products of the first rows
 * are the ones that are sent. A dry run counts such rows.
 */
import { readOrderId } from "../../src/segment/order-id.ts";
import type { Columns } from "./columns.ts";
import type { Field, Fields } from "./fields.ts";
import { readProducts } from "./line-items.ts";
import { mangled } from "./mangled-id.ts";
import { readRows } from "./input.ts";
import type { Input, Row } from "./row.ts";

/** `line`: where it begins. `rows`: how many rows of the file it takes. */
export type FileOrder = { line: number; rows: number } & (
  | { kind: "order"; fields: Fields; products: object[] }
  /** An event of Segment's, as from a warehouse or an archive. */
  | { kind: "event"; event: Record<string, unknown> }
  | { kind: "broken"; problem: string }
);

type Order = Extract<FileOrder, { kind: "order" }>;

/** More products than an invitation can hold are not kept. */
const MAX_PRODUCTS = 100;

/** @param skip how many rows an earlier run has done @param onBytes is told each chunk as it is read */
export async function* readOrders(
  input: Input,
  columns: Columns,
  skip = 0,
  onBytes: (chunk: Buffer) => void = () => {},
): AsyncGenerator<FileOrder> {
  let row = 0;
  let current: Order | null = null;
  for await (const read of readRows(input, onBytes)) {
    row += 1;
    if (row <= skip) continue;
    const next = toOrder(read, input, columns);
    if (next.kind === "order" && current !== null && belongsTo(next, current)) {
      add(next, current);
      continue;
    }
    if (current !== null) yield current;
    current = null;
    if (next.kind === "order" && input.format === "csv") current = next;
    else yield next;
  }
  if (current !== null) yield current;
}

function toOrder(row: Row, { format }: Input, columns: Columns): FileOrder {
  const { line } = row;
  if (row.kind === "broken") return { kind: "broken", line, rows: 1, problem: row.problem };
  const { record } = row;
  if (format === "ndjson" && typeof record["type"] === "string")
    return { kind: "event", line, rows: 1, event: record };
  const fields: Fields = {};
  for (const field of Object.keys(columns) as Field[]) {
    const value = valueOf(record, columns[field]!);
    if (value !== undefined) fields[field] = value;
  }
  return { kind: "order", line, rows: 1, fields, products: readProducts(fields) };
}

function valueOf(record: Record<string, unknown>, columns: readonly string[]): unknown {
  for (const column of columns) {
    const value = Object.hasOwn(record, column) ? record[column] : undefined;
    const filled = typeof value === "string" ? value.trim() : value;
    if (filled !== "" && filled !== null && filled !== undefined) return filled;
  }
  return undefined;
}

/** Rows without a usable id are never one order, except for a product that follows the row of its order. */
function belongsTo({ fields, products }: Order, current: Order): boolean {
  const id = fields.order_id;
  if (id === undefined) return products.length > 0 && Object.keys(fields).every(isOfProduct);
  const [a, b] = [readOrderId(id), readOrderId(current.fields.order_id)];
  return a.ok && b.ok && a.orderId === b.orderId && mangled(a.orderId) === null;
}

function isOfProduct(field: string): boolean {
  return field.startsWith("product_");
}

/** The first row counts that says something about the order. */
function add({ fields, products, rows }: Order, current: Order): void {
  current.fields = { ...fields, ...current.fields };
  current.rows += rows;
  if (current.products.length < MAX_PRODUCTS) current.products.push(...products);
}
