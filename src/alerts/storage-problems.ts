/** How full the ledgers are. Pure. */
import { fillLevel, FREE_CAPACITY, LEDGER_CAPACITY } from "../domain/capacity.ts";
import type { AllTroubles } from "../domain/troubles.ts";
import type { Problem } from "./problem.ts";

/** An account that holds more than the free plan allows is not on it. */
export function storageProblems({ total, fullest }: AllTroubles["storage"], full: boolean): Problem[] {
  if (full) {
    return [
      {
        kind: "storage",
        rank: 4,
        level: "act",
        title: "Storage is full: new orders are answered 503",
        next: "Waiting orders are still sent. On the free plan, change to Workers Paid; otherwise docs/storage.md says how to move to more ledgers.",
      },
    ];
  }
  const ofFree = total < FREE_CAPACITY ? fillLevel(total, FREE_CAPACITY) : 0;
  const ofLedger = fillLevel(fullest);
  const rank = Math.max(ofFree, ofLedger);
  if (rank === 0) return [];
  const isLedger = ofLedger >= ofFree;
  const [bytes, capacity] = isLedger ? [fullest, LEDGER_CAPACITY] : [total, FREE_CAPACITY];
  const share = `${Math.floor((100 * bytes) / capacity)} %`;
  return [
    {
      kind: "storage",
      rank,
      level: rank < 3 ? "watch" : "act",
      title: isLedger ? `A ledger is ${share} full` : `The ledgers take ${share} of what the free plan holds`,
      next: isLedger
        ? "At 10 GB it accepts no more orders. docs/storage.md says how to move to more ledgers."
        : "At 5 GB new orders are answered 503. Change to Workers Paid; if this account is on it, there is nothing to do.",
    },
  ];
}
