import type { RejectReason } from "../domain/event-answer.ts";
import type { CancelReason } from "../domain/operation.ts";
import type { Customer, Order, Reason } from "../domain/order.ts";
import type { Refund } from "../domain/refund.ts";
import type { Membership } from "./membership.ts";

/** What an event asks for. `type` is the event's, in lower case. Messages are for people and hold no personal data. */
export type ParsedEvent = { type: string } &
  /**
   * `skip`: why the order is recorded without an invitation.
   * `undated`: none of its times can be used, so the time of its arrival counts. `at`, in ms: its place among the events
   * of a request with deletions.
   */
  (
    | { kind: "order"; order: Order; skip: Reason | null; warning?: string; undated?: true; at?: number }
    | {
        kind: "cancellation";
        orderId: string;
        reason: CancelReason;
        refund: Refund;
        customer: Customer;
        /** The event names none of several shops, and is sent to all of them. */
        anyShop?: true;
      }
    | { kind: "membership"; membership: Membership }
    | { kind: "deletion"; customer: Customer; at?: number; everywhere?: true }
    | { kind: "ignored"; message: string }
    /** An order that is not recorded either: its `integrations` turn Trustpilot off. */
    | { kind: "skipped"; message: string; orderId?: string }
    | { kind: "rejected"; reason: RejectReason; message: string; orderId?: string }
  );

export function ignored(type: string, message: string): ParsedEvent {
  return { kind: "ignored", type, message };
}

export function rejected(type: string, reason: RejectReason, message: string, orderId?: string): ParsedEvent {
  return { kind: "rejected", type, reason, message, ...(orderId !== undefined && { orderId }) };
}
