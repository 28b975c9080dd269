/**
 * The circuit breaker of one ledger, with slow start. Pure: circuit.ts stores what these functions return.
 *
 * Two failures in a row open it; a probe without an answer and an account that is refused do so at once. While it is
 * open nothing is sent. When the wait is over, a probe that creates nothing goes out, then a single order; only the
 * answer to that order closes it.
 *
 * A request without a response is the expensive failure, since its order ends `unknown`. If Trustpilot answers probes but
 * not orders, the next order therefore waits an hour, then two, up to a day.
 */
import { OUTAGES, type Failure } from "../domain/outage.ts";
import { DAY, HOUR, SECOND } from "../lib/time.ts";
import type { Answer } from "../trustpilot/answer.ts";

/** Times in ms since 1970. */
export interface Breaker {
  /** The last one. */
  failure: Failure;
  /** Failures since the last order that was answered. */
  failures: number;
  /** How many orders in a row got no clear response although the probe before them was answered. */
  unanswered: number;
  /** How many times access was refused since it was last granted. */
  refusals: number;
  /** Since when Trustpilot has been failing. */
  since: number;
  /** Open until then; afterwards the next order is a test. */
  until: number;
}

/** The platform allows an object six connections at once; the sixth is for KV and the probe. */
export const MAX_CONCURRENCY = 5;
const OPENS_AFTER = 2;
/** Orders that fail for a refused key before all others are held back. */
const MAX_REFUSED = 2;
const FIRST_WAIT = 5 * SECOND;

/**
 * @param before `null` while all is well
 * @param probed whether the order was sent as a test, after a probe that was answered
 * @param random 0 … 1
 */
export function afterFailure(
  before: Breaker | null,
  failure: Failure,
  probed: boolean,
  now: number,
  random: number,
): Breaker {
  const refused = failure === "accessRefused";
  const refusals = (before?.refusals ?? 0) + (refused ? 1 : 0);
  // Requests that left before it opened tell nothing new.
  if (before !== null && isOpen(before, now)) return refused ? { ...before, refusals } : before;
  const failures = (before?.failures ?? 0) + 1;
  const isUnclear = failure === "noResponse" || failure === "ambiguous";
  const unanswered = (before?.unanswered ?? 0) + (isUnclear && probed ? 1 : 0);
  const opens = failures >= OPENS_AFTER || failure === "unreachable" || isKeyProblem(failure);
  const wait =
    isUnclear && probed ? waitUnanswered(unanswered, random) : waitAfter(failure, failures, random);
  return {
    failure,
    failures,
    unanswered,
    refusals,
    since: before?.since ?? now,
    until: opens ? now + wait : now,
  };
}

/** After an answer that shows that Trustpilot works. Requests that left before it opened do not close it. */
export function afterSuccess(before: Breaker | null, now: number): Breaker | null {
  return before !== null && isOpen(before, now) ? before : null;
}

/** The operator asks for a test at once. */
export function withoutWait(before: Breaker, now: number): Breaker {
  return { ...before, until: Math.min(before.until, now) };
}

/** Open, or waiting for the answer to its test. */
export function hasOpened({ failures, until, since }: Breaker): boolean {
  return failures >= OPENS_AFTER || until > since;
}

export function isOpen({ until }: Pick<Breaker, "until">, now: number): boolean {
  return until > now;
}

/** Access that is refused once more says nothing about the order, which goes back and waits for a working key. */
export function inContext(answer: Answer, breaker: Breaker | null): Answer {
  if (answer.kind !== "accessRefused" || (breaker?.refusals ?? 0) < MAX_REFUSED) return answer;
  const { reason: _, ...others } = answer;
  return { ...others, kind: "accountRefused", problem: "accessRefused" };
}

function isRefusal(failure: Failure): boolean {
  return OUTAGES[failure].refused === true;
}

/** The account is refused, and the transport says why. */
function isKeyProblem(failure: Failure): boolean {
  return isRefusal(failure) && failure !== "accessRefused";
}

/** From seconds to an hour; a refused key is tested every hour. */
function waitAfter(failure: Failure, failures: number, random: number): number {
  if (isRefusal(failure)) return HOUR;
  const longest = Math.min(HOUR, FIRST_WAIT * 2 ** Math.min(failures, 20));
  return Math.round((longest / 2) * (1 + random));
}

/** From an hour to a day. Jitter only adds: the bound on unknown orders rests on the hour. */
function waitUnanswered(unanswered: number, random: number): number {
  const least = HOUR * 2 ** Math.min(unanswered - 1, 10);
  return Math.round(Math.min(DAY, least * (1 + random / 10)));
}
