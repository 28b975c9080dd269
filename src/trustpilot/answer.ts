/**
 * What Trustpilot's answers mean for one invitation. The interface is not documented; the table was read in
 * Trustpilot's own shop plugins, and docs/trustpilot.md repeats it with its doubts.
 */

export type Answer = { status: number | null; milliseconds: number } & Verdict;

export type Verdict =
  | { kind: "created" }
  /** Trustpilot has switched the integration off for these hosts: nothing will pass until a person mends it. */
  | { kind: "blocked"; hosts: string[] }
  | { kind: "refused"; reason: "trustpilot_refused" | "trustpilot_redirect" | "trustpilot_second_202" }
  /** Accepted in some way, but not as a success for one invitation: must not be repeated blindly. */
  | { kind: "ambiguous" }
  /** Certainly not created, and worth another try. `retryAfter` in ms. */
  | { kind: "transient"; retryAfter: number | null }
  /** The request went out and no answer came back: it may have been created. */
  | { kind: "noResponse" };

export type StatusVerdict = Verdict["kind"] | "products-wanted";

/** Cloudflare's own time-out, made up on the way by the edge: the request had been sent. */
const SENT_BUT_UNANSWERED = 524;

export function judgeStatus(status: number): StatusVerdict {
  if (status === 201) return "created";
  if (status === 202) return "products-wanted";
  if (status >= 251 && status <= 253) return "blocked";
  if (status === 408 || status === 425 || status === 429) return "transient";
  if (status === SENT_BUT_UNANSWERED) return "noResponse";
  if (status >= 500) return "transient";
  if (status >= 300) return "refused";
  return "ambiguous";
}
