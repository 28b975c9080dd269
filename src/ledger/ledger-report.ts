/** What a ledger says of itself, to the pages, to /metrics and to the alerts. All in one read: nothing is stored for it. */
import type { Counts } from "../domain/answer-counts.ts";
import type { OrderState } from "../domain/order.ts";
import { longest } from "../domain/pause.ts";
import { OPERATOR_TIME } from "../domain/row.ts";
import { COUNTED_FOR, type Troubles } from "../domain/troubles.ts";
import type { ArrivalTimes } from "./arrival-times.ts";
import type { Database } from "./database.ts";
import type { DueQueue } from "./due-queue.ts";
import type { Identity } from "./ledger-identity.ts";
import type { DaysOverview, OrderCounts } from "./order-counts.ts";
import type { SendGate } from "./send-gate.ts";

export interface LedgerOverview extends Troubles, DaysOverview {}

/** For /metrics. */
export interface LedgerMetrics {
  /** Of all days: see `DailyCounts`. */
  totals: Counts;
  open: Partial<Record<OrderState, number>>;
  /** Orders by what they wait for; what is due waits for the end of a pause (its kind), or for its turn (`due`). */
  waiting: Counts;
  oldestWait: number | null;
  lastArrival: number | null;
  breakerOpen: boolean;
  bytes: number;
  full: boolean;
}

export class LedgerReport {
  readonly #counts: OrderCounts;
  readonly #sql: Database;
  readonly #queue: DueQueue;
  readonly #arrivals: ArrivalTimes;
  readonly #gate: SendGate;
  readonly #identity: Identity;

  constructor(
    counts: OrderCounts,
    sql: Database,
    queue: DueQueue,
    arrivals: ArrivalTimes,
    gate: SendGate,
    identity: Identity,
  ) {
    this.#counts = counts;
    this.#sql = sql;
    this.#queue = queue;
    this.#arrivals = arrivals;
    this.#gate = gate;
    this.#identity = identity;
  }

  /** @param days those of the counts: see `OrderCounts.overview` */
  overview(days: readonly string[], now: number): LedgerOverview {
    return { ...this.troubles(now), ...this.#counts.overview(days) };
  }

  metrics(now: number): LedgerMetrics {
    const { due, ...waiting } = this.#counts.waiting(now);
    const pauses = this.#gate.pauses(now);
    return {
      totals: this.#counts.totals(now),
      open: this.#counts.open(),
      waiting: { ...waiting, [longest(pauses)?.kind ?? "due"]: due },
      oldestWait: this.#queue.oldestWait(now),
      lastArrival: this.#arrivals.last(),
      breakerOpen: pauses.some(({ kind }) => kind === "outage"),
      ...this.#sql.size,
    };
  }

  troubles(now: number): Troubles {
    const open = this.#counts.open();
    const pauses = this.#gate.pauses(now);
    return {
      open,
      lately: this.#counts.stranded(now - COUNTED_FOR + OPERATOR_TIME),
      damaged: open.failed || open.unknown ? this.#counts.damaged() : 0,
      pauses,
      outage: this.#gate.outage,
      heldBack: pauses.length > 0 ? this.#counts.due(now) : 0,
      oldestWait: this.#queue.oldestWait(now),
      lastArrival: this.#arrivals.last(),
      lastOrder: this.#arrivals.lastNotRejected(),
      explanations: this.#counts.explanations(),
      ...this.#sql.size,
      whyClosed: this.#identity.whyClosed,
    };
  }
}
