/**
 * How many of a day's orders were invited, skipped (by reason), failed and so on, and how Trustpilot answered: counted
 * in one row a day, with the write that ends an order anyway, so that a page over a million orders reads as many rows
 * as it shows days.
 *
 * Only ends are counted; `OpenCounts` knows the others.
 */
import { sumCounts, type Counts } from "../domain/answer-counts.ts";
import type { OrderRow } from "../domain/row.ts";
import type { Database } from "./database.ts";

/** One bar of the chart. `day`: `2026-11-23` (UTC). `what`: a state, `skipped:reason`, `duplicate` or `waiting`. */
export interface DailyCount {
  day: string;
  what: string;
  count: number;
}

/** By day and kind: a tenth of the same as a list, for the way to the page. */
export type CountsByDay = Readonly<Record<string, Counts>>;

interface Day {
  day: string;
  counts: Counts;
}

/** Orders that once were in a state. */
const LEFT = "left:";
const ANSWER = "answer:";

export class DailyCounts {
  readonly #sql: Database;

  constructor(sql: Database) {
    this.#sql = sql;
  }

  /** Counts an order that was `before` (`null`: not there) as what it is `after`. @param attempts those that end with it */
  move(before: OrderRow | null, after: OrderRow, attempts: Counts): void {
    const [from, to] = [before && bucketOf(before), bucketOf(after)];
    if (from?.day === to?.day && from?.what === to?.what) return;
    const changes: Day[] = [];
    if (from) changes.push({ day: from.day, counts: { [from.what]: -1, [LEFT + from.what]: 1 } });
    if (to) changes.push({ day: to.day, counts: { ...attempts, [to.what]: 1 } });
    for (const [day, ofDay] of Map.groupBy(changes, ({ day }) => day))
      this.#add(day, sumCounts(ofDay.map(({ counts }) => counts)));
  }

  add(day: string, what: string, count: number): void {
    this.#add(day, { [what]: count });
  }

  count(day: string, what: string): number {
    return this.#of(day)[what] ?? 0;
  }

  /**
   * What became of the orders that arrived since `day`, by day, and how Trustpilot answered for those that have ended
   * (see `answerCounts`). What other ledgers counted is added to what this one did.
   */
  since(day: string): { daily: CountsByDay; answers: Counts } {
    const answers: Record<string, number> = {};
    const daily = this.#since(day).map(({ day, counts }): [day: string, counts: Counts] => {
      const ofDay: Record<string, number> = {};
      for (const [key, count] of Object.entries(counts)) {
        if (key.startsWith(ANSWER)) addTo(answers, key, count);
        else if (count > 0 && !key.startsWith(LEFT)) addTo(ofDay, ofAllLedgers(key), count);
      }
      return [day, ofDay];
    });
    return { daily: Object.fromEntries(daily), answers };
  }

  /** Of all days. An order that has left a state still counts for it, so that no number ever falls. */
  totals(): Counts {
    const totals: Record<string, number> = {};
    for (const { counts } of this.#since(""))
      for (const [key, count] of Object.entries(counts))
        addTo(totals, ofAllLedgers(key).replace(LEFT, ""), count);
    return totals;
  }

  /** For a backup: the counts that no order tells. @param origin names this ledger */
  moved(origin: string): MovedCount[] {
    return this.#since("").flatMap(({ day, counts }) =>
      Object.entries(counts).flatMap(([key, count]) => {
        const [what = key, from = origin] = key.split("@");
        return what === "duplicate" ? [{ origin: from, day, what, count }] : [];
      }),
    );
  }

  /** Merges the counts of other ledgers: of each the greater one, so that a repeat adds nothing. */
  absorb(counts: readonly MovedCount[], origin: string): void {
    for (const { origin: from, day, what, count } of counts) {
      const key = `${what}@${from}`;
      const more = count - this.count(day, key);
      if (from !== origin && more > 0) this.add(day, key, more);
    }
  }

  #of(day: string): Counts {
    return this.#read("day = ?", day)[0]?.counts ?? {};
  }

  #since(day: string): Day[] {
    return this.#read("day >= ?", day);
  }

  #read(condition: string, day: string): Day[] {
    return this.#sql
      .exec<{ day: string; counts: string }>(
        `SELECT day, counts FROM daily WHERE ${condition} ORDER BY day`,
        day,
      )
      .toArray()
      .map(({ day, counts }) => ({ day, counts: JSON.parse(counts) as Counts }));
  }

  #add(day: string, counts: Counts): void {
    this.#sql.exec(
      "INSERT INTO daily VALUES (?1, ?2) ON CONFLICT DO UPDATE SET counts = ?2",
      day,
      JSON.stringify(sumCounts([this.#of(day), counts])),
    );
  }
}

/** A count that a backup carries. `origin`: the ledger that counted, for ever. */
export interface MovedCount extends DailyCount {
  origin: string;
}

/** @param key `duplicate@…` of another ledger's */
function ofAllLedgers(key: string): string {
  const at = key.indexOf("@");
  return at === -1 ? key : key.slice(0, at);
}

function addTo(sums: Record<string, number>, what: string, count: number): void {
  sums[what] = (sums[what] ?? 0) + count;
}

/** As a list. @param some of the same days or of others */
export function sumDays(some: readonly CountsByDay[]): DailyCount[] {
  const byDay = Map.groupBy(some.flatMap(Object.entries<Counts>), ([day]) => day);
  return [...byDay].flatMap(([day, ofDay]) =>
    Object.entries(sumCounts(ofDay.map(([, counts]) => counts))).map(([what, count]) => ({
      day,
      what,
      count,
    })),
  );
}

/** `2026-11-23`, UTC. @param time in ms */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function bucketOf({ state, reason, received }: OrderRow): { day: string; what: string } | null {
  if (received === null || state === "held" || state === "sending") return null;
  return { day: dayOf(received), what: state === "skipped" ? `skipped:${reason}` : state };
}
