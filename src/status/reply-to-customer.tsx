/** A sentence for the customer who asks after the review invitation. */
import { endOf, type Pause } from "../domain/pause.ts";
import { formatTime, quantity } from "../lib/format.ts";
import { CopyButton } from "./parts.tsx";
import type { DetailView } from "./view.ts";

interface ReplyProps {
  order: DetailView;
  /** What keeps the order's ledger from sending. */
  pause: Pause | null;
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
function replyFor({ order, pause, dryRun, mailedAfter, now }: ReplyProps): string {
  const { orderId, state, reason, reviews, updated, heldUntil, invitation } = order;
  const later =
    mailedAfter === 0
      ? "soon afterwards"
      : `about ${mailedAfter === null ? "a week" : quantity(mailedAfter, "day")} later`;
  if (reviews.length > 0) return `Your review of order ${orderId} has arrived at Trustpilot.`;
  switch (state) {
    case "invited":
      if (reason === "reviewed") return `You have been invited to review order ${orderId}.`;
      return `We asked Trustpilot on ${dayOf(updated)} to send you an invitation to review order ${orderId}. Trustpilot sends its e-mail ${later}; please look in your spam folder too.`;
    case "held":
    case "sending": {
      if (dryRun) return noneFor(orderId);
      if (invitation === null) return notYetFor(orderId);
      const due = heldUntil === null ? now : Math.max(Date.parse(heldUntil), now);
      const isPaused = pause !== null && endOf(pause) > due;
      const when = isPaused ? "" : due > now ? ` on ${dayOf(heldUntil!)}` : " soon";
      return `We plan to ask Trustpilot${when} to send you an invitation to review order ${orderId}. Trustpilot sends its e-mail ${later}.`;
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
