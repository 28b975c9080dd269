import type { Reason } from "../domain/order.ts";
import { ended, type OrderRow } from "../domain/row.ts";
import type { OrderTable } from "./table.ts";

/**
 * Takes an order out of the outbox as far as its state allows, and its personal data with it.
 *
 * @param erased because the customer is deleted: this stays on record beside the state
 */
export function withdraw(
  table: OrderTable,
  row: OrderRow,
  reason: Reason,
  now: number,
  erased = false,
): void {
  const mark = erased ? { erased: now } : {};
  // The request is in flight: noted, and carried out if it fails.
  if (row.state === "sending") {
    const entries = row.reason === null ? [{ what: "cancel-noted", reason } as const] : [];
    table.update(row, now, { reason, ...mark }, ...entries);
  }
  // It may have been invited: that doubt stays on record, and it cannot be sent again.
  else if (row.state === "unknown") table.update(row, now, { ...ended("unknown", row.reason), ...mark });
  else table.update(row, now, { ...ended("cancelled", reason), ...mark }, { what: "cancelled", reason });
}
