import { MINUTE, SECOND } from "../lib/time.ts";

/** How much longer a lease lasts than any attempt, so that one which has ended belongs to an object that is gone. */
const BEYOND_ATTEMPT = 10 * SECOND;

/** No transport's lease is longer: an order that is being sent is due before, and is found without reading the others. */
export const LONGEST_LEASE = 2 * MINUTE;

/** How long a lease lasts, in ms. @param attemptTimeout the longest that an attempt may take, in ms */
export function leaseTime(attemptTimeout: number): number {
  return attemptTimeout + BEYOND_ATTEMPT;
}
