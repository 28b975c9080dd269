/** The month of the allowance, in UTC. */

/** From how many used invitations on the operator should know. */
export function nearEnd(limit: number): number {
  return Math.ceil((limit * 4) / 5);
}

/** The first moment of the next month, UTC, in ms. */
export function nextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
