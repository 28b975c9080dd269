/** What a ledger reports of itself: counts, and nothing that says whose. The problems are read from the sum. */
import { DAY } from "../lib/time.ts";
import { sumCounts } from "./answer-counts.ts";
import type { OrderState } from "./order.ts";
import type { Failure } from "./outage.ts";
import { endOf, type Pause } from "./pause.ts";

/** Trustpilot has failed, and no order has been answered since. Times in ms. */
export interface Outage {
  failure: Failure;
  failures: number;
  since: number;
  /** The circuit breaker is open until then; afterwards the next order is a test. */
  until: number;
}

/** What Trustpilot said about failed orders, and about how many. */
export interface Explanation {
  message: string;
  count: number;
}

export interface Troubles {
  /** Orders that wait, are being sent or need an operator. */
  open: Partial<Record<OrderState, number>>;
  /** Of the open ones, those that ended within `COUNTED_FOR`. */
  lately: { failed: number; unknown: number };
  /** Open orders whose row could not be read. */
  damaged: number;
  /** What holds orders back at this moment. */
  pauses: Pause[];
  outage: Outage | null;
  /** Orders that would be sent now if nothing held them back; 0 when nothing does. */
  heldBack: number;
  /** Since when the order that waits for longest has been due, in ms; `null` when none is due. */
  oldestWait: number | null;
  /** When the last event about a new order arrived, in ms; `null` when none has. */
  lastArrival: number | null;
  /** When the last order arrived that was not rejected, in ms; `null` when none has. */
  lastOrder: number | null;
  explanations: Explanation[];
  /** What the ledger takes of its 10 GB, and whether it takes no new orders for want of space. */
  bytes: number;
  full: boolean;
  /** Why it does not work at all until an operator acts; `null` when it does. */
  whyClosed: string | null;
}

/** In ms: how long a failed or unknown order counts. */
export const COUNTED_FOR = DAY;

/** All ledgers as one. */
export interface AllTroubles extends Omit<Troubles, "pauses" | "bytes"> {
  /** Each with the number of ledgers that it holds. */
  pauses: { pause: Pause; ledgers: number }[];
  /** In bytes, all ledgers together and the largest one. */
  storage: { total: number; fullest: number; ledgers: number };
}

export function sumTroubles(all: readonly Troubles[]): AllTroubles {
  const sum = (count: (one: Troubles) => number) => all.reduce((total, one) => total + count(one), 0);
  return {
    open: sumCounts(all.map(({ open }) => open)),
    lately: { failed: sum(({ lately }) => lately.failed), unknown: sum(({ lately }) => lately.unknown) },
    damaged: sum(({ damaged }) => damaged),
    pauses: groupPauses(all.flatMap(({ pauses }) => pauses)),
    outage: all.flatMap(({ outage }) => outage ?? []).toSorted((a, b) => a.since - b.since)[0] ?? null,
    heldBack: sum(({ heldBack }) => heldBack),
    oldestWait: earliest(all.map(({ oldestWait }) => oldestWait)),
    lastArrival: latest(all.map(({ lastArrival }) => lastArrival)),
    lastOrder: latest(all.map(({ lastOrder }) => lastOrder)),
    explanations: sumByMessage(all.flatMap(({ explanations }) => explanations)),
    storage: {
      total: sum(({ bytes }) => bytes),
      fullest: Math.max(0, ...all.map(({ bytes }) => bytes)),
      ledgers: all.length,
    },
    full: all.some(({ full }) => full),
    whyClosed: all.find(({ whyClosed }) => whyClosed !== null)?.whyClosed ?? null,
  };
}

function sumByMessage(explanations: readonly Explanation[]): Explanation[] {
  return [...Map.groupBy(explanations, ({ message }) => message)]
    .map(([message, same]) => ({ message, count: same.reduce((sum, { count }) => sum + count, 0) }))
    .toSorted((a, b) => b.count - a.count);
}

/** Ledgers pause one by one, usually for the same reason: the longest pause of each kind is shown. */
function groupPauses(pauses: readonly Pause[]): AllTroubles["pauses"] {
  return [...Map.groupBy(pauses, ({ kind }) => kind).values()].map((same) => ({
    pause: same.reduce((longest, pause) => (endOf(pause) > endOf(longest) ? pause : longest)),
    ledgers: same.length,
  }));
}

/** @returns `null` when none of `times` (ms) is known */
export function earliest(times: readonly (number | null)[]): number | null {
  return times.filter((time) => time !== null).toSorted((a, b) => a - b)[0] ?? null;
}

/** @returns `null` when none of `times` (ms) is known */
export function latest(times: readonly (number | null)[]): number | null {
  return times.filter((time) => time !== null).toSorted((a, b) => b - a)[0] ?? null;
}
