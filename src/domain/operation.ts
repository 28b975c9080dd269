/** What the Ledger is asked to do with an order or a customer, and what it answers. */
import type { Customer, Order, OrderState, Reason } from "./order.ts";
import type { Refund } from "./refund.ts";

export type CancelReason = "order_cancelled" | "order_refunded";

export type Operation =
  /**
   * `skip`: record the order, but do not invite. `due`: when the invitation may go out, in ms. `undated`: none of the
   * event's times can be used, so the time of its arrival counts.
   */
  | {
      kind: "claim";
      order: Order;
      skip: Reason | null;
      due: number;
      undated?: true;
      /** Its time among the events of a request with deletions, in ms. */
      at?: number;
    }
  | {
      kind: "cancel";
      orderId: string;
      reason: CancelReason;
      refund: Refund;
      /** Of an event that names no shop, sent to all of them: it is noted for an order to come of this customer alone. */
      onlyOf?: Customer;
    }
  | ({ kind: "forget" } & Forgotten)
  /** Note an order that cannot be invited as it came, unless it is known. */
  | { kind: "reject"; orderId: string; reason: Reason };

/** A customer who is deleted. */
export interface Forgotten {
  customer: Customer;
  /** When that was asked for, in ms; else now. */
  at?: number;
  /** What is found with the customer is forgotten in all shops; else in this one. */
  everywhere?: true;
  /**
   * Found with a deletion elsewhere: orders that arrived after `at` are not meant. `hash`: of an address, as
   * FIND_BY_EMAIL makes it.
   */
  found?: { hash?: string };
}

/** Found with a deleted customer: an e-mail address, or its hash (without an @). */
export interface FoundAddress {
  address: string;
  everywhere: boolean;
  /** When the deletion was asked for, in ms. */
  at: number;
}

export type OperationResult =
  | { kind: "accepted" }
  | { kind: "duplicate" }
  | { kind: "skipped"; reason: Reason }
  | { kind: "rejected" }
  | { kind: "cancelled" }
  /** The request is in flight: the invitation is cancelled only if this attempt fails. */
  | { kind: "in-flight" }
  /** The order is not known yet: it will not be invited when it comes. */
  | { kind: "noted" }
  | { kind: "not-cancelled"; why: "partial" | OrderState }
  /** The order is not known, and nothing says whose it will be. */
  | { kind: "no-order" }
  | ({ kind: "forgotten" } & ErasedOrders);

/** `complete`: all orders have been read. Else the counts are of the first ones, and the rest follows in a minute. */
export interface ErasedOrders {
  /** Those that were waiting, and those that are out. */
  cancelled: number;
  beingSent: number;
  /** All that still held personal data of the customer. */
  orders: number;
  complete: boolean;
}
