import { asCurrency } from "../lib/json.ts";
import { readMoney, type Money } from "../lib/money.ts";
import type { SegmentEvent } from "./segment-event.ts";

/**
 * What the customer paid: `total`, else `revenue` with `shipping` and `tax`, which Segment's spec leaves out of it,
 * else `grand_total` or `value`. The currency written beside the amount counts more than the event's.
 */
export function readTotal({ properties }: SegmentEvent): { total: number | null; currency: string | null } {
  const money =
    usable(readMoney(properties("total"))) ??
    usable(sumOf(["revenue", "shipping", "tax"].map(properties))) ??
    usable(readMoney(properties("grand_total"))) ??
    usable(readMoney(properties("value")));
  const currency = money?.currency ?? asCurrency(properties("currency")) ?? null;
  return { total: money?.amount ?? null, currency };
}

function usable(money: Money | null): Money | null {
  return money !== null && money.amount >= 0 ? money : null;
}

/** Nothing without the first amount, or when one of the others cannot be read. */
function sumOf([first, ...others]: unknown[]): Money | null {
  const sum = readMoney(first);
  const added = others.filter((value) => value !== undefined && value !== "").map(readMoney);
  if (sum === null || added.includes(null)) return null;
  const amount = added.reduce((total, money) => total + money!.amount, sum.amount);
  // Sums of decimals: 0.1 + 0.2
  return { ...sum, amount: Number(amount.toFixed(3)) };
}
