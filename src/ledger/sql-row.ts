/** An order's row in SQLite and back: structures become JSON. docs/storage.md says what each column is for. */
import type { HistoryEntry, Order } from "../domain/order.ts";
import type { PartialRefund } from "../domain/refund.ts";
import type { OrderRow } from "../domain/row.ts";

/** A row as SQLite has it: the plain columns are the fields themselves. */
export type SqlRow = Omit<
  OrderRow,
  "orderId" | "sentOrderId" | "refunds" | "notedFor" | "history" | "personal" | "damaged"
> & {
  order_id: string;
  sent_order_id: string | null;
  faults: number;
  refunds: string | null;
  noted_for: string | null;
  history: string;
  personal: string | null;
};

/** What cannot be read is left out, and the row is `damaged`. */
export function fromSql({
  order_id,
  sent_order_id,
  faults: _,
  refunds,
  noted_for,
  history,
  personal,
  ...row
}: SqlRow): OrderRow {
  const plain = { orderId: order_id, sentOrderId: sent_order_id, ...row };
  try {
    return {
      ...plain,
      refunds: refunds === null ? null : (JSON.parse(refunds) as PartialRefund[]),
      notedFor: noted_for === null ? null : (JSON.parse(noted_for) as number[]),
      history: JSON.parse(history) as HistoryEntry[],
      personal: personal === null ? null : (JSON.parse(personal) as Order),
    };
  } catch {
    return { ...plain, refunds: null, notedFor: null, history: [], personal: null, damaged: true };
  }
}

/** Where a column is not called as its field. */
const COLUMNS: Partial<Record<string, string>> = {
  orderId: "order_id",
  sentOrderId: "sent_order_id",
  notedFor: "noted_for",
};

/** The columns of those fields that are there. */
export function toSql(row: Partial<OrderRow>): Record<string, SqlStorageValue> {
  const columns: Record<string, SqlStorageValue> = {};
  for (const [field, value] of Object.entries(row)) {
    if (field === "damaged" || value === undefined) continue;
    columns[COLUMNS[field] ?? field] =
      typeof value === "object" && value !== null ? JSON.stringify(value) : (value as SqlStorageValue);
  }
  return columns;
}
