/**
 * Writes down how an order's attempt ended, logs it, and tells KV and the alerts.
 *
 * An answer that was read is never discarded: when it cannot be written, it is kept and written by a later run. Until
 * then the order's lease is not judged, since what it would be judged by, that nothing is known, is not true.
 */
import { Notifier } from "../bindings/notifier.ts";
import type { SeenWriter } from "../bindings/seen-cache.ts";
import type { Config } from "../config/config.ts";
import type { Reason } from "../domain/order.ts";
import { ended, type Change, type OrderRow } from "../domain/row.ts";
import { log } from "../log.ts";
import type { Answer } from "../trustpilot/answer.ts";
import type { NewEntry, OrderTable } from "./table.ts";
import { afterAnswer, afterLoss } from "./after-attempt.ts";

interface Attempt {
  leased: OrderRow;
  answer: Answer;
}

type AttemptOutcome = Pick<Answer, "status" | "milliseconds" | "message">;

export class Settlement {
  readonly #table: OrderTable;
  readonly #notifier = new Notifier();
  readonly #seen: SeenWriter;
  /** Answers that are not written yet, by order id. */
  readonly #unsettled = new Map<string, Attempt>();
  #onUnknown: Config["delivery"]["onUnknown"] = "wait";
  #env!: Env;

  constructor(table: OrderTable, seen: SeenWriter) {
    this.#table = table;
    this.#seen = seen;
  }

  /** At the start of a run, before anything else. */
  begin({ delivery }: Config, env: Env): void {
    this.#onUnknown = delivery.onUnknown;
    this.#env = env;
  }

  /** Keeps the answer to the request that `leased` was the lease for, until `settle` has written it. */
  keep(leased: OrderRow, answer: Answer): void {
    this.#unsettled.set(leased.orderId, { leased, answer });
  }

  /** The orders whose answers are kept. */
  get unsettled(): string[] {
    return [...this.#unsettled.keys()];
  }

  isUnsettled(orderId: string): boolean {
    return this.#unsettled.has(orderId);
  }

  /** Writes the answer that was kept. @throws when it cannot be written; then it stays kept */
  settle(orderId: string): void {
    const attempt = this.#unsettled.get(orderId);
    if (attempt === undefined) return;
    const { leased, answer } = attempt;
    // Read again: a cancellation may have been noted meanwhile.
    const row = this.#table.find(orderId) ?? leased;
    const change = afterAnswer(row, answer, this.#circumstances());
    const { status, milliseconds, message } = answer;
    const outcome = { status, milliseconds, ...(message !== undefined && { message }) };
    this.#apply(row, change, { what: "attempt", ...outcome });
    this.#unsettled.delete(orderId);
    this.#logAttempt(row, change, outcome);
  }

  /** A lease whose object is gone, or personal data that is not needed any more. */
  settleOverdue(orderId: string): void {
    const row = this.#table.findIntact(orderId);
    if (row === null) return;
    if (row.state !== "sending") {
      this.#table.update(row, Date.now(), { due: null, personal: null });
      return;
    }
    const change = afterLoss(row, "interrupted", this.#circumstances());
    this.#apply(row, change, { what: "attempt", status: null, reason: "interrupted" });
    this.#logAttempt(row, { ...change, reason: "interrupted" }, { status: null, milliseconds: 0 });
  }

  /** An order that ends without a request. */
  skip(orderId: string, reason: Reason): void {
    const row = this.#table.findIntact(orderId);
    if (row?.state === "held") this.#apply(row, ended("skipped", reason));
  }

  #circumstances() {
    return { now: Date.now(), random: Math.random(), onUnknown: this.#onUnknown };
  }

  #apply(row: OrderRow, change: Change, ...entries: NewEntry[]): void {
    const now = Date.now();
    const state = change.state ?? row.state;
    const ending = { what: state, ...(change.reason && { reason: change.reason }) };
    this.#table.update(row, now, change, ...entries, ...(state === "held" ? [] : [ending]));
    // Not waited for: a slow KV must not keep the next order back.
    if (state !== "held") this.#seen.put(this.#env.ORDERS, row.orderId, state, now);
    if (state === "failed" || state === "unknown") this.notify();
  }

  /** An order needs an operator. */
  notify(): void {
    void this.#notifier.notify(this.#env);
  }

  #logAttempt(row: OrderRow, change: Change, outcome: AttemptOutcome): void {
    const state = change.state ?? row.state;
    const { SHOP: shop } = this.#env;
    log(
      {
        log: "delivery",
        orderId: row.orderId,
        ...(shop !== undefined && { shop }),
        state,
        attempt: row.attempts,
        ...outcome,
        ...(change.reason && { reason: change.reason }),
        ...(state === "held" && change.due && { next: new Date(change.due).toISOString() }),
      },
      state === "invited" || (state === "held" && outcome.status !== null) ? "log" : "warn",
    );
  }
}
