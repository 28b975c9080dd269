/**
 * Sends what is due, a few orders at a time, until nothing is due or something makes the whole ledger pause.
 *
 * The lease is written before the request goes out, and the request waits until the lease is on disk, so a crash at any
 * point leaves either an order that was certainly not sent, or one whose lease says that it may have been. The second
 * is never sent again without the operator's word.
 */
import { readConfig, type Config } from "../config/config.ts";
import { SETTINGS } from "../config/settings.ts";
import { longestWait, waitReason } from "../domain/eligibility.ts";
import type { OrderRow } from "../domain/row.ts";
import { MINUTE, SECOND } from "../lib/time.ts";
import { errorName, log } from "../log.ts";
import { isNotCreated, type Answer } from "../trustpilot/answer.ts";
import type { Prepared, Transport } from "../trustpilot/transport.ts";
import { openTransport } from "../bindings/open-transport.ts";
import type { SeenWriter } from "../bindings/seen-cache.ts";
import type { DueQueue } from "./due-queue.ts";
import type { CustomerDeletions } from "./customer-deletions.ts";
import { leaseTime } from "./lease.ts";
import type { SendGate } from "./send-gate.ts";
import { Settlement } from "./settlement.ts";
import { skipReason } from "./skip-reason.ts";
import type { OrderTable } from "./table.ts";

/**
 * Orders in one run. Each makes up to three requests (two posts and a probe); the free plan allows fifty in one
 * invocation, and the next one throws, which would look like one more lost answer. The alarm that follows at once is a
 * new invocation.
 */
const MAX_ORDERS = 12;
/** Orders in one run that have waited too long: none of them makes a request. */
const MAX_ENDED = 1_000;
/** The platform ends an alarm after fifteen minutes; the next one takes over before. */
const LONGEST_RUN = 10 * MINUTE;
/** How often a run looks for orders that became due, while it waits for an answer. */
const IDLE = SECOND;

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

const WAIT_LIMITS = new Set<string>([SETTINGS.rules.maxWaitDays.name, SETTINGS.rules.maxOrderAgeDays.name]);

export class Delivery {
  readonly #table: OrderTable;
  readonly #queue: DueQueue;
  readonly #deletions: CustomerDeletions;
  readonly #gate: SendGate;
  readonly #settlement: Settlement;
  readonly #storage: DurableObjectStorage;
  readonly #ledger: string;
  #env!: Env;
  /** Order ids that a run has in hand. */
  readonly #inHand = new Set<string>();
  /** Aborted, and replaced, when an order is released. */
  #released = new AbortController();

  /** @param ledger its name, for the log */
  constructor(
    parts: {
      table: OrderTable;
      queue: DueQueue;
      deletions: CustomerDeletions;
      gate: SendGate;
      seen: SeenWriter;
    },
    storage: DurableObjectStorage,
    ledger: string,
  ) {
    this.#table = parts.table;
    this.#queue = parts.queue;
    this.#deletions = parts.deletions;
    this.#gate = parts.gate;
    this.#settlement = new Settlement(parts.table, parts.seen);
    this.#storage = storage;
    this.#ledger = ledger;
  }

  /**
   * One run: settles what was left behind, ends what has waited too long, then delivers.
   *
   * @returns `false` when an order was given up for this run because handling it threw
   */
  async run(env: Env): Promise<boolean> {
    this.#env = env;
    const checked = readConfig(env);
    const config = checked.ok ? checked.config : checked.readable;
    this.#settlement.begin(config, env);
    const run: Run = {
      config,
      transport: openTransport(config, env),
      end: Date.now() + LONGEST_RUN,
      left: MAX_ORDERS,
      givenUp: new Set(),
    };
    for (const orderId of this.#settlement.unsettled)
      await this.#take(orderId, run, () => this.#settlement.settle(orderId));
    await this.#settleOverdue(run);
    // What a default in place of a mistyped limit would skip, stays skipped when the limit is corrected.
    if (checked.ok || !checked.problems.some(({ name }) => WAIT_LIMITS.has(name)))
      await this.#endLongWaits(run);
    if (checked.ok) {
      this.#gate.begin(config, env);
      await this.#deliverDue(run);
    } else {
      log({ log: "config", problems: checked.problems.map(({ name }) => name) }, "error");
      this.#gate.pauseForConfig();
    }
    return run.givenUp.size === 0;
  }

  /** Starts orders as long as one more may be in flight, and ends when none is due or the ledger pauses. */
  async #deliverDue(run: Run): Promise<void> {
    const started: Promise<void>[] = [];
    let mayGo = true;
    while (mayGo && run.left > 0 && Date.now() < run.end) {
      const orderId = this.#inHand.size < this.#gate.concurrency ? this.#nextDue(run) : undefined;
      if (orderId === undefined) {
        if (this.#inHand.size === 0) break;
        // No other alarm runs until this one returns: what becomes due meanwhile must not wait for the slowest answer.
        await scheduler.wait(IDLE, { signal: this.#released.signal }).catch(() => {});
        continue;
      }
      run.left -= 1;
      started.push(
        this.#take(orderId, run, async () => {
          if (await this.#gate.maySend(run.transport)) await this.#deliver(orderId, run);
          else mayGo = false;
        }),
      );
    }
    await Promise.all(started);
  }

  /**
   * Under an allowance the newest order goes first: those that have waited for months are of less use. A failing
   * Trustpilot is tested with the order that was tried least recently.
   */
  #nextDue({ config, givenUp }: Run): string | undefined {
    const newestFirst = config.trustpilot.monthlyLimit !== null && !this.#gate.isFailing;
    return this.#queue
      .dueOrderIds(Date.now(), this.#inHand.size + givenUp.size + 1, newestFirst)
      .find((id) => !this.#inHand.has(id) && !givenUp.has(id));
  }

  /**
   * Keeps `orderId` in hand while `work` runs. If it throws, as for a damaged row, the order is put off and no other is
   * stopped.
   */
  async #take(orderId: string, run: Run, work: () => void | Promise<void>): Promise<void> {
    this.#inHand.add(orderId);
    try {
      await work();
    } catch (error) {
      this.#putOff(orderId, run);
      const reason = "the order cannot be handled";
      log({ log: "ledger", ledger: this.#ledger, reason, orderId, error: errorName(error) }, "error");
    } finally {
      this.#inHand.delete(orderId);
      this.#released.abort();
      this.#released = new AbortController();
    }
  }

  #putOff(orderId: string, run: Run): void {
    try {
      if (this.#settlement.isUnsettled(orderId)) run.givenUp.add(orderId);
      else if (this.#table.noteFault(orderId, Date.now())) this.#settlement.notify();
    } catch {
      run.givenUp.add(orderId);
    }
  }

  async #deliver(orderId: string, { config, transport }: Run): Promise<void> {
    const row = this.#table.findIntact(orderId);
    const order = row?.personal;
    if (!order) return this.#settlement.skip(orderId, "data_missing");
    const prepared = transport.prepare(order);
    const waited = Date.now() - (row.since ?? row.due!);
    const skip =
      waited > longestWait(config.rules)
        ? waitReason(config.rules)
        : await skipReason(order, prepared, config, this.#env, this.#gate);
    if (skip === "undecided") return;
    if (skip !== null) return this.#settlement.skip(orderId, skip);

    const takenAt = Date.now();
    if (!(await this.#gate.takeAllowance(takenAt))) return;
    const answer = await this.#send(orderId, prepared, leaseTime(transport.attemptTimeout));
    if (answer === null || isNotCreated(answer)) await this.#gate.giveBackAllowance(takenAt);
  }

  /** @returns `null` when the order was not sent: withdrawn or held back while other objects were called */
  async #send(orderId: string, prepared: Prepared, lease: number): Promise<Answer | null> {
    const clearance = this.#gate.enter();
    if (clearance === null) return null;
    try {
      const leased = this.#lease(orderId, lease);
      if (leased === null) return null;
      // Wait here: otherwise the runtime would delay the request while its timeout is already running.
      await this.#storage.sync();
      const answer = this.#gate.inContext(await prepared.send());
      this.#settlement.keep(leased, answer);
      this.#gate.observe(answer, clearance);
      this.#settlement.settle(orderId);
      return answer;
    } finally {
      this.#gate.leave();
    }
  }

  /** `null` when the order was cancelled, deleted or put off meanwhile. */
  #lease(orderId: string, lease: number): OrderRow | null {
    const now = Date.now();
    const row = this.#table.findIntact(orderId);
    if (row?.state !== "held" || row.due === null || row.due > now) return null;
    if (this.#deletions.apply(row, now)) return null;
    const { attempts, since, due } = row;
    return this.#table.update(row, now, {
      state: "sending",
      due: now + lease,
      since: since ?? due,
      attempts: attempts + 1,
    });
  }

  /** Leases whose object is gone, and personal data that is not needed any more. */
  async #settleOverdue(run: Run): Promise<void> {
    const now = Date.now();
    for (;;) {
      const known = this.#inHand.size + this.#settlement.unsettled.length + run.givenUp.size;
      const orderId = this.#queue
        .overdueOrderIds(now, known + 1)
        .find((id) => !this.#inHand.has(id) && !this.#settlement.isUnsettled(id) && !run.givenUp.has(id));
      if (orderId === undefined) return;
      await this.#take(orderId, run, () => this.#settlement.settleOverdue(orderId));
    }
  }

  /** Whatever holds them back, so that every wait ends. */
  async #endLongWaits(run: Run): Promise<void> {
    const { rules } = run.config;
    for (const orderId of this.#queue.waitingSince(Date.now() - longestWait(rules), MAX_ENDED)) {
      if (this.#inHand.has(orderId)) continue;
      await this.#take(orderId, run, () => this.#settlement.skip(orderId, waitReason(rules)));
    }
  }
}
