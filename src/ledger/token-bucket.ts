/**
 * Keeps one ledger within its share of the calls that Trustpilot allows all of them, as a token bucket (in the form of
 * the generic cell rate algorithm: one time instead of a level and a time).
 *
 * Known in memory alone, so that an order writes nothing for it. A new object starts with a full bucket; the
 * bucket is therefore so small that a restart in every period still fits into the share.
 */
import type { RateLimit } from "../trustpilot/transport.ts";

export class TokenBucket {
  #interval = 0;
  #burst = 1;
  /** When the bucket would be full again, in ms. */
  #fullAt = 0;

  /** @param limit of all ledgers together; `null` for none */
  limitTo(limit: RateLimit | null, ledgers: number): void {
    const share = limit === null ? Infinity : limit.calls / ledgers;
    // A quarter at once, half in the course of a period, and a quarter for a restart.
    this.#burst = Math.max(1, Math.floor(share / 4));
    this.#interval = limit === null ? 0 : Math.ceil(limit.period / (share / 2));
  }

  /** From when a call may leave, in ms; `null` for now. */
  availableFrom(now: number): number | null {
    if (this.#interval === 0) return null;
    const from = this.#fullAt - (this.#burst - 1) * this.#interval;
    return from > now ? from : null;
  }

  take(now: number): void {
    this.#fullAt = Math.max(this.#fullAt, now) + this.#interval;
  }
}
