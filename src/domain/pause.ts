/**
 * Why a ledger sends nothing for a while, although orders are due: reasons that concern Trustpilot, the plan or the
 * operator as a whole, so that trying order after order would only waste requests. Times in ms since 1970.
 */
import type { Failure } from "./outage.ts";

export type Pause =
  /** Trustpilot has switched the integration off for this host. Only a person can end it. */
  | { kind: "blocked"; host: string | null; since: number }
  /** An operator's own. `until: null`: until it is resumed. */
  | { kind: "operator"; reason: string; since: number; until: number | null }
  /** MONTHLY_LIMIT, which was `limit`, is used up. */
  | { kind: "allowance"; limit: number; until: number }
  | { kind: "rateLimited"; until: number }
  | { kind: "misconfigured"; until: number; failures: number }
  /** One of our own objects does not answer. */
  | { kind: "unavailable"; object: "audiences" | "allowance"; until: number }
  /** Read for a move to another Worker: accepts and sends nothing. Only `npm run ledger -- unfence` ends it. */
  | { kind: "fenced"; since: number }
  /**
   * A backup was imported. `reconcile`: days with orders that may have been sent since it was written.
   * `lacksAudiences`: an audience rule applies and the audiences are missing, so that it must not be resumed.
   */
  | { kind: "imported"; since: number; reconcile: readonly string[]; lacksAudiences: boolean }
  /** The circuit breaker is open: `failures` in a row, the last of which was `failure`. */
  | { kind: "outage"; failure: Failure; failures: number; since: number; until: number };

/** In ms; `Infinity` for a pause that only a person ends. */
export function endOf(pause: Pause): number {
  return "until" in pause ? (pause.until ?? Infinity) : Infinity;
}

/** The pause that lasts longest: it says best why an order waits. */
export function longest(pauses: readonly Pause[]): Pause | null {
  return pauses.toSorted((a, b) => endOf(b) - endOf(a))[0] ?? null;
}
