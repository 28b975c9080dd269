/**
 * Which orders are recorded but not invited, as far as the order alone says. Only objective rules: Trustpilot
 * wants everyone invited, or a choice without bias, and forbids to choose by value, rating or mood.
 */
import { hash32 } from "../lib/hash.ts";
import { DAY } from "../lib/time.ts";
import type { Order, Reason } from "./order.ts";
import type { Rules } from "./rules.ts";

export function ineligibility(order: Order, rules: Rules, now: number): Reason | null {
  if (order.orderedAt !== null && now - order.orderedAt > rules.maxOrderAgeDays * DAY) return "too_old";
  if (!isSampled(order.orderId, rules.inviteOneIn)) return "not_sampled";
  return null;
}

/** How long a due order may wait before it ends without an invitation, in ms. */
export function longestWait({
  maxOrderAgeDays,
  maxWaitDays,
}: Pick<Rules, "maxOrderAgeDays" | "maxWaitDays">): number {
  return Math.min(maxOrderAgeDays, maxWaitDays) * DAY;
}

/** The reason with which a wait of that length ends. */
export function waitReason({ maxOrderAgeDays, maxWaitDays }: Rules): Reason {
  return maxWaitDays <= maxOrderAgeDays ? "waited_too_long" : "too_old";
}

/**
 * One order in `oneIn`, by the order id alone: the same order is always judged the same, and nothing about the
 * customer or the basket enters. The prefix keeps the choice independent of the ledger's.
 */
function isSampled(orderId: string, oneIn: number): boolean {
  return oneIn === 1 || hash32(`sample:${orderId}`) % oneIn === 0;
}

/** When the invitation may go out: `holdDays` after the order, or after its arrival if its own time is unusable. */
export function dueTime(order: Order, holdDays: number, now: number): number {
  const orderedAt = Math.min(order.orderedAt ?? now, now);
  return Math.max(now, orderedAt + holdDays * DAY);
}
