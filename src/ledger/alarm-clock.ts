/** When a ledger's alarm goes off next, and that it does. Times in ms. */
import { HOUR } from "../lib/time.ts";
import type { AddressHandover } from "./address-handover.ts";
import type { DueQueue } from "./due-queue.ts";
import type { CustomerDeletions } from "./customer-deletions.ts";
import type { SendGate } from "./send-gate.ts";

/** An alarm is seldom later than this, in ms; while one runs, the next waits for it. */
const LATE = 5_000;

/** While a pause holds orders back: a new deployment may have ended its cause, and waits come to their end. */
const LOOK_AGAIN_AFTER = HOUR;

interface ClockParts {
  queue: DueQueue;
  gate: SendGate;
  deletions: CustomerDeletions;
  handover: AddressHandover;
}

/** Remembers when the alarm is set, so that no call has to ask: a claim and its alarm must be written together. */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  readonly #parts: ClockParts;
  #setFor: number | null = null;

  constructor(storage: DurableObjectStorage, parts: ClockParts) {
    this.#storage = storage;
    this.#parts = parts;
  }

  /** Whether it goes off at `time` or before. Not if its own time has passed: then it has been lost. */
  isSetBy(time: number): boolean {
    return this.#setFor !== null && this.#setFor >= Date.now() - LATE && this.#setFor <= time;
  }

  /** Asks the platform, which drops an alarm that failed too often. */
  async read(): Promise<void> {
    this.#setFor = await this.#storage.getAlarm();
  }

  /** To be called when it goes off. */
  clear(): void {
    this.#setFor = null;
  }

  /**
   * Sets it for the next thing that needs it, unless it is set by then.
   *
   * @param earliest not before this time: what has just failed must not be tried in a tight loop
   */
  async arm(earliest = 0): Promise<void> {
    const time = Math.max(earliest, this.#nextWake(Date.now()));
    if (time === Infinity || this.isSetBy(time)) return;
    await this.#storage.setAlarm(time);
    this.#setFor = time;
  }

  #nextWake(now: number): number {
    const { queue, gate, deletions, handover } = this.#parts;
    const sendableFrom = gate.sendableFrom(now);
    return Math.min(
      queue.nextWake(sendableFrom && Math.min(sendableFrom, now + LOOK_AGAIN_AFTER)) ?? Infinity,
      deletions.isPending ? now : Infinity,
      handover.delay === null ? Infinity : now + handover.delay,
    );
  }
}
