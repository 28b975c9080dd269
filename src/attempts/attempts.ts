/**
 * Counts wrong passwords by address, for all isolates together. Called after a failure only: whoever knows the
 * password never waits for it, and a request without a password costs nothing here.
 *
 * Keeps the times of an address's failures for an hour, then forgets the address.
 */
import { DurableObject } from "cloudflare:workers";

/** In ms. */
export const ATTEMPTS_WINDOW = 60 * 60_000;
/** More are not kept: the address is blocked by then. */
const MOST_KEPT = 50;
/** Addresses; those beyond count as one, so that an attacker with very many cannot fill the object. */
export const MOST_ADDRESSES = 10_000;
const PREFIX = "failures:";

export class Attempts extends DurableObject<Env> {
  readonly #kv = this.ctx.storage.kv;
  #addresses: number | undefined;

  /** @returns the address's failures within the last hour, this one included */
  async failed(address: string): Promise<number> {
    const now = Date.now();
    const key = this.#keyOf(address);
    const failures = [...this.#recent(key, now), now].slice(-MOST_KEPT);
    this.#kv.put(key, failures);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(now + ATTEMPTS_WINDOW);
    return failures.length;
  }

  #keyOf(address: string): string {
    if (this.#kv.get(PREFIX + address) !== undefined) return PREFIX + address;
    this.#addresses ??= [...this.#kv.list({ prefix: PREFIX })].length;
    return PREFIX + (this.#addresses++ < MOST_ADDRESSES ? address : "others");
  }

  /** @returns the failures of all addresses within the last hour */
  recentFailures(): number {
    const now = Date.now();
    const counts = [...this.#kv.list<number[]>({ prefix: PREFIX })].map(
      ([key]) => this.#recent(key, now).length,
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    const keys = [...this.#kv.list({ prefix: PREFIX })].map(([key]) => key);
    const old = keys.filter((key) => this.#recent(key, now).length === 0);
    for (const key of old) this.#kv.delete(key);
    this.#addresses = undefined;
    if (old.length < keys.length) await this.ctx.storage.setAlarm(now + ATTEMPTS_WINDOW);
  }

  #recent(key: string, now: number): number[] {
    return (this.#kv.get<number[]>(key) ?? []).filter((time) => time > now - ATTEMPTS_WINDOW);
  }
}
