/**
 * Sends what is due, six orders at a time, until nothing is due or something makes the whole ledger pause.
 *
 * The lease is written before the request goes out (the runtime holds an outgoing request back until what was
 * written before it is on disk), so a crash at any point leaves either an order that was certainly not sent, or
 * one whose lease says that it may have been. The second is never sent again without the operator's word.
 */
import { Notifier } from "../bindings/notifier.ts";
import { callAudiences } from "../bindings/objects.ts";
import { SeenWriter } from "../bindings/seen-cache.ts";
import { readConfig, type Config } from "../config/config.ts";
import { errorName, log } from "../log.ts";
import { isNotCreated, type Answer } from "../trustpilot/answer.ts";
import type { Transport } from "../trustpilot/transport.ts";
import { openTransport } from "../trustpilot/transports.ts";
import { audienceRule, hasAudienceRule } from "../domain/audience-rule.ts";
import { SendGate } from "./send-gate.ts";
import type { Order, Reason } from "../domain/order.ts";
import type { Pauses } from "./pause.ts";
import type { OrderTable } from "./table.ts";
import { afterAnswer, afterLoss } from "./transition.ts";
import { type Change, type OrderRow, ended } from "../domain/row.ts";

/** A Durable Object may have six connections open at once. */
const CONCURRENCY = 6;
/**
 * Orders in one run. Each makes up to four requests (two posts, and two to see whether anybody is there after a lost
 * answer); the free plan allows fifty in one invocation, and the next one throws, which would look like one more
 * lost answer. The alarm that follows at once is a new invocation.
 */
const MOST_ORDERS = 12;
/** The platform ends an alarm after fifteen minutes; the next one takes over before. */
const LONGEST_RUN = 10 * 60_000;
/** How much longer a lease lasts than any attempt, so that one which has ended belongs to an object that is gone. */
const BEYOND_ATTEMPT = 10_000;
/** How often a lane without work looks again, while another waits for an answer. */
const IDLE = 1_000;

interface Run {
  config: Config;
  transport: Transport;
  /** When the run has to be over, in ms. */
  end: number;
  /** How many more orders may be taken. */
  left: number;
  /** Order ids that threw; the next run tries them again. */
  givenUp: Set<string>;
}

export class Delivery {
  readonly #table: OrderTable;
  readonly #gate: SendGate;
  readonly #ledger: string;
  readonly #notifier = new Notifier();
  readonly #seen = new SeenWriter();
  #env!: Env;
  /** Order ids that a lane has in hand. */
  readonly #inHand = new Set<string>();
  /** Aborted, and made anew, when an order is let go of. */
  #released = new AbortController();

  /** @param ledger its name, for the log */
  constructor(table: OrderTable, pauses: Pauses, ledger: string) {
    this.#table = table;
    this.#gate = new SendGate(pauses, ledger, () => table.countOpen().held ?? 0);
    this.#ledger = ledger;
  }

  /**
   * One run: settles what was left behind, then delivers.
   *
   * @returns `false` when an order was given up for this run because handling it threw
   */
  async run(env: Env): Promise<boolean> {
    this.#env = env;
    const checked = readConfig(env);
    if (!checked.ok) {
      log({ log: "config", problems: checked.problems.map(({ name }) => name) }, "error");
      this.#gate.pauseForConfig();
      return true;
    }
    this.#gate.begin();
    const run: Run = {
      config: checked.config,
      transport: openTransport(checked.config),
      end: Date.now() + LONGEST_RUN,
      left: MOST_ORDERS,
      givenUp: new Set(),
    };
    await this.#settleOverdue(run);
    await Promise.all(Array.from({ length: CONCURRENCY }, () => this.#lane(run)));
    return run.givenUp.size === 0;
  }

  async #lane(run: Run): Promise<void> {
    while (run.left > 0 && Date.now() < run.end) {
      const orderId = this.#table
        .dueOrderIds(Date.now(), CONCURRENCY + run.givenUp.size)
        .find((id) => !this.#inHand.has(id) && !run.givenUp.has(id));
      if (orderId === undefined) {
        if (this.#inHand.size === 0) return;
        // No other alarm comes before the slowest answer is there: what becomes due meanwhile must not wait for it.
        await scheduler.wait(IDLE, { signal: this.#released.signal }).catch(() => {});
        continue;
      }
      run.left -= 1;
      let mayGo = true;
      await this.#take(orderId, run, async () => {
        mayGo = await this.#gate.maySend(run.config, run.transport);
        if (mayGo) await this.#deliver(orderId, run);
      });
      if (!mayGo) return;
    }
  }

  /** Has `orderId` in hand for `work`. One that throws, as a damaged row does, must not stop the others. */
  async #take(orderId: string, run: Run, work: () => void | Promise<void>): Promise<void> {
    this.#inHand.add(orderId);
    try {
      await work();
    } catch (error) {
      run.givenUp.add(orderId);
      const reason = "the order cannot be handled";
      log({ log: "ledger", ledger: this.#ledger, reason, orderId, error: errorName(error) }, "error");
    } finally {
      this.#inHand.delete(orderId);
      this.#released.abort();
      this.#released = new AbortController();
    }
  }

  async #deliver(orderId: string, { config, transport }: Run): Promise<void> {
    const { personal: order } = this.#table.find(orderId) ?? {};
    if (!order) return;
    const prepared = transport.prepare(order);
    const skip = await this.#skipReason(order, prepared.shown, config);
    if (skip === "undecided") return;
    if (skip !== null) return this.#settleUnsent(orderId, ended("skipped", skip));

    const takenAt = Date.now();
    if (!(await this.#gate.takeAllowance(takenAt, config, this.#env))) return;
    const leased = this.#lease(orderId, transport.attemptTimeout + BEYOND_ATTEMPT);
    if (!leased) return this.#gate.giveBackAllowance(takenAt, config, this.#env);
    const answer = await prepared.send();
    this.#settle(leased, answer, config);
    if (isNotCreated(answer)) await this.#gate.giveBackAllowance(takenAt, config, this.#env);
  }

  /** Audiences are asked again just before sending: a customer may have opted out while the order waited. */
  async #skipReason(
    order: Order,
    invitation: object,
    { rules, delivery }: Config,
  ): Promise<Reason | null | "undecided"> {
    if (hasAudienceRule(rules)) {
      try {
        const [memberOf = []] = await callAudiences(this.#env, (audiences) =>
          audiences.audiencesOf([order.customer]),
        );
        const reason = audienceRule(memberOf, rules);
        if (reason !== null) return reason;
      } catch (error) {
        this.#gate.pauseFor("audiences", error);
        return "undecided";
      }
    }
    if (!delivery.dryRun) return null;
    log({ log: "dry-run", orderId: order.orderId, invitation });
    return "dry_run";
  }

  /** `null` when the order was cancelled, deleted or held back while it was looked at. */
  #lease(orderId: string, duration: number): OrderRow | null {
    const now = Date.now();
    const row = this.#table.find(orderId);
    if (row?.state !== "held" || row.due === null || row.due > now) return null;
    return this.#table.update(row, now, {
      state: "sending",
      due: now + duration,
      attempts: row.attempts + 1,
    });
  }

  /** Records the answer to the request that `leased` was the lease for. */
  #settle(leased: OrderRow, answer: Answer, config: Config): void {
    const now = Date.now();
    const { status, milliseconds } = answer;
    // Read again: a cancellation may have been noted meanwhile.
    const row = this.#table.find(leased.orderId) ?? leased;
    const change = afterAnswer(row, answer, {
      now,
      random: Math.random(),
      onUnknown: config.delivery.onUnknown,
    });
    this.#apply(row, now, change, { what: "attempt", status, milliseconds });
    log(
      {
        log: "delivery",
        orderId: row.orderId,
        ...this.#shop(),
        state: change.state ?? row.state,
        attempt: leased.attempts,
        status,
        milliseconds,
        ...(change.reason && { reason: change.reason }),
        ...(change.state === "held" && change.due && { next: new Date(change.due).toISOString() }),
      },
      change.state === "invited" || change.state === "held" ? "log" : "warn",
    );
    this.#gate.observe(answer, config, now);
    if (answer.kind === "blocked") void this.#notifier.notify(this.#env);
  }

  #shop(): { shop?: string } {
    return this.#env.SHOP === undefined ? {} : { shop: this.#env.SHOP };
  }

  /** An order that ends without a request. */
  #settleUnsent(orderId: string, change: Change): void {
    const row = this.#table.find(orderId);
    if (row?.state === "held") this.#apply(row, Date.now(), change);
  }

  #apply(
    row: OrderRow,
    now: number,
    change: Change,
    ...entries: Parameters<OrderTable["update"]>[3][]
  ): void {
    const state = change.state ?? row.state;
    const ending = { what: state, ...(change.reason && { reason: change.reason }) };
    this.#table.update(row, now, change, ...entries, ...(state === "held" ? [] : [ending]));
    // Not waited for: a slow KV must not keep the next order back.
    if (state !== "held") this.#seen.put(this.#env.ORDERS, row.orderId, state, now);
    if (state === "failed" || state === "unknown") void this.#notifier.notify(this.#env);
  }

  /** Leases whose object is gone, and data that nobody needs any more. */
  async #settleOverdue(run: Run): Promise<void> {
    const now = Date.now();
    for (;;) {
      const orderId = this.#table
        .overdueOrderIds(now, CONCURRENCY + run.givenUp.size + 1)
        .find((id) => !this.#inHand.has(id) && !run.givenUp.has(id));
      if (orderId === undefined) return;
      await this.#take(orderId, run, () => this.#settleLeftBehind(orderId, now, run.config));
    }
  }

  #settleLeftBehind(orderId: string, now: number, { delivery: { onUnknown } }: Config): void {
    const row = this.#table.find(orderId)!;
    if (row.state !== "sending") {
      this.#table.update(row, now, { due: null, personal: null });
      return;
    }
    const change = afterLoss(row, "interrupted", { now, random: Math.random(), onUnknown });
    this.#apply(row, now, change, { what: "attempt", status: null, reason: "interrupted" });
    const state = change.state ?? row.state;
    const { attempts: attempt } = row;
    log(
      {
        log: "delivery",
        orderId,
        ...this.#shop(),
        state,
        attempt,
        status: null,
        milliseconds: 0,
        reason: "interrupted",
      },
      "warn",
    );
  }
}
