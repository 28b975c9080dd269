import { describe, expect, it } from "vitest";
import {
  afterFailure,
  afterSuccess,
  inContext,
  isOpen,
  withoutWait,
  type Breaker,
} from "../../src/ledger/breaker.ts";
import type { Failure } from "../../src/domain/outage.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";
import type { Answer, Verdict } from "../../src/trustpilot/answer.ts";

const NOW = 1_000_000_000;
const FAILURES: Failure[] = [
  "unreachable",
  "noResponse",
  "ambiguous",
  "error",
  "rateLimited",
  "accessRefused",
  "credentials",
  "role_or_plan",
  "sender",
];
const AT_ONCE: Failure[] = ["unreachable", "credentials", "role_or_plan", "sender"];

/** `count` failures, each after the wait of the one before it. @param probed orders that are sent as a test */
function failing(failure: Failure, count: number, { probed = false, random = 0 } = {}): Breaker[] {
  const breakers: Breaker[] = [];
  let [breaker, now]: [Breaker | null, number] = [null, NOW];
  for (let times = 0; times < count; times++) {
    breaker = afterFailure(breaker, failure, probed && breaker !== null, now, random);
    breakers.push({ ...breaker, until: breaker.until - now });
    now = breaker.until;
  }
  return breakers;
}

const waits = (...failed: Parameters<typeof failing>) => failing(...failed).map(({ until }) => until);

describe("the circuit breaker", () => {
  it.each(FAILURES)(
    "opens at the second failure in a row, a silent probe and a refused account at once: %s",
    (failure) => {
      const [first, second] = waits(failure, 2) as [number, number];
      expect(first > 0).toBe(AT_ONCE.includes(failure));
      expect(second).toBeGreaterThan(0);
    },
  );

  it.each<[Failure, boolean, number, number[]]>([
    ["unreachable", false, 0, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]],
    ["unreachable", false, 1, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]],
    ["error", true, 0, [0, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]],
    ["rateLimited", true, 1, [0, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]],
    ["accessRefused", true, 0, [0, 3600, 3600, 3600]],
    ["role_or_plan", true, 0, [3600, 3600, 3600]],
    ["noResponse", true, 0, [0, 1, 2, 4, 8, 16, 24, 24].map((hours) => hours * 3600)],
    ["ambiguous", true, 0, [0, 1, 2, 4, 8, 16, 24, 24].map((hours) => hours * 3600)],
    ["noResponse", true, 1, [0, 1.1, 2.2, 4.4, 8.8, 17.6, 24, 24].map((hours) => hours * 3600)],
  ])("waits ever longer after %s (tested: %s, chance %d)", (failure, probed, random, seconds) => {
    const expected = seconds.map((wait) => Math.round(wait * SECOND));
    expect(waits(failure, seconds.length, { probed, random })).toEqual(expected);
  });

  it("waits seconds when two orders that left before any probe get no response", () => {
    expect(waits("noResponse", 2)[1]).toBe(10 * SECOND);
  });

  it("remembers unanswered orders through failures of another kind: a fault that comes and goes is still one", () => {
    const [, , third] = failing("noResponse", 3, { probed: true });
    const error = afterFailure(third!, "error", true, NOW + DAY, 0);
    const silent = afterFailure(error, "noResponse", true, NOW + 2 * DAY, 0);
    expect(silent.until - (NOW + 2 * DAY)).toBe(4 * HOUR);
  });

  it("tells since when Trustpilot has been failing", () => {
    const first = afterFailure(null, "error", false, NOW, 0);
    const second = afterFailure(first, "noResponse", true, NOW + MINUTE, 0);
    expect(second).toMatchObject({ since: NOW, failures: 2, failure: "noResponse" });
  });

  it("is closed by an order that is answered, and by nothing that left before it opened", () => {
    const open = afterFailure(null, "unreachable", false, NOW, 0);
    expect(afterSuccess(open, NOW + SECOND)).toBe(open);
    expect(afterSuccess(open, open.until)).toBeNull();
    expect(afterSuccess(null, NOW)).toBeNull();
  });

  it("does not wait longer for requests that left before it opened", () => {
    const open = afterFailure(null, "unreachable", false, NOW, 0);
    expect(afterFailure(open, "noResponse", false, NOW + SECOND, 0)).toBe(open);
  });

  it("is tested at once when the operator resumes, and stays as doubtful as it was", () => {
    const open = failing("noResponse", 4, { probed: true })[3]!;
    const resumed = withoutWait({ ...open, until: NOW + DAY }, NOW);
    expect(isOpen(resumed, NOW)).toBe(false);
    const next = afterFailure(resumed, "noResponse", true, NOW, 0);
    expect(next.until - NOW).toBe(8 * HOUR);
  });
});

const answer = (verdict: Verdict): Answer => ({ status: 403, milliseconds: 5, message: "No.", ...verdict });
const refusedAccess = answer({ kind: "accessRefused", reason: "trustpilot_refused" });
const mayFail = (breaker: Breaker | null) => inContext(refusedAccess, breaker).kind === "accessRefused";

describe("a refused key", () => {
  it("makes two orders fail, however many are in flight and however often it is tested", () => {
    let breaker: Breaker | null = null;
    let [failed, now] = [0, NOW];
    for (let times = 0; times < 50; times++) {
      if (mayFail(breaker)) failed++;
      breaker = afterFailure(breaker, "accessRefused", false, now, 0);
      // Five were in flight when it began; later ones are tests, some of which meet another failure.
      if (times > 5) now = breaker.until;
      if (times > 5 && times % 3 === 0) breaker = afterFailure(breaker, "error", true, now, 0);
      now = Math.max(now, times > 5 ? breaker.until : now);
    }
    expect(failed).toBe(2);
  });

  it("is forgotten once an order is answered", () => {
    const refused = failing("accessRefused", 3)[2]!;
    expect(mayFail(refused)).toBe(false);
    expect(mayFail(afterSuccess(refused, refused.until + NOW))).toBe(true);
  });

  it("that was refused before is the account's, with what Trustpilot said", () => {
    const refused = failing("accessRefused", 2)[1]!;
    const account = answer({ kind: "accountRefused", problem: "accessRefused" });
    expect(inContext(refusedAccess, refused)).toEqual(account);
  });

  it.each<Verdict>([
    { kind: "refused", reason: "trustpilot_refused" },
    { kind: "accountRefused", problem: "credentials" },
    { kind: "created" },
    { kind: "noResponse" },
  ])("changes nothing of another answer: %o", (verdict) => {
    const refused = failing("accessRefused", 3)[2]!;
    expect(inContext(answer(verdict), refused)).toEqual(answer(verdict));
  });
});
