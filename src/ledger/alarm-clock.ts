/** An alarm is seldom later than this, in ms; while one runs, the next waits for it. */
const LATE = 5_000;

/**
 * Remembers when the alarm is set, so that no call has to ask: a claim and its alarm must be written together. Times in
 * ms.
 */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  #setFor: number | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** `null` when it is not set, or when its time has passed: then it has been lost. */
  get time(): number | null {
    return this.#setFor === null || this.#setFor < Date.now() - LATE ? null : this.#setFor;
  }

  /** Asks the platform, which drops an alarm that failed too often. */
  async read(): Promise<void> {
    this.#setFor = await this.#storage.getAlarm();
  }

  /** To be called when it goes off. */
  clear(): void {
    this.#setFor = null;
  }

  /** Sets it, unless it is set for `time` or earlier already. */
  async set(time: number): Promise<void> {
    if (this.time !== null && this.time <= time) return;
    await this.#storage.setAlarm(time);
    this.#setFor = time;
  }
}
