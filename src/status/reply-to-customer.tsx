/** A sentence for the customer who asks after the review invitation. */
import { formatTime, quantity } from "../lib/format.ts";
import { CopyButton } from "./parts.tsx";
import type { DetailView } from "./view.ts";

interface ReplyProps {
  order: DetailView;
  dryRun: boolean;
  /** After how many days Trustpilot sends its e-mail, when it is told here. */
  mailedAfter: number | null;
  /** In ms. */
  now: number;
}

export function ReplyToCustomer(props: ReplyProps) {
  return (
    <section aria-labelledby="reply">
      <h2 id="reply">If the customer asks</h2>
      <p class="copy">
        <span class="reply" id="reply-text">
          {replyFor(props)}
        </span>
        <CopyButton of="reply-text" what="the reply" />
      </p>
    </section>
  );
}

/** Promises nothing that is not certain, and names no reason that is ours. */
function replyFor({ order, dryRun, mailedAfter, now }: ReplyProps): string {
  const { orderId, state, reason, updated, heldUntil, invitation } = order;
  const later = mailedAfter === null ? "about a week" : `about ${quantity(mailedAfter, "day")}`;
  switch (state) {
    case "invited":
      if (reason === "reviewed") return `You have been invited to review order ${orderId}.`;
      return `We asked Trustpilot on ${dayOf(updated)} to send you an invitation to review order ${orderId}. Trustpilot sends its e-mail ${later} later; please look in your spam folder too.`;
    case "held":
    case "sending": {
      if (dryRun) return noneFor(orderId);
      if (invitation === null) return notYetFor(orderId);
      const when = heldUntil !== null && Date.parse(heldUntil) > now ? `on ${dayOf(heldUntil)}` : "soon";
      return `We plan to ask Trustpilot ${when} to send you an invitation to review order ${orderId}. Trustpilot sends its e-mail ${later} later.`;
    }
    case "unknown":
      return `We are checking whether Trustpilot has created your invitation to review order ${orderId}.`;
    case "failed":
    case "rejected":
      return notYetFor(orderId);
    case "skipped":
      if (reason === "already_invited") return `You have been invited to review order ${orderId} before.`;
      return noneFor(orderId);
    case "cancelled":
      return noneFor(orderId);
  }
}

function notYetFor(orderId: string): string {
  return `Your invitation to review order ${orderId} could not be created yet. We are looking into it.`;
}

function noneFor(orderId: string): string {
  return `There is no invitation to review order ${orderId}.`;
}

/** `23 Nov 2026` */
function dayOf(time: string): string {
  return formatTime(time, "UTC").split(",")[0]!;
}
