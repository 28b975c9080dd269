/** Whether a shop's orders have stopped arriving: by its own longest gap, since shops differ from minutes to weeks. */
import { DAY, HOUR } from "../lib/time.ts";

/** In ms: how far back the gaps are looked at. */
export const SILENCE_WINDOW = 28 * DAY;
/** A shop with fewer orders in that time has no rhythm. */
export const LEAST_ORDERS = 20;
/** It is checked every hour; a shorter silence says nothing. */
const SHORTEST = HOUR;

/** From the first to the last of some orders that arrived less than `within` apart, in ms. */
export interface Span {
  first: number;
  last: number;
}

export interface Arrivals {
  spans: Span[];
  /** Counted up to `LEAST_ORDERS`. */
  orders: number;
}

export interface Silence {
  /** When the last order arrived, in ms. */
  since: number;
}

/** Gaps up to half of a silence cannot excuse it: spans need not tell them. `null` when the silence is too short. */
export function spanFor(lastOrder: number | null, now: number): number | null {
  return lastOrder === null || now - lastOrder < SHORTEST ? null : (now - lastOrder) / 2;
}

/** `silent`, unless an order has arrived since it was noticed. @param lastOrder in ms */
export function ongoing(silent: Silence | null, lastOrder: number | null): Silence | null {
  return silent !== null && lastOrder !== null && lastOrder <= silent.since ? silent : null;
}

/** @param arrivals of every ledger of the shop */
export function silence(arrivals: readonly Arrivals[], within: number, now: number): Silence | null {
  if (arrivals.reduce((sum, { orders }) => sum + orders, 0) < LEAST_ORDERS) return null;
  const spans = arrivals.flatMap((each) => each.spans).toSorted((a, b) => a.first - b.first);
  let since = spans[0]!.last;
  let longestGap = 0;
  for (const { first, last } of spans) {
    longestGap = Math.max(longestGap, first - since);
    since = Math.max(since, last);
  }
  return now - since >= 2 * Math.max(within, longestGap) ? { since } : null;
}
