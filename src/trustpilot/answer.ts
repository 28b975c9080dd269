/** What an answer means for one order, whichever way the invitation went. */

export type Answer = { status: number | null; milliseconds: number } & Verdict;

export type Verdict =
  | { kind: "created" }
  /** Trustpilot has disabled the integration for these hosts: only a person can change that. */
  | { kind: "blocked"; hosts: string[] }
  | { kind: "refused"; reason: "trustpilot_refused" | "trustpilot_redirect" | "trustpilot_second_202" }
  /** The account was refused, not the order: nothing was created, and every other order would be refused too. */
  | { kind: "keyRefused"; problem: KeyProblem }
  /** Accepted in some way, but not as a success for one invitation: must not be repeated blindly. */
  | { kind: "ambiguous" }
  /** Not created, and worth another try. `retryAfter` in ms. */
  | { kind: "transient"; retryAfter: number | null }
  /** Nothing was sent. */
  | { kind: "notReached" }
  /** The request went out and no answer came back: it may have been created. */
  | { kind: "noResponse" };

/** Whether no invitation was created, so that the one taken from the month's plan can be given back. */
export function isNotCreated({ kind }: Verdict): boolean {
  switch (kind) {
    case "refused":
    case "transient":
    case "blocked":
    case "keyRefused":
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
 */
export type KeyProblem = "credentials" | "role_or_plan" | "sender";

export type StatusVerdict = "refused" | "redirected" | "transient" | "noResponse";

/** Made up by Cloudflare's edge on the way: the request had been sent. */
const SENT_BUT_UNANSWERED = 524;

/** What a `status` from 300 up means on every HTTP interface of Trustpilot. */
export function judgeStatus(status: number): StatusVerdict {
  if (status === 408 || status === 425 || status === 429) return "transient";
  if (status === SENT_BUT_UNANSWERED) return "noResponse";
  if (status >= 500) return "transient";
  return status >= 400 ? "refused" : "redirected";
}
