/**
 * How many of a day's orders were invited, skipped (by reason), failed and so on: counted where the order's row is
 * written anyway, so that a page over a million orders reads a few hundred small rows.
 *
 * Only ends are counted; `OpenCounts` knows the others.
 */
import type { OrderRow } from "../domain/row.ts";

/** One bar of the chart. `day`: `2026-11-23` (UTC). `what`: a state, `skipped:reason`, `duplicate` or `waiting`. */
export interface DailyCount {
  day: string;
  what: string;
  count: number;
}

export class DailyCounts {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Counts an order that was `before` (`null`: not there) as what it is `after`. */
  move(before: OrderRow | null, after: OrderRow): void {
    const [from, to] = [before && bucketOf(before), bucketOf(after)];
    if (from?.day === to?.day && from?.what === to?.what) return;
    if (from) this.add(from.day, from.what, -1);
    if (to) this.add(to.day, to.what, 1);
  }

  add(day: string, what: string, count: number): void {
    this.#sql.exec(
      "INSERT INTO daily SELECT ?1, ?2, ?3 WHERE true ON CONFLICT DO UPDATE SET count = count + ?3",
      day,
      what,
      count,
    );
  }

  count(day: string, what: string): number {
    const [row] = this.#sql
      .exec<{ count: number }>("SELECT count FROM daily WHERE day = ? AND what = ?", day, what)
      .toArray();
    return row?.count ?? 0;
  }

  /** What other ledgers counted is added to what this one did. */
  since(day: string): DailyCount[] {
    return this.#sql
      .exec<{ day: string; what: string; count: number }>(
        `SELECT day, iif(instr(what, '@'), substr(what, 1, instr(what, '@') - 1), what) AS what, sum(count) AS count
         FROM daily WHERE day >= ? AND count > 0 GROUP BY 1, 2`,
        day,
      )
      .toArray();
  }

  /** For a backup: the counts that no order tells. @param origin names this ledger */
  moved(origin: string): MovedCount[] {
    return this.#sql
      .exec<{ day: string; what: string; count: number }>(
        "SELECT day, what, count FROM daily WHERE what = 'duplicate' OR what LIKE 'duplicate@%' ORDER BY day, what",
      )
      .toArray()
      .map(({ day, what, count }) => {
        const [kind = what, from = origin] = what.split("@");
        return { origin: from, day, what: kind, count };
      });
  }

  /** Merges the counts of other ledgers: of each the greater one, so that a repeat adds nothing. */
  absorb(counts: readonly MovedCount[], origin: string): void {
    for (const { origin: from, day, what, count } of counts) {
      if (from === origin) continue;
      this.#sql.exec(
        "INSERT INTO daily VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET count = max(count, ?3)",
        day,
        `${what}@${from}`,
        count,
      );
    }
  }
}

/** A count that a backup carries. `origin`: the ledger that counted, for ever. */
export interface MovedCount extends DailyCount {
  origin: string;
}

/** `2026-11-23`, UTC. @param time in ms */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function bucketOf({ state, reason, received }: OrderRow): { day: string; what: string } | null {
  if (received === null || state === "held" || state === "sending") return null;
  return { day: dayOf(received), what: state === "skipped" ? `skipped:${reason}` : state };
}
