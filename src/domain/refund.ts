/** How much of an order's money went back, added up over several refunds. Pure. */

/** `all`: everything, as by a cancellation. `part`: an amount that is not known, but not everything. */
export type Refund = "all" | "part" | PartialRefund;

/** @see refundKey */
export interface PartialRefund {
  /** In the order's currency, never below zero. */
  amount: number;
  key: number;
}

/** Of one order; what comes after these is not added up. */
const MOST_REFUNDS = 50;

/** The same event counts once, however often it comes. */
export function addRefund(
  refunds: readonly PartialRefund[] | null,
  refund: PartialRefund,
): readonly PartialRefund[] {
  const known = refunds ?? [];
  const isKnown = known.some(({ key }) => key === refund.key);
  return isKnown || known.length >= MOST_REFUNDS ? known : [...known, refund];
}

/** Whether the refunds give all the money back. An order without a total cannot be compared: no. */
export function isRefundedInFull(refunds: readonly PartialRefund[], total: number | null): boolean {
  const HALF_A_CENT = 0.005;
  const refunded = refunds.reduce((sum, { amount }) => sum + amount, 0);
  return total !== null && refunds.length > 0 && refunded >= total - HALF_A_CENT;
}
