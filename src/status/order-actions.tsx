/** What an operator can do with an order, as forms. */
import type { Action } from "../domain/actions.ts";
import type { Links } from "./links.ts";
import type { DetailView } from "./view.ts";
import { ACTION_LABELS } from "./words.ts";

interface ActionsProps {
  order: DetailView;
  links: Links;
}

export function OrderActions({ order, links }: ActionsProps) {
  if (order.actions.length === 0) return null;
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">What you can do</h2>
      <div class="actions">
        {order.actions.map((action) => (
          <ActionForm order={order} action={action} links={links} />
        ))}
      </div>
    </section>
  );
}

/** What can be undone, or does no harm, takes one press; the rest first says what it means. */
function ActionForm({ order, action, links }: ActionsProps & { action: Action }) {
  const doubtful = action === "send-again" && order.state === "unknown";
  const form = (
    <form method="post" action={links.action(order.orderId, action)}>
      <p>{doubtful ? RISK : MEANING[action]}</p>
      {doubtful && (
        <p class="check">
          <input type="checkbox" id="confirm" name="confirm" value="yes" required />
          <label for="confirm">
            I looked at Trustpilot, or I accept that the customer may get two invitations.
          </label>
        </p>
      )}
      <button class={isFinal(action) || doubtful ? "quiet" : undefined}>
        {isFinal(action) ? CONFIRMED[action] : ACTION_LABELS[action]}
      </button>
    </form>
  );
  if (!isFinal(action) && !doubtful) return form;
  return (
    <details>
      <summary>{ACTION_LABELS[action]}…</summary>
      {form}
    </details>
  );
}

const RISK =
  "The request went out and no clear answer came back, so the invitation may exist. If it does, sending again gives the customer a second one, and Trustpilot offers no way to take one back. First look for the order number among the invitations at Trustpilot.";

const MEANING: Record<Action, string> = {
  "send-now": "Sends the invitation as soon as possible.",
  "send-again": "No invitation was created, so it is safe to try again. Fix the cause first.",
  "mark-sent":
    "For an invitation that exists or is sent by other means. Nothing is sent, the order counts as invited, and its details are erased. This cannot be undone.",
  cancel: "The order will not be invited and its details are erased. This cannot be undone.",
};

type FinalAction = "mark-sent" | "cancel";
const CONFIRMED: Record<FinalAction, string> = {
  "mark-sent": "Yes, mark it as sent",
  cancel: "Yes, cancel the invitation",
};

function isFinal(action: Action): action is FinalAction {
  return action in CONFIRMED;
}
