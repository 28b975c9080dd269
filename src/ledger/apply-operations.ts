/**
 * What the Ledger does with what Segment says: claim an order, cancel one, forget a customer. Synchronous, so each
 * operation is atomic, and several in one call keep their order.
 */
import { customerMarks } from "../domain/customer-marks.ts";
import type { Forgotten, Operation, OperationResult } from "../domain/operation.ts";
import type { HistoryEntry, Order } from "../domain/order.ts";
import { addRefund, isRefundedInFull } from "../domain/refund.ts";
import { holdsAddress } from "../lib/mask.ts";
import { ended, isClaimed, lacksData, type Change, type OrderRow } from "../domain/row.ts";
import type { CustomerHashes, CustomerIndex } from "./customer-index.ts";
import type { Duplicates } from "./duplicate-notes.ts";
import type { CustomerDeletions } from "./customer-deletions.ts";
import type { FoundAddresses } from "./found-addresses.ts";
import type { OrderTable } from "./table.ts";
import { withdraw } from "./withdraw.ts";

/** Consecutive deletions share one pass over the orders; this many fit in one row of `deletions`. */
const MOST_FORGOTTEN = 1_000;

interface RecordParts {
  table: OrderTable;
  deletions: CustomerDeletions;
  customers: CustomerIndex;
  addresses: FoundAddresses;
  duplicates: Duplicates;
}

/** One after the other. @param hashes of the customer of each @param time in ms */
export function applyOperations(
  parts: RecordParts,
  operations: readonly Operation[],
  hashes: readonly CustomerHashes[],
  time: number,
): OperationResult[] {
  const { table, deletions, customers, duplicates } = parts;
  const results: OperationResult[] = [];
  for (let index = 0; index < operations.length; index++) {
    const operation = operations[index]!;
    const now = deletions.timeFor((operation.kind === "claim" && operation.at) || time);
    switch (operation.kind) {
      case "claim": {
        const { orderId } = operation.order;
        const result = claim(table, operation, now);
        if (result.kind === "duplicate") duplicates.note(orderId, time);
        else customers.add(orderId, time, hashes[index]!);
        if (operation.at !== undefined) deletions.applyEarly(orderId, now);
        results.push(result);
        break;
      }
      case "cancel":
        results.push(cancel(table, operation, now));
        break;
      case "forget": {
        const forgotten = forgottenFrom(operations, index);
        for (const [place, erased] of deletions.add(forgotten, now).entries()) {
          results.push({ kind: "forgotten", ...erased });
          forgetIndexed(parts, forgotten[place]!, hashes[index + place]!, time);
        }
        index += forgotten.length - 1;
        break;
      }
      case "reject":
        results.push(reject(table, operation, now));
        break;
    }
  }
  return results;
}

/** What FIND_BY_EMAIL knows beyond the open orders: those of the address, and addresses of done ones. */
function forgetIndexed(
  { customers, deletions, addresses }: RecordParts,
  forgotten: Forgotten,
  hashes: CustomerHashes,
  now: number,
): void {
  const { found, at = now, everywhere = false } = forgotten;
  const { orderIds, emails } = customers.forget(hashes, found ? at : Infinity);
  deletions.addOrders(orderIds, forgotten, now);
  for (const address of emails) addresses.add({ address, everywhere, at });
}

function forgottenFrom(operations: readonly Operation[], start: number): Forgotten[] {
  const customers: Forgotten[] = [];
  for (let index = start; customers.length < MOST_FORGOTTEN; index++) {
    const operation = operations[index];
    if (operation?.kind !== "forget") break;
    customers.push(operation);
  }
  return customers;
}

function claim(table: OrderTable, claimed: Operation & { kind: "claim" }, now: number): OperationResult {
  const { order, skip, due, undated } = claimed;
  if (table.isRecentlyClaimed(order.orderId)) return { kind: "duplicate" };
  const change: Change =
    skip === null ? { state: "held", reason: null, due, personal: order } : ended("skipped", skip);
  const sentOrderId = order.sentOrderId ?? null;
  const history: HistoryEntry[] = [{ at: now, what: "received" }];
  if (undated) history.push({ at: now, what: "undated" });
  if (holdsAddress(sentOrderId ?? order.orderId)) history.push({ at: now, what: "address-in-id" });
  if (skip !== null) history.push({ at: now, what: "skipped", reason: skip });
  const answer: OperationResult = skip === null ? { kind: "accepted" } : { kind: "skipped", reason: skip };
  const arrived = { ...change, sentOrderId, received: now };
  if (table.insert({ ...NEW_ROW, ...arrived, orderId: order.orderId, updated: now, history })) return answer;

  const existing = table.find(order.orderId)!;
  if (existing.received !== null && !isClaimed(existing) && !existing.damaged) {
    table.update(existing, now, arrived, ...history);
    return answer;
  }
  if (existing.received !== null) return { kind: "duplicate" };
  // Cancelled or refunded before it arrived: events come out of order.
  if (!cancellationHolds(existing, order)) {
    table.update(existing, now, arrived, ...history);
    return answer;
  }
  table.update(existing, now, { sentOrderId, received: now }, { what: "received" });
  return { kind: "skipped", reason: existing.reason ?? "order_cancelled" };
}

const NEW_ROW = {
  sentOrderId: null,
  state: "held",
  reason: null,
  due: null,
  since: null,
  attempts: 0,
  resends: 0,
  refunds: null,
  notedFor: null,
  erased: null,
  personal: null,
} satisfies Partial<OrderRow>;

function cancel(
  table: OrderTable,
  { orderId, reason, refund, onlyOf }: Operation & { kind: "cancel" },
  now: number,
): OperationResult {
  const row = table.find(orderId);
  if (refund === "part") return { kind: "not-cancelled", why: "partial" };
  const refunds = refund === "all" ? null : addRefund(row?.refunds ?? null, refund);
  const notedFor = onlyOf === undefined ? null : customerMarks(onlyOf);
  if (notedFor?.length === 0 && (row === null || row.received === null)) return { kind: "no-order" };
  if (row === null) {
    const history: HistoryEntry[] = [{ at: now, what: "cancelled", reason }];
    const noted = { ...NEW_ROW, ...ended("cancelled", reason), received: null, refunds, notedFor };
    table.insert({ ...noted, orderId, updated: now, history });
    return { kind: "noted" };
  }
  if (row.state === "rejected") {
    const change = { ...ended("cancelled", reason), received: null, refunds };
    table.update(row, now, change, { what: "cancelled", reason });
    return { kind: "noted" };
  }
  if (row.received === null) {
    const marks = row.notedFor && notedFor && [...new Set([...row.notedFor, ...notedFor])];
    table.update(row, now, { refunds: row.refunds && refunds, notedFor: marks });
    return { kind: "noted" };
  }
  if (row.personal === null && !lacksData(row)) return { kind: "not-cancelled", why: row.state };
  if (refunds !== null && !isRefundedInFull(refunds, row.personal?.total ?? null)) {
    if (refunds !== row.refunds) table.update(row, now, { refunds });
    return { kind: "not-cancelled", why: "partial" };
  }
  withdraw(table, row, reason, now);
  if (row.state === "sending") return { kind: "in-flight" };
  return row.state === "unknown" ? { kind: "not-cancelled", why: "unknown" } : { kind: "cancelled" };
}

/** Beyond these a day, a ledger only counts: a source that is set up wrong must not fill it. */
const MOST_REJECTED = 1_000;

/** A known order is left as it is, so a repeat writes nothing. */
function reject(
  table: OrderTable,
  { orderId, reason }: Operation & { kind: "reject" },
  now: number,
): OperationResult {
  if (table.isRecentlyClaimed(orderId)) return { kind: "duplicate" };
  if (table.counts.rejected(now) < MOST_REJECTED) {
    const history: HistoryEntry[] = [{ at: now, what: "rejected", reason }];
    const change = ended("rejected", reason);
    table.insert({ ...NEW_ROW, ...change, orderId, received: now, updated: now, history });
  } else if (table.find(orderId) === null) table.counts.addRejected(now);
  return { kind: "rejected" };
}

/** Whether the cancellation that was `noted` before its order holds for `order`. */
function cancellationHolds({ refunds, notedFor }: OrderRow, order: Order): boolean {
  const marks = customerMarks({ ...order.customer, email: order.email });
  if (notedFor !== null && !marks.some((mark) => notedFor.includes(mark))) return false;
  return refunds === null || isRefundedInFull(refunds, order.total);
}
