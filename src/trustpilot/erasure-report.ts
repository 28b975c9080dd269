import { DAY } from "../lib/time.ts";

/** Customers whom a person has to erase are counted and shown for so long, in ms: as long as the law gives for it. */
export const BY_HAND_FOR = 30 * DAY;

/** What became of one shop's deletions of customers at Trustpilot. Times in ms. */
export interface ErasureReport {
  /** Addresses that wait, and since when the first of them does. */
  waiting: number;
  since: number | null;
  /** What the last try to erase them met; `null` when there was none or it succeeded. */
  trouble: "accountRefused" | "outage" | null;
  /** Addresses that Trustpilot has taken to erase. */
  erased: number;
  lastErased: number | null;
  /** Customers whom only a person can erase: no address is known, or Trustpilot does not take it. */
  byHand: number;
  lastByHand: number | null;
}
