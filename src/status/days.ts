/** The figures of the last days, for the chart and its table. Pure. */
import { dayOf, type CountsByKind } from "../ledger/daily-counts.ts";
import { DAY } from "../lib/time.ts";
import type { InferOutput } from "valibot";
import type { FiguresQuery } from "./schemas.ts";
import { REASONS } from "../domain/order.ts";
import { REASON_LABELS } from "./words.ts";

export interface Series {
  /** `invited`, `skipped:too_old`, …: the kinds that the ledgers count. */
  what: string;
  label: string;
  /** One for each day, in the order of the days. */
  counts: readonly number[];
  total: number;
}

/** The last `count` days (UTC) up to that of `now` (ms), the oldest first: `2026-11-23`. */
export function lastDays(now: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => dayOf(now - (count - 1 - index) * DAY));
}

/** The days that the figures cover, the oldest first. @param now in ms */
export function daysOf(
  { days = "30", first, last }: InferOutput<typeof FiguresQuery>,
  now: number,
): string[] {
  if (!first && !last) return lastDays(now, Number(days));
  const end = Math.min(last ? Date.parse(last) : now, now);
  const span = first ? Math.floor(end / DAY) - Math.floor(Date.parse(first) / DAY) + 1 : 30;
  return lastDays(end, Math.min(Math.max(span, 1), MOST_DAYS));
}

const MOST_DAYS = 366;

/** What happened on each day, in stacking order from the bottom; kinds without orders are left out. */
export function toSeries(daily: CountsByKind): Series[] {
  return KINDS.flatMap(({ what, label }) => {
    const counts = daily[what];
    return counts === undefined ? [] : [{ what, label, counts, total: sum(counts) }];
  });
}

/** What the reviews of `days` were. */
export interface ReviewFigures {
  /** Orders received on these days that were reviewed. */
  orders: number;
  /** By the week in which they were written, the latest first; `monday`: its first day. */
  weeks: { monday: string; reviews: number; average: number }[];
}

export function toReviewFigures(daily: CountsByKind, days: readonly string[]): ReviewFigures {
  const byStars = STARS.map((stars) => ({ stars, counts: daily[`stars:${stars}`] ?? [] }));
  const written = [...days.keys()].filter((place) => byStars.some(({ counts }) => counts[place]));
  const byWeek = Map.groupBy(written, (place) => mondayOf(days[place]!));
  const weeks = [...byWeek].map(([monday, places]) => {
    const ofWeek = byStars.map(({ counts }) => sum(places.map((place) => counts[place] ?? 0)));
    const reviews = sum(ofWeek);
    return { monday, reviews, average: sum(ofWeek.map((count, index) => count * STARS[index]!)) / reviews };
  });
  return { orders: sum(daily["reviewed"] ?? []), weeks: weeks.toReversed() };
}

const STARS = [1, 2, 3, 4, 5];

/** @param day `2026-11-23`, UTC */
function mondayOf(day: string): string {
  const time = Date.parse(day);
  return dayOf(time - ((new Date(time).getUTCDay() + 6) % 7) * DAY);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** How often any of `kinds` (or `skipped:` with any reason) happened. */
export function totalOf(series: readonly Series[], kind: string): number {
  return series
    .filter(({ what }) => what === kind || what.startsWith(`${kind}:`))
    .reduce((sum, { total }) => sum + total, 0);
}

const KINDS: readonly { what: string; label: string }[] = [
  { what: "invited", label: "Invited" },
  { what: "waiting", label: "Waiting" },
  ...REASONS.map((reason) => ({ what: `skipped:${reason}`, label: `Skipped: ${REASON_LABELS[reason]}` })),
  { what: "cancelled", label: "Cancelled" },
  { what: "rejected", label: "Rejected" },
  { what: "unknown", label: "Unknown" },
  { what: "failed", label: "Failed" },
  { what: "duplicate", label: "Duplicates suppressed" },
];
