/**
 * Whether a ledger may send: is Trustpilot there, has it asked for patience or switched the shop off, is anything left
 * of the month's plan, has the operator paused. What concerns all orders is found out and remembered once, as a pause
 * or in the circuit breaker, instead of wasting an attempt on each order.
 */
import { Notifier } from "../bindings/notifier.ts";
import { callAllowance } from "../bindings/objects.ts";
import { shopHost, type Config } from "../config/config.ts";
import { nextMonth } from "../domain/month.ts";
import { OUTAGES } from "../domain/outage.ts";
import type { Outage } from "../domain/troubles.ts";
import { HOUR, MINUTE } from "../lib/time.ts";
import { errorName, log } from "../log.ts";
import type { Answer } from "../trustpilot/answer.ts";
import type { Transport } from "../trustpilot/transport.ts";
import { backoff } from "./backoff.ts";
import { Circuit, type Clearance } from "./circuit.ts";
import { TokenBucket } from "./token-bucket.ts";
import { endOf, type Pause } from "../domain/pause.ts";
import { Pauses } from "./pauses.ts";

/** When one of our own objects is down. */
const SHORT_PAUSE = MINUTE;
const LONGEST_CONFIG_PAUSE = HOUR;

export class SendGate {
  readonly #pauses: Pauses;
  readonly #circuit: Circuit;
  readonly #ledger: string;
  readonly #countHeld: () => number;
  readonly #notifier = new Notifier();
  readonly #bucket = new TokenBucket();
  #config!: Config;
  #env!: Env;

  /** @param ledger its name, and @param countHeld how many orders wait, for the log */
  constructor(kv: SyncKvStorage, ledger: string, countHeld: () => number) {
    this.#pauses = new Pauses(kv);
    this.#circuit = new Circuit(kv, ({ failure, until }) => {
      void this.#notifier.notify(this.#env);
      this.#logPause(OUTAGES[failure].title, until);
    });
    this.#ledger = ledger;
    this.#countHeld = countHeld;
  }

  /** How many orders may be in flight at once. */
  get concurrency(): number {
    return this.#circuit.concurrency;
  }

  /** Trustpilot failed, and no order has been answered since. */
  get isFailing(): boolean {
    return this.#circuit.isFailing;
  }

  /** What `answer` means for its order, after those before it. */
  inContext(answer: Answer): Answer {
    return this.#circuit.inContext(answer);
  }

  get outage(): Outage | null {
    return this.#circuit.outage;
  }

  /** What holds orders back at `now`. */
  pauses(now: number): Pause[] {
    const outage = this.#circuit.pause(now);
    return [...this.#pauses.active(now), ...(outage === null ? [] : [outage])];
  }

  /** From when held orders may be sent: `null` for now, `Infinity` for not until a person acts. In ms. */
  sendableFrom(now: number): number | null {
    const ends = [...this.pauses(now).map(endOf), this.#bucket.availableFrom(now) ?? 0];
    const latest = Math.max(...ends);
    return latest > now ? latest : null;
  }

  /** At the start of the object and of each run, before anything else: ends the pauses that `config` has fixed. */
  begin(config: Config, env: Env): void {
    this.#config = config;
    this.#env = env;
    this.#circuit.forgetProbe();
    const allowance = this.#pauses.get("allowance");
    const blocked = this.#pauses.get("blocked");
    this.#pauses.end(
      "misconfigured",
      ...(allowance?.limit === config.trustpilot.monthlyLimit ? [] : (["allowance"] as const)),
      ...(blocked?.host === shopHost(config) ? [] : (["blocked"] as const)),
    );
  }

  /** Whether this ledger may send now; probes Trustpilot first. */
  async maySend(transport: Transport): Promise<boolean> {
    this.#bucket.limitTo(transport.limit, this.#config.storage.ledgers);
    if (this.sendableFrom(Date.now()) !== null) return false;
    if (this.#config.delivery.dryRun) return true;
    return (await this.#circuit.isReachable(transport)) && this.sendableFrom(Date.now()) === null;
  }

  /** Takes one of the month's invitations at `now` (ms); sets the pause when there is none. */
  async takeAllowance(now: number): Promise<boolean> {
    const limit = this.#config.trustpilot.monthlyLimit;
    if (limit === null) return true;
    try {
      if (await callAllowance(this.#env, (allowance) => allowance.take(limit, now))) return true;
      const until = nextMonth(now);
      this.#pauses.set({ kind: "allowance", limit, until });
      this.#logPause("MONTHLY_LIMIT is used up", until);
    } catch (error) {
      this.pauseFor("allowance", error);
    }
    return false;
  }

  /** A token that cannot be given back is lost for the month: better one invitation too few than one too many. */
  async giveBackAllowance(takenAt: number): Promise<void> {
    if (this.#config.trustpilot.monthlyLimit === null) return;
    await callAllowance(this.#env, (allowance) => allowance.giveBack(takenAt)).catch(() => {});
  }

  /** Called right before a request leaves; `null` when it must not. Each one that is let through leaves once. */
  enter(): Clearance | null {
    const now = Date.now();
    const clearance = this.sendableFrom(now) === null ? this.#circuit.enter() : null;
    if (clearance !== null) this.#bucket.take(now);
    return clearance;
  }

  leave(): void {
    this.#circuit.leave();
  }

  /** What one order's answer means for the others. */
  observe(answer: Answer, clearance: Clearance): void {
    const now = Date.now();
    switch (answer.kind) {
      case "blocked":
        this.#block(answer, now);
        return this.#circuit.succeeded(now);
      case "created":
      case "refused":
        return this.#circuit.succeeded(now);
      case "transient":
        if (answer.retryAfter !== null) this.#waitFor(answer.retryAfter, now);
        return this.#circuit.failed(answer.status === 429 ? "rateLimited" : "error", clearance, now);
      case "notReached":
        return this.#circuit.failed("unreachable", clearance, now);
      case "accountRefused":
        return this.#circuit.failed(answer.problem, clearance, now);
      case "accessRefused":
      case "ambiguous":
      case "noResponse":
        return this.#circuit.failed(answer.kind, clearance, now);
    }
  }

  /** Until a complete configuration is deployed: for a minute, then longer, at most an hour. */
  pauseForConfig(): void {
    const failures = (this.#pauses.get("misconfigured")?.failures ?? 0) + 1;
    const until = Date.now() + Math.min(LONGEST_CONFIG_PAUSE, MINUTE * 2 ** (failures - 1));
    this.#pauses.set({ kind: "misconfigured", until, failures });
  }

  /** When one of our own objects is down. */
  pauseFor(object: "audiences" | "allowance", error: unknown): void {
    this.#pauses.set({ kind: "unavailable", object, until: Date.now() + SHORT_PAUSE });
    log(
      { log: "ledger", ledger: this.#ledger, reason: `${object} cannot be reached`, error: errorName(error) },
      "error",
    );
  }

  /** An operator's pause. @param until in ms; `null` until it is resumed */
  pause(reason: string, until: number | null): void {
    this.#pauses.set({ kind: "operator", reason, since: Date.now(), until });
    this.#logPause("paused by an operator", until);
  }

  /** Ends every pause, and the wait of the circuit breaker, whose next step is a test. @returns what forbids it */
  resume(): "fenced" | "lacksAudiences" | null {
    if (this.#pauses.get("fenced") !== null) return "fenced";
    if (this.#pauses.get("imported")?.lacksAudiences) return "lacksAudiences";
    this.#pauses.endAll();
    this.#circuit.endWait(Date.now());
    return null;
  }

  /** @throws FencedError: nothing may be accepted or decided here any more */
  expectUnfenced(): void {
    if (this.#pauses.get("fenced") !== null) throw new FencedError();
  }

  /** For backups and moves (transfer.ts). */
  hold(pause: Pause & { kind: "fenced" | "imported" }): void {
    this.#pauses.set(pause);
  }

  unfence(): void {
    this.#pauses.end("fenced");
  }

  /** As after a first attempt: an order that has failed for days must not stop the others for hours. */
  #waitFor(retryAfter: number, now: number): void {
    const until = now + backoff(1, retryAfter, Math.random());
    if (until <= (this.#pauses.get("rateLimited")?.until ?? 0)) return;
    this.#pauses.set({ kind: "rateLimited", until });
  }

  #block(answer: Answer & { kind: "blocked" }, now: number): void {
    void this.#notifier.notify(this.#env);
    if (this.#pauses.get("blocked") !== null) return;
    this.#pauses.set({ kind: "blocked", host: shopHost(this.#config), since: now });
    const reason = `Trustpilot (${answer.status}) has disabled the integration for this shop's domain. Enable it at Trustpilot, then resume.`;
    log({ log: "ledger", ledger: this.#ledger, reason, orders: this.#countHeld() }, "error");
  }

  #logPause(reason: string, until: number | null): void {
    const end = until === null ? {} : { until: new Date(until).toISOString() };
    log({ log: "ledger", ledger: this.#ledger, reason, ...end, orders: this.#countHeld() }, "warn");
  }
}

export class FencedError extends Error {
  override name = "FencedError";
  constructor() {
    super("The ledger is fenced for a move to another Worker.");
  }
}
