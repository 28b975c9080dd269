/** What a problem is, and of which kinds. */

/** In this order in a message; `over` is what the alert says when one is resolved; those without it send no alert. */
export const PROBLEMS = {
  settings: null,
  closed: "every ledger works again.",
  blocked: "no order is held back by Trustpilot's block any more.",
  outage: "Trustpilot answers orders again.",
  storage: "storage is less than 60 % full, and new orders are accepted.",
  damaged: "no damaged order is left open.",
  failed: "no order is left that failed in the last 24 hours.",
  unknown: "fewer than five orders are left that ended unknown in the last 24 hours.",
  allowance: "invitations are left again, or there is no MONTHLY_LIMIT any more.",
  silence: "orders arrive again.",
  rejections: "fewer than a dozen requests and events were rejected within an hour.",
  oldest: "no order that is due has waited for six hours.",
  logins: null,
  erasures: null,
  misconfigured: null,
  rateLimited: null,
  operator: null,
  fenced: null,
  imported: null,
  unavailable: null,
} satisfies Record<string, string | null>;

export type ProblemKind = keyof typeof PROBLEMS;

export interface Problem {
  kind: ProblemKind;
  /** How bad it is, for the alerts: a higher rank than was told is told. 0: not worth an alert. */
  rank: number;
  /** "act": someone has to act. "watch": it passes by itself, unless it lasts. */
  level: "act" | "watch";
  title: string;
  next: string;
  /** What makes it up: one line each. */
  details?: string[];
  /** When it ends by itself, in ms. */
  until?: number;
  /** What the page offers for it. */
  offer?: "resume" | "send-again-failed" | "see-unknown";
}
