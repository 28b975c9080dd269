/** What an answer means for one order, whichever way the invitation went. */

export type Answer = {
  status: number | null;
  milliseconds: number;
  /** What Trustpilot said about it in words; see explanation.ts. */
  message?: string;
} & Verdict;

export type Verdict =
  /** `reason`: when Trustpilot does not confirm it. */
  | { kind: "created"; reason?: "sent_by_email" }
  /** Trustpilot has disabled the integration for these hosts: only a person can change that. */
  | { kind: "blocked"; hosts: string[] }
  /** This order is refused. */
  | { kind: "refused"; reason: "trustpilot_refused" | "trustpilot_second_202" | "mail_refused" }
  /** Probably the key or the address is refused, and with it every other order; perhaps only this one. */
  | { kind: "accessRefused"; reason: "trustpilot_refused" | "trustpilot_redirect" }
  /** The account was refused, not the order: nothing was created, and every other order would be refused too. */
  | { kind: "accountRefused"; problem: AccountProblem }
  /** Accepted in some way, but not as a success for one invitation: must not be repeated blindly. */
  | { kind: "ambiguous" }
  /** Not created, and worth another try. `retryAfter` in ms. */
  | { kind: "transient"; retryAfter: number | null }
  /** Nothing was sent. */
  | { kind: "notReached" }
  /** The request was sent and no answer of Trustpilot's came back: it may have been created. */
  | { kind: "noResponse" };

/** Whether no invitation was created, so that the one taken from the month's plan can be given back. */
export function isNotCreated({ kind }: Verdict): boolean {
  switch (kind) {
    case "refused":
    case "accessRefused":
    case "transient":
    case "blocked":
    case "accountRefused":
    case "notReached":
      return true;
    case "created":
    case "ambiguous":
    case "noResponse":
      return false;
  }
}

/**
 * - `credentials`: the key or its secret is wrong
 * - `role_or_plan`: the key is right but may not create invitations
 * - `sender`: Cloudflare may not send this mail
 * - `accessRefused`: what looked like the order's own fault was not, see breaker.ts
 */
type AccountProblem = "credentials" | "role_or_plan" | "sender" | "accessRefused";

export type StatusVerdict = "refused" | "accessRefused" | "redirected" | "transient" | "noResponse";

/** A gateway's word for "sent, but no usable answer came back": 520 and 524 are Cloudflare's own. */
const SENT_WITHOUT_ANSWER: ReadonlySet<number> = new Set([502, 504, 520, 524]);

/** What is refused is the key, the method or the address, none of which is the order's. */
const ACCESS_REFUSED: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 410]);

/** What a `status` from 300 up means on every HTTP interface of Trustpilot. */
export function judgeStatus(status: number): StatusVerdict {
  if (status === 408 || status === 425 || status === 429) return "transient";
  if (SENT_WITHOUT_ANSWER.has(status)) return "noResponse";
  if (status >= 500) return "transient";
  if (ACCESS_REFUSED.has(status)) return "accessRefused";
  return status >= 400 ? "refused" : "redirected";
}
