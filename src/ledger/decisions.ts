/**
 * What becomes of an order by a decision from outside: of an operator, for one order or for many, or by a review,
 * which proves that there was an invitation.
 */
import type { SeenWriter } from "../bindings/seen-cache.ts";
import { readConfig, readLeniently } from "../config/config.ts";
import { allowedActions, changeFor, type Action, type Obstacle } from "../domain/actions.ts";
import type { HistoryEntry } from "../domain/order.ts";
import { longest, type Pause } from "../domain/pause.ts";
import type { Review } from "../domain/review.ts";
import { ended, type Change, type OrderRow } from "../domain/row.ts";
import type { Database } from "./database.ts";
import type { CustomerDeletions } from "./customer-deletions.ts";
import type { Reviews } from "./reviews.ts";
import type { SendGate } from "./send-gate.ts";
import { openSlices } from "./slices.ts";
import type { OrderTable } from "./table.ts";

/** An order as it stands. */
export interface FoundOrder {
  row: OrderRow;
  reviews: Review[];
  /** What keeps its ledger from sending at the moment. */
  pause: Pause | null;
}

/** What was done, or why it was not. */
export type ActionResult = ({ kind: "done" | "not-allowed" } & FoundOrder) | { kind: "unknown-order" };

/** The orders of a bulk decision: those in `state` that were received from `from` to `to` (ms). */
export interface Choice {
  state: "failed" | "unknown";
  from: number;
  to: number;
}

export class Decisions {
  readonly #table: OrderTable;
  readonly #deletions: CustomerDeletions;
  readonly #reviews: Reviews;
  readonly #gate: SendGate;
  readonly #seen: SeenWriter;
  readonly #sql: Database;
  readonly #env: () => Env;

  constructor(
    parts: {
      table: OrderTable;
      deletions: CustomerDeletions;
      reviews: Reviews;
      gate: SendGate;
      seen: SeenWriter;
    },
    sql: Database,
    env: () => Env,
  ) {
    this.#table = parts.table;
    this.#deletions = parts.deletions;
    this.#reviews = parts.reviews;
    this.#gate = parts.gate;
    this.#seen = parts.seen;
    this.#sql = sql;
    this.#env = env;
  }

  /** An order with all that a person decides by. */
  show(row: OrderRow, now: number): FoundOrder {
    return { row, reviews: this.#reviews.of(row.orderId), pause: this.#pauseAt(now) };
  }

  /** Acts on one order, if its state allows it. @param by who it is, for the history */
  act(orderId: string, action: Action, now: number, by?: string): ActionResult {
    const row = this.#findUnlessErased(orderId, now);
    if (row === null) return { kind: "unknown-order" };
    if (!this.#mayAct(row, action, now)) return { kind: "not-allowed", ...this.show(row, now) };
    return { kind: "done", ...this.show(this.#act(row, action, now, by), now) };
  }

  /** The same for many. @returns how many */
  async actOnAll({ state, from, to }: Choice, action: Action, now: number, by?: string): Promise<number> {
    let count = 0;
    // What has changed since, as by this action, is not acted on again.
    const isChosen = (row: OrderRow) =>
      row.state === state && row.received! >= from && row.received! <= to && row.updated <= now;
    for await (const rows of openSlices(this.#sql)) {
      for (const row of rows.filter(isChosen)) {
        if (!this.#mayAct(row, action, now)) continue;
        if (this.#deletions.apply(row, now)) continue;
        this.#act(row, action, now, by);
        count += 1;
      }
      // They come last, and none of them is chosen.
      if (rows.some(({ state }) => state === "held")) break;
    }
    return count;
  }

  /** A review of the order exists: if it failed or is unknown, it was invited after all. */
  reviewed(orderId: string, now: number): void {
    const row = this.#findUnlessErased(orderId, now);
    if (row?.state === "unknown" || row?.state === "failed")
      this.#end(row, ended("invited", "reviewed"), now);
  }

  #mayAct(row: OrderRow, action: Action, now: number): boolean {
    const paused = this.#pauseAt(now) === null ? null : "pause";
    const obstacle: Obstacle | null = readLeniently(this.#env()).delivery.dryRun ? "dry-run" : paused;
    return allowedActions(row, obstacle).includes(action);
  }

  /** What keeps orders back at `now`, also when no order has met it yet. */
  #pauseAt(now: number): Pause | null {
    const wrong: Pause | null = readConfig(this.#env()).ok
      ? null
      : { kind: "misconfigured", until: now, failures: 0 };
    return longest(this.#gate.pauses(now)) ?? wrong;
  }

  #act(row: OrderRow, action: Action, now: number, by?: string): OrderRow {
    return this.#end(row, changeFor(action, row, now), now, {
      reason: "operator",
      ...(by !== undefined && { by }),
    });
  }

  #end(row: OrderRow, change: Change, now: number, entry: Partial<HistoryEntry> = {}): OrderRow {
    const { state: what = row.state, reason } = change;
    const done = this.#table.update(row, now, change, { what, ...(reason && { reason }), ...entry });
    if (done.due === null) this.#seen.put(this.#env().ORDERS, row.orderId, done.state, now);
    return done;
  }

  /** The order as it stands when deletions that are under way have been applied to it. */
  #findUnlessErased(orderId: string, now: number): OrderRow | null {
    const row = this.#table.find(orderId);
    return row !== null && this.#deletions.apply(row, now) ? this.#table.find(orderId) : row;
  }
}
