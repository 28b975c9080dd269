/**
 * Whether a ledger may send at all: is Trustpilot there, has it asked for patience or switched the shop off, is
 * anything left of the month's plan. What concerns all orders is asked and remembered once, as a pause, instead of
 * burning an attempt on each.
 */
import { shopHost, type Config } from "../config/config.ts";
import { errorName, log } from "../log.ts";
import type { Answer } from "../trustpilot/answer.ts";
import type { Transport } from "../trustpilot/transport.ts";
import { backoff } from "./backoff.ts";
import type { Pauses } from "./pause.ts";
import { callAllowance } from "../bindings/objects.ts";
import { nextMonth } from "../domain/month.ts";

/** When something of our own is away or wrong. */
const SHORT_PAUSE = 60_000;

export class SendGate {
  readonly #pauses: Pauses;
  readonly #ledger: string;
  readonly #countHeld: () => number;
  /** Asked once, and again after an answer got lost. */
  #reachable: Promise<boolean> | undefined;

  /** @param ledger its name, and @param countHeld how many orders wait, for the log */
  constructor(pauses: Pauses, ledger: string, countHeld: () => number) {
    this.#pauses = pauses;
    this.#ledger = ledger;
    this.#countHeld = countHeld;
  }

  /** At the start of a run: whether Trustpilot is there has to be asked again. */
  begin(): void {
    this.#reachable = undefined;
  }

  /** Whether this ledger may send now; sets the pause when it may not. */
  async maySend({ delivery }: Config, transport: Transport): Promise<boolean> {
    if (this.#pauses.heldFrom(Date.now()) !== null) return false;
    if (delivery.dryRun) return true;
    const reachable = await (this.#reachable ??= transport.probe());
    const paused = this.#pauses.heldFrom(Date.now()) !== null;
    if (reachable || paused) {
      if (!paused) this.#pauses.end();
      return !paused;
    }
    const { current } = this.#pauses;
    const failures = current?.kind === "unreachable" ? current.failures + 1 : 1;
    const until = Date.now() + backoff(failures, null, Math.random());
    this.#pauses.set({ kind: "unreachable", until, failures });
    this.#logPause("Trustpilot cannot be reached", until);
    return false;
  }

  /** Takes one of the month's invitations at `now` (ms); sets the pause when there is none. */
  async takeAllowance(now: number, { trustpilot: { monthlyLimit } }: Config, env: Env): Promise<boolean> {
    if (monthlyLimit === null) return true;
    try {
      if (await callAllowance(env, (allowance) => allowance.take(monthlyLimit, now))) return true;
      const until = nextMonth(now);
      this.#pauses.set({ kind: "allowance", until });
      this.#logPause("MONTHLY_LIMIT is used up", until);
    } catch (error) {
      this.pauseFor("allowance", error);
    }
    return false;
  }

  /** A token that cannot be given back is lost for the month: that errs on the plan's side. */
  async giveBackAllowance(
    takenAt: number,
    { trustpilot: { monthlyLimit } }: Config,
    env: Env,
  ): Promise<void> {
    if (monthlyLimit === null) return;
    await callAllowance(env, (allowance) => allowance.giveBack(takenAt)).catch(() => {});
  }

  /** What one order's answer means for the others. */
  observe(answer: Answer, config: Config, now: number): void {
    if (answer.kind === "noResponse" || answer.kind === "notReached") this.#reachable = undefined;
    if (answer.kind === "blocked") this.#block(answer, config, now);
    if (answer.kind === "transient" && answer.retryAfter !== null) {
      // As for a first attempt: an order that has failed for days must not stop the others for hours.
      this.#pauses.set({ kind: "rateLimited", until: now + backoff(1, answer.retryAfter, Math.random()) });
    }
  }

  /** Until a complete configuration is deployed, or for a minute. */
  pauseForConfig(): void {
    this.#pauses.set({ kind: "misconfigured", until: Date.now() + SHORT_PAUSE });
  }

  #block(answer: Answer & { kind: "blocked" }, config: Config, now: number): void {
    if (this.#pauses.current?.kind === "blocked") return;
    this.#pauses.set({ kind: "blocked", host: shopHost(config), since: now });
    const orders = this.#countHeld();
    const reason = `Trustpilot (${answer.status}) has disabled the integration for this shop's domain. Enable it at Trustpilot, then resume.`;
    log({ log: "ledger", ledger: this.#ledger, reason, orders }, "error");
  }

  /** When something of our own is away. */
  pauseFor(kind: "audiences" | "allowance", error: unknown): void {
    const until = Date.now() + SHORT_PAUSE;
    this.#pauses.set({ kind, until });
    log(
      { log: "ledger", ledger: this.#ledger, reason: `${kind} cannot be asked`, error: errorName(error) },
      "error",
    );
  }

  #logPause(reason: string, until: number): void {
    const orders = this.#countHeld();
    log(
      { log: "ledger", ledger: this.#ledger, reason, until: new Date(until).toISOString(), orders },
      "warn",
    );
  }
}
