/**
 * Notes the duplicates that reach a ledger, for the order's history and the day's count.
 *
 * A duplicate must cost next to nothing, least of all a wait for the disk: it is noted in memory and written with
 * the others at most once a second. A crash in between loses the note and nothing else.
 */
import type { Database } from "./database.ts";
import { dayOf } from "./daily-counts.ts";
import type { OrderTable } from "./table.ts";

/** In ms. */
const WRITE_AFTER = 1_000;

/** Of one order, between two writes: a thousand duplicates a second tell no more than ten. */
const MOST_NOTED = 10;

export class Duplicates {
  readonly #table: OrderTable;
  readonly #sql: Database;
  readonly #waitUntil: (work: Promise<void>) => void;
  readonly #onFault: (error: unknown) => void;
  readonly #noted = new Map<string, number[]>();
  #count = 0;

  constructor(
    table: OrderTable,
    sql: Database,
    waitUntil: (work: Promise<void>) => void,
    onFault: (error: unknown) => void,
  ) {
    this.#table = table;
    this.#sql = sql;
    this.#waitUntil = waitUntil;
    this.#onFault = onFault;
  }

  /** @param now in ms */
  note(orderId: string, now: number): void {
    this.#count += 1;
    const times = this.#noted.get(orderId);
    if (times === undefined) this.#noted.set(orderId, [now]);
    else if (times.length < MOST_NOTED) times.push(now);
    if (this.#count === 1) this.#waitUntil(scheduler.wait(WRITE_AFTER).then(() => this.write()));
  }

  /** What cannot be written is dropped: it must not keep a page from its answer. */
  write(): void {
    if (this.#count === 0) return;
    try {
      if (!this.#sql.size.full) this.#sql.transaction(() => this.#writeNotes());
    } catch (error) {
      this.#onFault(error);
    } finally {
      this.#count = 0;
      this.#noted.clear();
    }
  }

  #writeNotes(): void {
    this.#table.counts.add(dayOf(Date.now()), "duplicate", this.#count);
    for (const [orderId, times] of this.#noted) {
      this.#table.note(
        orderId,
        times.map((at) => ({ at, what: "duplicate" })),
      );
    }
  }
}
