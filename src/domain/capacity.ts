/** How much a ledger can hold, and when it will be full. */

/** The platform's limit for one SQLite database. @see https://developers.cloudflare.com/durable-objects/platform/limits/ */
export const LEDGER_CAPACITY = 10 * 2 ** 30;

/** What an order takes for ever once it has ended: measured by a test. */
const BYTES_PER_ORDER = 340;

/** What all objects of an account on the free plan may take together. */
export const FREE_CAPACITY = 5 * 2 ** 30;

/** From which parts of its capacity on a ledger is reported. */
const LEVELS = [0.6, 0.8, 0.9] as const;

/** How far a ledger has filled up: 0 below 60 %, then 1, from 80 % on 2, from 90 % on 3. */
export function fillLevel(bytes: number, capacity = LEDGER_CAPACITY): 0 | 1 | 2 | 3 {
  return LEVELS.filter((part) => bytes >= part * capacity).length as 0 | 1 | 2 | 3;
}

/** In how many years a ledger of `bytes` is full at `ordersPerDay`; `Infinity` when nothing arrives. */
export function yearsUntilFull(bytes: number, ordersPerDay: number): number {
  return Math.max(0, LEDGER_CAPACITY - bytes) / (ordersPerDay * BYTES_PER_ORDER * 365);
}
