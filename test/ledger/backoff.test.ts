import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoff } from "../../src/ledger/backoff.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

describe("the wait before the next attempt", () => {
  it.each([
    [1, 10 * SECOND],
    [2, 40 * SECOND],
    [3, 160 * SECOND],
    [4, 640 * SECOND],
    [6, 10_240 * SECOND],
    [7, 8 * HOUR],
    [100, 8 * HOUR],
    [10_000, 8 * HOUR],
  ])("after %i failures lies anywhere between a second and %i ms", (attempt, most) => {
    expect(backoff(attempt, null, 0)).toBe(SECOND);
    expect(backoff(attempt, null, 1)).toBe(most);
    const middle = backoff(attempt, null, 0.5);
    expect(middle).toBeGreaterThan(most / 2 - 1);
    expect(middle).toBeLessThan(most / 2 + SECOND);
  });

  it.each([
    ["zero seconds still waits a second", 0, SECOND],
    ["two minutes is honoured", 120 * SECOND, 120 * SECOND],
    ["ten hours is honoured, above the own cap", 10 * HOUR, 10 * HOUR],
    ["a year is cut to a day", 365 * DAY, DAY],
    ["infinity is cut to a day", Infinity, DAY],
  ])("when the server asks for a time: %s", (_, retryAfter, wait) => {
    expect(backoff(1, retryAfter, 0)).toBe(wait);
  });

  it("spreads those that were asked to come back at the same time over a second", () => {
    expect(backoff(1, 120 * SECOND, 1)).toBe(121 * SECOND);
  });

  it("is never shorter than the server asked for, never below a second, never above a day", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5000 }),
        fc.option(fc.integer({ min: 0, max: DAY })),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, retryAfter, random) => {
          const wait = backoff(attempt, retryAfter, random);
          expect(wait).toBeGreaterThanOrEqual(Math.max(SECOND, retryAfter ?? 0));
          expect(wait).toBeLessThanOrEqual(DAY);
          expect(Number.isInteger(wait)).toBe(true);
        },
      ),
    );
  });
});
