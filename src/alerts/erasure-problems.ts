/** What needs attention about deletions of customers at Trustpilot. Pure. */
import { formatTime, quantity } from "../lib/format.ts";
import { BY_HAND_FOR, type ErasureReport } from "../trustpilot/erasure-report.ts";
import type { Problem } from "./problem.ts";

/** @param now in ms */
export function erasureProblems(erasures: ErasureReport | null, now: number): Problem[] {
  const items: Problem[] = [];
  if (erasures === null) return items;
  const { waiting, trouble, byHand, lastByHand } = erasures;
  if (waiting > 0 && trouble !== null) {
    items.push({
      kind: "erasures",
      rank: 0,
      level: trouble === "accountRefused" ? "act" : "watch",
      title: `Trustpilot has not erased ${quantity(waiting, "address", "addresses")} of deleted customers yet`,
      next: TROUBLE[trouble],
    });
  }
  if (lastByHand !== null && now - lastByHand < BY_HAND_FOR) {
    items.push({
      kind: "erasures",
      rank: 0,
      level: "act",
      title: `${quantity(byHand, "deleted customer")} must be erased at Trustpilot by hand`,
      next: `No address is known here, or Trustpilot does not take it. Segment's delete events say who they are; the last one came on ${formatTime(lastByHand, "UTC")} UTC. This is shown for 30 days.`,
    });
  }
  return items;
}

const TROUBLE: Record<NonNullable<ErasureReport["trouble"]>, string> = {
  accountRefused:
    "Trustpilot refuses the API key, its user or the business unit: npm run doctor says which. It is tried again every hour.",
  outage: "Nothing to do: it is tried again by itself, at least every hour.",
};
