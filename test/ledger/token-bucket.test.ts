import { describe, expect, it } from "vitest";
import { TokenBucket } from "../../src/ledger/token-bucket.ts";
import { MINUTE } from "../../src/lib/time.ts";

const NOW = 1_000_000_000;
const PERIOD = 5 * MINUTE;
const LEDGERS = 8;
const SHARE = 833 / LEDGERS;

/** The times at which one ledger calls that always has an order to send. @param restarts when it starts anew */
function calls(until: number, restarts: number[] = []): number[] {
  let bucket = new TokenBucket();
  bucket.limitTo({ calls: 833, period: PERIOD }, LEDGERS);
  const times: number[] = [];
  for (let now = NOW; now < NOW + until;) {
    if (restarts.length > 0 && now >= NOW + restarts[0]!) {
      restarts.shift();
      bucket = new TokenBucket();
      bucket.limitTo({ calls: 833, period: PERIOD }, LEDGERS);
    }
    const from = bucket.availableFrom(now);
    if (from !== null) now = from;
    else {
      bucket.take(now);
      times.push(now);
    }
  }
  return times;
}

function mostInAPeriod(times: number[]): number {
  return Math.max(...times.map((start) => times.filter((at) => at >= start && at < start + PERIOD).length));
}

describe("the token bucket of a ledger", () => {
  it("keeps every period within the ledger's share, and so every hour within 10,000 calls of all", () => {
    const times = calls(12 * PERIOD);
    expect(mostInAPeriod(times)).toBeLessThanOrEqual(SHARE);
    expect(times.length * LEDGERS).toBeLessThanOrEqual(10_000);
  });

  it("does so also when the object starts anew in between", () => {
    expect(mostInAPeriod(calls(4 * PERIOD, [MINUTE, MINUTE + PERIOD]))).toBeLessThanOrEqual(SHARE);
  });

  it("lets a burst go at once, and half of the share in each later period", () => {
    const times = calls(3 * PERIOD);
    expect(times.filter((at) => at === NOW).length).toBe(Math.floor(SHARE / 4));
    expect(times.filter((at) => at >= NOW + 2 * PERIOD).length).toBeGreaterThanOrEqual(
      Math.floor(SHARE / 2) - 1,
    );
  });

  it("holds nothing back where there is no limit", () => {
    const bucket = new TokenBucket();
    bucket.limitTo(null, LEDGERS);
    for (let times = 0; times < 1000; times++) bucket.take(NOW);
    expect(bucket.availableFrom(NOW)).toBeNull();
  });
});
