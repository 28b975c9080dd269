/** What a ledger says of itself, to the pages, to /metrics and to the alerts. All in one read: nothing is stored for it. */
import type { Counts } from "../domain/answer-counts.ts";
import type { OrderState } from "../domain/order.ts";
import { longest } from "../domain/pause.ts";
import { OPERATOR_TIME } from "../domain/row.ts";
import { COUNTED_FOR, type Troubles } from "../domain/troubles.ts";
import type { ArrivalTimes } from "./arrival-times.ts";
import type { DueQueue } from "./due-queue.ts";
import type { Identity } from "./ledger-identity.ts";
import type { SendGate } from "./send-gate.ts";
import type { OrderTable, TableOverview } from "./table.ts";

export interface LedgerOverview extends Troubles, TableOverview {}

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
  readonly #table: OrderTable;
  readonly #queue: DueQueue;
  readonly #arrivals: ArrivalTimes;
  readonly #gate: SendGate;
  readonly #identity: Identity;

  constructor(
    table: OrderTable,
    queue: DueQueue,
    arrivals: ArrivalTimes,
    gate: SendGate,
    identity: Identity,
  ) {
    this.#table = table;
    this.#queue = queue;
    this.#arrivals = arrivals;
    this.#gate = gate;
    this.#identity = identity;
  }

  /** @param days those of the counts: see `OrderTable.overview` */
  overview(days: readonly string[], now: number): LedgerOverview {
    return { ...this.troubles(now), ...this.#table.overview(days) };
  }

  metrics(now: number): LedgerMetrics {
    const { due, ...waiting } = this.#table.countWaiting(now);
    const pauses = this.#gate.pauses(now);
    return {
      totals: this.#table.totals(now),
      open: this.#table.countOpen(),
      waiting: { ...waiting, [longest(pauses)?.kind ?? "due"]: due },
      oldestWait: this.#queue.oldestWait(now),
      lastArrival: this.#arrivals.last(),
      breakerOpen: pauses.some(({ kind }) => kind === "outage"),
      ...this.#table.size(),
    };
  }

  troubles(now: number): Troubles {
    const open = this.#table.countOpen();
    const pauses = this.#gate.pauses(now);
    return {
      open,
      lately: this.#table.countStranded(now - COUNTED_FOR + OPERATOR_TIME),
      damaged: open.failed || open.unknown ? this.#table.countDamaged() : 0,
      pauses,
      outage: this.#gate.outage,
      heldBack: pauses.length > 0 ? this.#table.countDue(now) : 0,
      oldestWait: this.#queue.oldestWait(now),
      lastArrival: this.#arrivals.last(),
      lastOrder: this.#arrivals.lastNotRejected(),
      explanations: this.#table.explanations(),
      ...this.#table.size(),
      whyClosed: this.#identity.whyClosed,
    };
  }
}
