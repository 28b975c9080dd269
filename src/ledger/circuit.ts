/**
 * The circuit breaker at work: keeps its state in the ledger's storage, probes Trustpilot, and counts what is in flight.
 *
 * How many orders may be in flight is known in memory alone, so an order that is invited without a fault writes nothing
 * for it, and an object that starts anew starts slowly.
 */
import type { Answer } from "../trustpilot/answer.ts";
import type { Transport } from "../trustpilot/transport.ts";
import {
  afterFailure,
  afterSuccess,
  hasOpened,
  inContext,
  isOpen,
  MAX_CONCURRENCY,
  withoutWait,
} from "./breaker.ts";
import type { Breaker } from "./breaker.ts";
import type { Failure } from "../domain/outage.ts";
import type { Pause } from "../domain/pause.ts";
import type { Outage } from "../domain/troubles.ts";

const KEY = "breaker";

type OutagePause = Pause & { kind: "outage" };

/** For one request that may leave. */
export interface Clearance {
  /** The request is a test: Trustpilot was failing, and a probe has been answered since. */
  probed: boolean;
}

export class Circuit {
  readonly #kv: SyncKvStorage;
  readonly #onOpen: (outage: OutagePause) => void;
  #breaker: Breaker | null;
  #concurrency = 1;
  #inFlight = 0;
  #probe: Promise<boolean> | null = null;
  /** Trustpilot has answered a probe, and since then no order went without a response. */
  #isReachable = false;

  /** @param onOpen called each time the circuit opens */
  constructor(kv: SyncKvStorage, onOpen: (outage: OutagePause) => void) {
    this.#kv = kv;
    this.#onOpen = onOpen;
    this.#breaker = kv.get<Breaker>(KEY) ?? null;
  }

  /** How many orders may be in flight at once. */
  get concurrency(): number {
    return this.#concurrency;
  }

  /** Trustpilot failed, and no order has been answered since. */
  get isFailing(): boolean {
    return this.#breaker !== null;
  }

  /** What `answer` means after those before it. */
  inContext(answer: Answer): Answer {
    return inContext(answer, this.#breaker);
  }

  /** What Trustpilot has failed with since the last order that was answered; a single failure is none. */
  get outage(): Outage | null {
    if (this.#breaker === null || !hasOpened(this.#breaker)) return null;
    const { failure, failures, since, until } = this.#breaker;
    return { failure, failures, since, until };
  }

  /** `null` while orders may be sent. */
  pause(now: number): OutagePause | null {
    const { outage } = this;
    return outage !== null && isOpen(outage, now) ? { kind: "outage", ...outage } : null;
  }

  /** Makes the next order wait for a new probe. */
  forgetProbe(): void {
    this.#probe = null;
    this.#isReachable = false;
  }

  /** Probes Trustpilot unless that has been done; a probe without an answer opens the circuit. */
  async isReachable(transport: Transport): Promise<boolean> {
    const probe = (this.#probe ??= transport.probe());
    const answered = await probe;
    // Another order may have gone without a response meanwhile, or another caller has noted the same probe.
    if (this.#probe !== probe) return false;
    if (answered) return (this.#isReachable = true);
    this.failed("unreachable", { probed: false }, Date.now());
    return false;
  }

  /** Called right before a request leaves; `null` when it must not. Each one that is let through leaves once. */
  enter(): Clearance | null {
    if (!this.#isReachable || this.#inFlight >= this.#concurrency) return null;
    this.#inFlight += 1;
    return { probed: this.#breaker !== null };
  }

  leave(): void {
    this.#inFlight -= 1;
  }

  succeeded(now: number): void {
    this.#store(afterSuccess(this.#breaker, now));
    this.#concurrency = this.#breaker === null ? Math.min(MAX_CONCURRENCY, this.#concurrency * 2) : 1;
  }

  failed(failure: Failure, { probed }: Clearance, now: number): void {
    const wasOpen = this.pause(now) !== null;
    this.#store(afterFailure(this.#breaker, failure, probed, now, Math.random()));
    this.#concurrency = 1;
    this.forgetProbe();
    const outage = this.pause(now);
    if (outage !== null && !wasOpen) this.#onOpen(outage);
  }

  /** The operator asks for a test at once. */
  endWait(now: number): void {
    this.forgetProbe();
    if (this.pause(now) !== null) this.#store(withoutWait(this.#breaker!, now));
  }

  #store(breaker: Breaker | null): void {
    if (breaker === this.#breaker) return;
    this.#breaker = breaker;
    if (breaker === null) this.#kv.delete(KEY);
    else this.#kv.put(KEY, breaker);
  }
}
