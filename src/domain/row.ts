/** An order as the Ledger stores it, and what may change of it. */
import { DAY } from "../lib/time.ts";
import type { HistoryEntry, Order, OrderState, Reason } from "./order.ts";
import type { PartialRefund } from "./refund.ts";

/** One row. Times in ms since 1970. */
export interface OrderRow {
  orderId: string;
  /** The id as the sender wrote it, when it differs from the order's identity. */
  sentOrderId: string | null;
  state: OrderState;
  reason: Reason | null;
  /** `null` for an order that was cancelled before it arrived. */
  received: number | null;
  updated: number;
  /** When the alarm has to look at the row again; `null` when never. */
  due: number | null;
  /** From when its wait counts: when it first became due or an operator sent it; `null` while that is `due` itself. */
  since: number | null;
  attempts: number;
  /** How often it was sent again although it may have been invited (ON_UNKNOWN = "resend"). */
  resends: number;
  /**
   * Refunds of a part, in the order's currency; `null` when there are none. An order that is cancelled before it
   * arrives stays cancelled if they add up to its total, and in any case when there are none.
   */
  refunds: readonly PartialRefund[] | null;
  /** Whose order a cancellation that came before it is meant for; `null` for anybody's. See `customerMarks`. */
  notedFor: readonly number[] | null;
  /** When the customer was deleted; stays beside whatever state the order is in. */
  erased: number | null;
  history: HistoryEntry[];
  personal: Order | null;
  /** The row cannot be read in full: it is shown, but not acted on. */
  damaged?: true;
}

/** What a list shows of an order: nothing personal, so that none of it leaves the ledger for a list. */
export type OrderSummary = Pick<
  OrderRow,
  "orderId" | "state" | "reason" | "received" | "updated" | "due" | "attempts"
>;

export type Change = Partial<Omit<OrderRow, "orderId" | "updated" | "history" | "damaged">>;

/**
 * Whether an event has claimed the order, so that another one is a duplicate. Not if it was only cancelled, came in a
 * form that cannot be invited, or was imported without what is needed to send it.
 */
export function isClaimed(row: { received: number | null; state: OrderState; personal: unknown }): boolean {
  return row.received !== null && row.state !== "rejected" && !lacksData(row);
}

/** Waits for Segment to send it again: it was imported from a backup without personal data. */
export function lacksData({ state, personal }: { state: OrderState; personal: unknown }): boolean {
  return state === "held" && personal === null;
}

/** How long a failed or unknown order keeps what a second try needs; then it is a tombstone like the others. */
export const OPERATOR_TIME = 30 * DAY;

/** An end: personal data leaves the row, nothing will look at it again. */
export function ended(state: OrderState, reason: Reason | null = null): Change {
  return { state, reason, due: null, since: null, personal: null };
}
