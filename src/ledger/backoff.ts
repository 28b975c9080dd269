import { DAY } from "../lib/time.ts";

const SECOND = 1000;
const BASE = 5 * SECOND;
const CAP = DAY / 6;
/** A server that says "in 0 seconds" and one that says "next year" are both not taken at their word. */
const LEAST_WAIT = SECOND;
const MOST_WAIT = DAY;

/**
 * How long to wait before the next attempt, in ms: exponential from seconds to four hours with full jitter, so
 * that eight ledgers which failed together do not come back together; never sooner than the server asked.
 *
 * @param attempt how many attempts have failed, from 1
 * @param retryAfter what the server asked for, in ms; `null` when it did not
 * @param random 0 … 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(attempt: number, retryAfter: number | null, random: number): number {
  const ceiling = Math.min(CAP, BASE * 2 ** Math.min(attempt, 30));
  const jittered = LEAST_WAIT + random * (ceiling - LEAST_WAIT);
  return Math.round(Math.min(MOST_WAIT, Math.max(jittered, (retryAfter ?? 0) + random * SECOND)));
}
