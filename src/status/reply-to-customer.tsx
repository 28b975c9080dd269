/** A sentence for the customer who asks after the review invitation. */
import { formatTime } from "./format.ts";
import { CopyButton } from "./parts.tsx";
import type { DetailView } from "./view.ts";

export function ReplyToCustomer({ order, now }: { order: DetailView; now: number }) {
  return (
    <section aria-labelledby="reply">
      <h2 id="reply">If the customer asks</h2>
      <p class="copy">
        <span class="reply" id="reply-text">
          {replyFor(order, now)}
        </span>
        <CopyButton of="reply-text" what="the reply" />
      </p>
    </section>
  );
}

/** Promises nothing that is not certain, and names no reason that is ours. @param now in ms */
export function replyFor({ orderId, state, updated, heldUntil }: DetailView, now: number): string {
  switch (state) {
    case "invited":
      return `We asked Trustpilot on ${dayOf(updated)} to send you an invitation to review order ${orderId}. Trustpilot sends its e-mail about a week later; please look in your spam folder too.`;
    case "held":
      return heldUntil !== null && Date.parse(heldUntil) > now
        ? `You will be invited to review order ${orderId}: we ask Trustpilot on ${dayOf(heldUntil)}, and Trustpilot sends its e-mail about a week later.`
        : `You will be invited to review order ${orderId} soon. Trustpilot sends its e-mail about a week after we have asked for it.`;
    case "sending":
      return `You will be invited to review order ${orderId} soon. Trustpilot sends its e-mail about a week after we have asked for it.`;
    case "unknown":
      return `We are checking whether Trustpilot has created your invitation to review order ${orderId}.`;
    case "failed":
    case "rejected":
      return `Your invitation to review order ${orderId} could not be created yet. We are looking into it.`;
    case "cancelled":
    case "skipped":
      return `There is no invitation to review order ${orderId}.`;
  }
}

/** `23 Nov 2026` */
function dayOf(time: string): string {
  return formatTime(time, "UTC").split(",")[0]!;
}
