/**
 * Notes the duplicates that reach a ledger, for the order's history and the day's count.
 *
 * A duplicate must cost next to nothing, least of all a wait for the disk: it is noted in memory and written with
 * the others at most once a second. A crash in between loses the note and nothing else.
 */
import type { Database } from "./database.ts";
import { dayOf } from "./daily-counts.ts";
import type { OrderTable } from "./table.ts";

/** Of one order, between two writes: a thousand duplicates a second tell no more than ten. */
const MOST_NOTED = 10;

export class Duplicates {
  readonly #noted = new Map<string, number[]>();
  #count = 0;

  /** @param now in ms. @returns whether this is the first since the last write, which the caller has to arrange */
  note(orderId: string, now: number): boolean {
    this.#count += 1;
    const times = this.#noted.get(orderId);
    if (times === undefined) this.#noted.set(orderId, [now]);
    else if (times.length < MOST_NOTED) times.push(now);
    return this.#count === 1;
  }

  /** What cannot be written is dropped. @throws what the storage throws */
  write(table: OrderTable, sql: Database, now: number): void {
    if (this.#count === 0) return;
    try {
      if (!table.size().full) sql.transaction(() => this.#writeNotes(table, now));
    } finally {
      this.#count = 0;
      this.#noted.clear();
    }
  }

  #writeNotes(table: OrderTable, now: number): void {
    table.count(dayOf(now), "duplicate", this.#count);
    for (const [orderId, times] of this.#noted) {
      table.note(
        orderId,
        times.map((at) => ({ at, what: "duplicate" })),
      );
    }
  }
}
