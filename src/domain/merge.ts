/**
 * How two records of one order become one, when a ledger is imported into another. Pure.
 *
 * A state only moves towards its end: whatever either side knows about an invitation that was, or may have been,
 * created outlives everything that would create another. The winner is the greater of the two in one fixed order, and
 * a deletion is kept beside it, so imports may be repeated, mixed up and interrupted: the result is the same.
 */
import type { HistoryEntry, OrderState } from "./order.ts";
import type { OrderRow } from "./row.ts";

/** In one order, whatever wrote them; without the deletion, which is merged beside them. */
const FIELDS = [
  "orderId",
  "sentOrderId",
  "state",
  "reason",
  "received",
  "updated",
  "attempts",
  "resends",
  "refunds",
  "notedFor",
  "history",
] as const;

/** What a backup holds of an order: nothing personal, not who acted, and no times that only its own ledger needs. */
export type PortableOrder = Omit<Pick<OrderRow, (typeof FIELDS)[number] | "erased">, "history"> & {
  history: Omit<HistoryEntry, "by">[];
};

/** What became of the orders of an import. */
export interface Merged {
  added: number;
  advanced: number;
  unchanged: number;
}

/** Of equal rank: nothing that one of them knows forbids what the other one allows. */
const RANKS: Record<OrderState, number> = {
  invited: 7,
  unknown: 6,
  sending: 6,
  failed: 5,
  cancelled: 4,
  skipped: 3,
  held: 2,
  rejected: 0,
};

/** A cancellation that was noted before its order arrived. */
const NOTED = 1;
const NEVER = -1;

/**
 * The record that both sides agree on. Associative, commutative and idempotent for records that have arrived.
 */
export function merge(a: PortableOrder, b: PortableOrder): PortableOrder {
  const winner = compare(a, b) >= 0 ? a : b;
  const erased = Math.max(a.erased ?? NEVER, b.erased ?? NEVER);
  return (winner.erased ?? NEVER) === erased ? winner : { ...winner, erased };
}

/**
 * A record as it arrives: what its old ledger may have done since it was written counts as done.
 *
 * @param fenced whether the old ledger was fenced, so that it can have sent nothing since
 */
export function arrive(order: PortableOrder, fenced: boolean): PortableOrder {
  const { state, erased } = order;
  if (erased !== null && (state === "held" || state === "rejected" || isNoted(order))) {
    // A deletion ends an order that waits. Ledgers write it so; a file may say anything.
    return {
      ...order,
      state: "cancelled",
      reason: "customer_deleted",
      received: order.received ?? order.updated,
    };
  }
  if (state === "sending") return { ...order, state: "unknown", reason: "interrupted" };
  return state === "held" && !fenced ? { ...order, state: "unknown", reason: "moved" } : order;
}

function compare(a: PortableOrder, b: PortableOrder): number {
  return rankOf(a) - rankOf(b) || a.updated - b.updated || compareText(bytesOf(a), bytesOf(b));
}

function rankOf(order: PortableOrder): number {
  return isNoted(order) ? NOTED : RANKS[order.state];
}

function isNoted({ state, received }: PortableOrder): boolean {
  return state === "cancelled" && received === null;
}

function bytesOf(order: PortableOrder): string {
  return JSON.stringify(FIELDS.map((name) => order[name]));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
