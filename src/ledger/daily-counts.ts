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

/**
 * A number for each of some days, by kind: a state, `skipped:reason`, `duplicate`, `waiting`, … Kinds without any are
 * left out. So it is a tenth of the same as a list, for the way to the page.
 */
export type CountsByKind = Readonly<Record<string, readonly number[]>>;

/** `day`: `2026-11-23`, UTC. */
interface Day {
  day: string;
  counts: Counts;
}

interface DecodedDay {
  /** As it is stored. */
  text: string;
  ended: [what: string, count: number][];
  answers: [what: string, count: number][];
}

/** Orders that once were in a state. */
const LEFT = "left:";
const ANSWER = "answer:";

export class DailyCounts {
  readonly #sql: Database;
  /** By day. Most days do not change any more, and reading a text takes less than understanding it. */
  readonly #decoded = new Map<string, DecodedDay>();

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
   * What became of the orders that arrived on `days`, and how Trustpilot answered for those that have ended (see
   * `answerCounts`). What other ledgers counted is added to what this one did.
   *
   * @param days one after the other
   */
  of(days: readonly string[]): { daily: Record<string, number[]>; answers: Counts } {
    const daily: Record<string, number[]> = {};
    const answers: Record<string, number> = {};
    let place = 0;
    for (const { day, counts } of this.#texts("day BETWEEN ? AND ?", days[0] ?? "", days.at(-1) ?? "")) {
      place = days.indexOf(day, place);
      const { ended, answers: ofDay } = this.#decode(day, counts);
      for (const [what, count] of ended) (daily[what] ??= days.map(() => 0))[place]! += count;
      for (const [what, count] of ofDay) addTo(answers, what, count);
    }
    return { daily, answers };
  }

  #decode(day: string, text: string): DecodedDay {
    const known = this.#decoded.get(day);
    if (known?.text === text) return known;
    const counts = Object.entries(JSON.parse(text) as Counts);
    const decoded = {
      text,
      ended: counts
        .filter(([key, count]) => count > 0 && !key.startsWith(ANSWER) && !key.startsWith(LEFT))
        .map(([key, count]): [string, number] => [ofAllLedgers(key), count]),
      answers: counts.filter(([key]) => key.startsWith(ANSWER)),
    };
    this.#decoded.set(day, decoded);
    return decoded;
  }

  /** Of all days. An order that has left a state still counts for it, so that no number ever falls. */
  totals(): Counts {
    const totals: Record<string, number> = {};
    for (const { counts } of this.#all())
      for (const [key, count] of Object.entries(counts))
        addTo(totals, ofAllLedgers(key).replace(LEFT, ""), count);
    return totals;
  }

  /** For a backup: the counts that no order tells. @param origin names this ledger */
  moved(origin: string): MovedCount[] {
    return this.#all().flatMap(({ day, counts }) =>
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
    const [row] = this.#texts("day = ?", day);
    return row ? (JSON.parse(row.counts) as Counts) : {};
  }

  #all(): Day[] {
    return this.#texts("true").map(({ day, counts }) => ({ day, counts: JSON.parse(counts) as Counts }));
  }

  #texts(condition: string, ...days: string[]): { day: string; counts: string }[] {
    const query = `SELECT day, counts FROM daily WHERE ${condition} ORDER BY day`;
    return this.#sql.exec<{ day: string; counts: string }>(query, ...days).toArray();
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
export interface MovedCount {
  origin: string;
  /** `2026-11-23`, UTC. */
  day: string;
  what: string;
  count: number;
}

/** @param key `duplicate@…` of another ledger's */
function ofAllLedgers(key: string): string {
  const at = key.indexOf("@");
  return at === -1 ? key : key.slice(0, at);
}

function addTo(sums: Record<string, number>, what: string, count: number): void {
  sums[what] = (sums[what] ?? 0) + count;
}

/** @param some of the same days */
export function sumKinds(some: readonly CountsByKind[]): CountsByKind {
  const sums: Record<string, number[]> = {};
  for (const one of some)
    for (const [what, counts] of Object.entries(one)) {
      const sum = (sums[what] ??= counts.map(() => 0));
      for (const [index, count] of counts.entries()) sum[index]! += count;
    }
  return sums;
}

/** `2026-11-23`, UTC. @param time in ms */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function bucketOf({ state, reason, received }: OrderRow): { day: string; what: string } | null {
  if (received === null || state === "held" || state === "sending") return null;
  return { day: dayOf(received), what: state === "skipped" ? `skipped:${reason}` : state };
}
