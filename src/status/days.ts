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
