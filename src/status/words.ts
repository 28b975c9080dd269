/** Short names on the pages. The long explanations are in src/domain/reasons.ts. */
import type { Action } from "../domain/actions.ts";
import type { OrderState, Reason } from "../domain/order.ts";

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
  "send-again": "The invitation is being sent again.",
  "mark-sent": "The order counts as invited. Nothing was sent.",
  cancel: "The order will not be invited.",
};

/** `Order too old` */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
