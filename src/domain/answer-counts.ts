/**
 * Trustpilot's answers as counts: attempts by HTTP status, and how long the answers took, as a histogram.
 *
 * - `answer:status:201`: attempts with this status, or `answer:status:none` without one
 * - `answer:within:200`: answers with a status that took so many ms at most, and longer than the next lower bound
 * - `answer:milliseconds`: how long these took together
 */
import type { HistoryEntry } from "./order.ts";

export type Counts = Readonly<Record<string, number>>;

/** The last bound that a bucket has. All are in ms, and part of the stored format. */
export const LONGEST = 20_000;
export const BOUNDS = [
  50,
  100,
  200,
  300,
  500,
  750,
  1_000,
  1_500,
  2_000,
  3_000,
  5_000,
  10_000,
  LONGEST,
  Infinity,
];

/** @param entry of an order's history; anything but an attempt counts nothing */
export function answerCounts({ what, status, milliseconds = 0 }: Omit<HistoryEntry, "at">): Counts {
  if (what !== "attempt") return {};
  if (status == null) return { "answer:status:none": 1 };
  const bound = BOUNDS.find((bound) => milliseconds <= bound);
  return {
    [`answer:status:${status}`]: 1,
    [`answer:within:${bound}`]: 1,
    "answer:milliseconds": milliseconds,
  };
}

export function sumCounts(all: readonly Counts[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all)
    for (const [what, count] of Object.entries(counts)) sums[what] = (sums[what] ?? 0) + count;
  return sums;
}
