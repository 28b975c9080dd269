import type { OrderState, Reason } from "./order.ts";
import type { Rules } from "./rules.ts";

/** Why an order is in its state, in words for a person who has never seen this code. */
export function describeReason(reason: Reason, rules: Rules): string {
  switch (reason) {
    case "too_old":
      return `The order is older than ${rules.maxOrderAgeDays} days (MAX_ORDER_AGE_DAYS).`;
    case "waited_too_long":
      return `The order could not be sent within ${rules.maxWaitDays} days (MAX_WAIT_DAYS).`;
    case "not_sampled":
      return `Only one order in ${rules.inviteOneIn} is invited (INVITE_ONE_IN), chosen by its order id.`;
    case "excluded_audience":
      return `The customer is in an audience that is not invited (EXCLUDE_AUDIENCES: ${rules.excludeAudiences.join(", ")}).`;
    case "audience_missing":
      return `The customer is not in the audience ${rules.requireAudience ?? ""} (REQUIRE_AUDIENCE).`;
    case "consent_missing":
      return `The event carries no consent to ${rules.requireConsent ?? ""} (REQUIRE_CONSENT).`;
    case "already_invited":
      return "The order was invited before, by another integration.";
    case "email_missing":
      return "The event has no usable e-mail address. Send it again with one: then the order is invited.";
    case "email_invalid":
      return "The event's e-mail address is not valid. Send it again with a valid one: then the order is invited.";
    case "dry_run":
      return "Dry run: everything was done but the request to Trustpilot (DRY_RUN).";
    case "order_cancelled":
      return "The order was cancelled.";
    case "order_refunded":
      return "The order was refunded in full.";
    case "customer_deleted":
      return "The customer asked to be deleted.";
    case "operator":
      return "Decided by an operator.";
    case "trustpilot_refused":
      return "Trustpilot refused the invitation.";
    case "trustpilot_redirect":
      return "Trustpilot's address answered with a redirect, which is not followed: check TRUSTPILOT_API_URL.";
    case "trustpilot_second_202":
      return "Trustpilot asked for products twice: it did not accept those of this order.";
    case "trustpilot_unconfirmed":
      return "Trustpilot answered, but did not confirm that the invitation was created.";
    case "sent_by_email":
      return "Sent to Trustpilot by e-mail; Trustpilot does not confirm.";
    case "mail_refused":
      return "Cloudflare refused the e-mail to Trustpilot.";
    case "no_answer":
      return "The request was sent and no answer came back: the invitation may have been created.";
    case "damaged":
      return "The stored order could not be read. If it is still wanted, invite the customer by hand, then mark it as sent.";
    case "moved":
      return "It waited in another Worker when its record was imported from there, and may have been sent since.";
    case "data_missing":
      return "It was imported without the customer's data, and Segment did not send it again.";
    case "reviewed":
      return "A review proves that the invitation was created.";
    case "interrupted":
      return "The sending was interrupted: the invitation may have been created.";
  }
}

/** Why an invitation can no longer be cancelled. */
export function describeTooLate(state: OrderState | "partial"): string {
  switch (state) {
    case "partial":
      return "A partial refund cancels nothing.";
    case "invited":
      return "Too late: the invitation has been created, and Trustpilot offers no way to take it back.";
    case "unknown":
      return "Too late: the invitation may have been created.";
    case "failed":
    case "cancelled":
    case "skipped":
    case "rejected":
      return "There was no invitation to cancel.";
    case "held":
    case "sending":
      return "The invitation is waiting.";
  }
}
