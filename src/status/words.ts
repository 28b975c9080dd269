/** Short names on the pages. The long explanations are in src/domain/reasons.ts. */
import type { Action } from "../domain/actions.ts";
import type { OrderState, Reason } from "../domain/order.ts";
import type { Pause } from "../domain/pause.ts";

export const STATE_LABELS: Record<OrderState, string> = {
  held: "Waiting",
  sending: "Being sent",
  invited: "Invited",
  failed: "Failed",
  unknown: "Unknown",
  cancelled: "Cancelled",
  skipped: "Skipped",
  rejected: "Rejected",
};

export const REASON_LABELS: Record<Reason, string> = {
  too_old: "order too old",
  waited_too_long: "waited too long",
  not_sampled: "not in the sample",
  excluded_audience: "in an excluded audience",
  audience_missing: "not in the required audience",
  consent_missing: "no consent",
  already_invited: "invited before",
  email_missing: "no e-mail address",
  email_invalid: "invalid e-mail address",
  dry_run: "dry run",
  order_cancelled: "order cancelled",
  order_refunded: "order refunded",
  customer_deleted: "customer deleted",
  operator: "by an operator",
  trustpilot_refused: "refused by Trustpilot",
  trustpilot_redirect: "redirected by Trustpilot",
  trustpilot_second_202: "products not accepted",
  trustpilot_unconfirmed: "not confirmed",
  sent_by_email: "sent by e-mail",
  mail_refused: "e-mail refused",
  no_answer: "no answer",
  moved: "imported from a running Worker",
  data_missing: "imported without data",
  damaged: "stored order damaged",
  reviewed: "proved by a review",
  interrupted: "interrupted",
};

export const ACTION_LABELS: Record<Action, string> = {
  "send-now": "Send now",
  "send-again": "Send again",
  "mark-sent": "Mark as sent",
  cancel: "Cancel the invitation",
};

/** What the page says after an action. */
export const DONE: Record<Action, string> = {
  "send-now": "The invitation goes out now.",
  "send-again": "The invitation will be sent again.",
  "mark-sent": "The order counts as invited. Nothing was sent.",
  cancel: "The order will not be invited.",
};

/** Why nothing is sent for now. */
export const PAUSED: Record<Pause["kind"], string> = {
  blocked: "Trustpilot has disabled the integration for this shop. The overview says what to do.",
  allowance: "This month's invitations are used up: it goes out next month.",
  rateLimited: "Trustpilot asked to wait. It goes out by itself.",
  outage: "Trustpilot does not work at the moment. The overview says more; it goes out by itself.",
  operator: "An operator has paused sending. Nothing goes out before it is resumed.",
  fenced: "This Worker is being moved to another one.",
  imported: "A backup was imported here. Nothing goes out before sending is resumed.",
  misconfigured: "A setting is wrong. The overview says which.",
  unavailable: "A part of this Worker does not answer at the moment. It goes out by itself.",
};

export const DRY_RUN = "This is a dry run: nothing is sent, and the order will be skipped (DRY_RUN).";
