/**
 * What a ledger counts of its orders. The counts of a day are stored with the write that ends an order; all others are
 * read once from an index, and kept up to date in memory from then on.
 */
import { sumCounts, type Counts } from "../domain/answer-counts.ts";
import type { OrderState } from "../domain/order.ts";
import type { OrderRow } from "../domain/row.ts";
import type { Explanation } from "../domain/troubles.ts";
import { DAY } from "../lib/time.ts";
import { DailyCounts, dayOf, type CountsByKind } from "./daily-counts.ts";
import type { Database } from "./database.ts";
import { DueCounts } from "./due-counts.ts";
import { explanations } from "./explanations.ts";
import { OpenAttempts } from "./open-attempts.ts";
import { OpenCounts } from "./open-counts.ts";

export interface DaysOverview {
  /** How many orders of each day wait or are being sent, and how the others ended. */
  daily: CountsByKind;
  /** How Trustpilot answered for those that have ended: see `answerCounts`. */
  answers: Counts;
}

export class OrderCounts {
  readonly #sql: Database;
  readonly #daily: DailyCounts;
  readonly #open: OpenCounts;
  readonly #due: DueCounts;
  readonly #attempts: OpenAttempts;
  /** Until a failed order changes. */
  #explanations: Explanation[] | null = null;

  constructor(sql: Database) {
    this.#sql = sql;
    this.#daily = new DailyCounts(sql);
    this.#open = new OpenCounts(sql);
    this.#due = new DueCounts(sql);
    this.#attempts = new OpenAttempts(sql);
  }

  /** With the write of an order, in its transaction. @param attempts those that end with it */
  store(before: OrderRow | null, after: OrderRow, attempts: Counts): void {
    this.#daily.move(before, after, attempts);
  }

  /** Once that is written: counts an order that was `before` (`null`: not there) as what it is `after`. */
  follow(before: OrderRow | null, after: OrderRow): void {
    this.#open.move(before, after);
    this.#due.move(before, after);
    this.#attempts.move(before, after);
    if (before?.state === "failed" || after.state === "failed") this.#explanations = null;
  }

  /** Orders that still need an action, by state. */
  open(): Partial<Record<OrderState, number>> {
    const open: Partial<Record<OrderState, number>> = {};
    for (const { state, count } of this.#open.all()) open[state] = (open[state] ?? 0) + count;
    return open;
  }

  /** How many orders were rejected on the day (UTC) of `now` (ms). */
  rejected(now: number): number {
    return this.#daily.count(dayOf(now), "rejected");
  }

  /** Counts an order that was rejected and is not recorded. */
  addRejected(now: number): void {
    this.add(dayOf(now), "rejected", 1);
  }

  /** Counts what is not the end of an order. @param day `2026-11-23` */
  add(day: string, what: string, by: number): void {
    this.#daily.add(day, what, by);
  }

  /** Open orders whose row could not be read. */
  damaged(): number {
    const query = "SELECT COUNT(*) AS count FROM orders WHERE reason = 'damaged' AND due IS NOT NULL";
    return this.#sql.exec<{ count: number }>(query).one().count;
  }

  /** Held orders whose time has come. */
  due(now: number): number {
    return this.#due.at(now).due;
  }

  /** Orders that wait: for their time, for another try, for nothing but their turn, or for Trustpilot's answer. */
  waiting(now: number): { hold: number; retry: number; due: number; sending: number } {
    const { due, retry } = this.#due.at(now);
    const { held = 0, sending = 0 } = this.open();
    return { hold: held - due - retry, retry, due, sending };
  }

  /** What Trustpilot said about failed orders. */
  explanations(): Explanation[] {
    this.#explanations ??= this.open().failed ? explanations(this.#sql) : [];
    return this.#explanations;
  }

  /** Of all days: see `DailyCounts`. */
  totals(now: number): Counts {
    return sumCounts([this.#daily.totals(), this.#attempts.all(now)]);
  }

  /** Orders that need the operator and keep their data until `due` (ms) or longer: the ones that ended lately. */
  stranded(due: number): { failed: number; unknown: number } {
    return this.#sql
      .exec<{ failed: number; unknown: number }>(
        `SELECT COUNT(*) FILTER (WHERE state = 'failed') AS failed,
           COUNT(*) FILTER (WHERE state = 'unknown') AS unknown FROM orders INDEXED BY orders_open
         WHERE due >= ? AND due IS NOT NULL AND state <> 'held'`,
        due,
      )
      .one();
  }

  /** What became of the orders that arrived on `days`, which come one after the other: `2026-11-23`. */
  overview(days: readonly string[]): DaysOverview {
    const { daily, answers } = this.#daily.of(days);
    const first = days.length === 0 ? Infinity : Date.parse(days[0]!) / DAY;
    const waiting = days.map(() => 0);
    for (const { day, state, count } of this.#open.all()) {
      if (day === null || (state !== "held" && state !== "sending")) continue;
      if (day - first in waiting) waiting[day - first]! += count;
    }
    return { daily: waiting.some((count) => count > 0) ? { ...daily, waiting } : daily, answers };
  }
}
