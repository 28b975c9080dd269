/** The figures of the last days, for the chart and its table. Pure. */
import type { DailyCount } from "../ledger/daily-counts.ts";
import { dayOf } from "../ledger/daily-counts.ts";
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
  counts: number[];
  total: number;
}

/** The last `count` days (UTC) up to that of `now` (ms), the oldest first: `2026-11-23`. */
function lastDays(now: number, count: number): string[] {
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

/** What happened on `days`, in stacking order from the bottom; kinds without orders are left out. */
export function toSeries(daily: readonly DailyCount[], days: readonly string[]): Series[] {
  const places = new Map(days.map((day, index) => [day, index]));
  const series = KINDS.map(({ what, label }) => ({ what, label, counts: days.map(() => 0), total: 0 }));
  const byKind = new Map(series.map((one) => [one.what, one]));
  for (const { day, what, count } of daily) {
    const place = places.get(day);
    const one = byKind.get(what);
    if (place === undefined || one === undefined) continue;
    one.counts[place]! += count;
    one.total += count;
  }
  return series.filter(({ total }) => total > 0);
}

/** What the reviews of `days` were. */
export interface ReviewFigures {
  /** Orders received on these days that were reviewed. */
  orders: number;
  /** By the week in which they were written, the latest first; `monday`: its first day. */
  weeks: { monday: string; reviews: number; average: number }[];
}

export function toReviewFigures(daily: readonly DailyCount[], days: readonly string[]): ReviewFigures {
  const [first = "", last = ""] = [days[0], days.at(-1)];
  const counted = daily.filter(({ day }) => day >= first && day <= last);
  const starsOf = ({ what }: DailyCount) => Number(/^stars:([1-5])$/.exec(what)?.[1] ?? 0);
  const sumOf = (counts: readonly DailyCount[], weight: (count: DailyCount) => number) =>
    counts.reduce((sum, count) => sum + weight(count) * count.count, 0);
  const byWeek = Map.groupBy(
    counted.filter((count) => starsOf(count) > 0),
    ({ day }) => mondayOf(day),
  );
  const weeks = [...byWeek].map(([monday, counts]) => {
    const reviews = sumOf(counts, () => 1);
    return { monday, reviews, average: sumOf(counts, starsOf) / reviews };
  });
  return {
    orders: sumOf(counted, ({ what }) => Number(what === "reviewed")),
    weeks: weeks.toSorted((a, b) => (a.monday < b.monday ? 1 : -1)),
  };
}

/** @param day `2026-11-23`, UTC */
function mondayOf(day: string): string {
  const time = Date.parse(day);
  return dayOf(time - ((new Date(time).getUTCDay() + 6) % 7) * DAY);
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
