/** An order's row in SQLite and back: structures become JSON. docs/storage.md says what each column is for. */
import type { HistoryEntry, Order, OrderState, Reason } from "../domain/order.ts";
import type { PartialRefund } from "../domain/refund.ts";
import type { OrderRow } from "../domain/row.ts";

/** A row as SQLite has it. */
export type SqlRow = {
  order_id: string;
  sent_order_id: string | null;
  state: OrderState;
  reason: Reason | null;
  received: number | null;
  updated: number;
  due: number | null;
  since: number | null;
  attempts: number;
  resends: number;
  faults: number;
  refunds: string | null;
  noted_for: string | null;
  erased: number | null;
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

/** The columns of those fields that are there. */
export function toSql(row: Partial<OrderRow>): Record<string, SqlStorageValue> {
  const columns: Record<string, SqlStorageValue> = {};
  for (const [field, value] of Object.entries(row)) {
    if (field === "damaged" || value === undefined) continue;
    const column = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    columns[column] =
      typeof value === "object" && value !== null ? JSON.stringify(value) : (value as SqlStorageValue);
  }
  return columns;
}
