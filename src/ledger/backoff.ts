import { DAY, HOUR, SECOND } from "../lib/time.ts";

const FIRST = 10 * SECOND;
/** Steep: an order that always gets an error is tried about a dozen times on its first day, then a few times a day. */
const FACTOR = 4;
const CAP = 8 * HOUR;
/** "In 0 seconds" and "next year" are both clamped. */
const LEAST_WAIT = SECOND;
const MOST_WAIT = DAY;

/**
 * How long to wait before the next attempt, in ms: exponential from seconds to eight hours with full jitter, so
 * that eight ledgers which failed together do not come back together; never sooner than the server asked.
 *
 * @param attempt how many attempts have failed, from 1
 * @param retryAfter what the server asked for, in ms; `null` when it did not
 * @param random 0 … 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(attempt: number, retryAfter: number | null, random: number): number {
  const ceiling = Math.min(CAP, FIRST * FACTOR ** Math.min(attempt - 1, 20));
  const jittered = LEAST_WAIT + random * (ceiling - LEAST_WAIT);
  return Math.round(Math.min(MOST_WAIT, Math.max(jittered, (retryAfter ?? 0) + random * SECOND)));
}
