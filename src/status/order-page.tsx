/** One order: was it invited, and if not, why? */
import type { Child } from "hono/jsx";
import type { Config } from "../config/config.ts";
import type { Action } from "../domain/actions.ts";
import type { Pause } from "../ledger/pause.ts";
import { describeReason } from "../domain/reasons.ts";
import { formatNumber } from "./format.ts";
import { Layout } from "./layout.tsx";
import { orderUrl } from "./overview-page.tsx";
import { Badge, Notice, Time } from "./parts.tsx";
import type { DetailView } from "./view.ts";
import { ACTION_LABELS } from "./words.ts";

export interface OrderProps {
  order: DetailView;
  pause: Pause | null;
  rules: Config["rules"];
  now: number;
  notice: { kind: "done" | "problem"; text: string } | null;
}

export function OrderPage({ order, pause, rules, now, notice }: OrderProps) {
  return (
    <Layout title={`Order ${order.orderId}`}>
      <nav aria-label="Where you are">
        <a href="/status">Overview</a>
      </nav>
      <h1>
        Order <span class="id">{order.orderId}</span>
      </h1>
      {notice && <Notice kind={notice.kind}>{notice.text}</Notice>}
      <section aria-labelledby="answer" class={`answer ${order.state}`}>
        <h2 id="answer">Was this order invited?</h2>
        <Badge state={order.state} />
        <Answer order={order} pause={pause} now={now} />
      </section>
      <Actions order={order} />
      <div class="columns">
        <TimeLine order={order} rules={rules} />
        <WhatIsSent order={order} />
      </div>
    </Layout>
  );
}

export function UnknownOrderPage({ orderId }: { orderId: string }) {
  return (
    <Layout title="Order not known">
      <nav aria-label="Where you are">
        <a href="/status">Overview</a>
      </nav>
      <h1>
        Order <span class="id">{orderId}</span> is not known
      </h1>
      <p class="lead">No event with this order id has been taken. It was not invited from here.</p>
      <ul>
        <li>The id must be written exactly as the shop sends it, with upper and lower case.</li>
        <li>
          Perhaps the event has not arrived, or was rejected: Event Delivery at Segment shows what was
          answered.
        </li>
      </ul>
    </Layout>
  );
}

function Answer({ order, pause, now }: Pick<OrderProps, "order" | "pause" | "now">) {
  const { state, reason, explanation, updated, heldUntil, attempts } = order;
  switch (state) {
    case "invited":
      return (
        <Sentence word="Yes.">
          {reason === "operator"
            ? "An operator marked it as sent on "
            : "Trustpilot created the invitation on "}
          <Time at={updated} />.
        </Sentence>
      );
    case "sending":
      return (
        <Sentence word="In a moment.">
          The request to Trustpilot is on its way. Reload to see the answer.
        </Sentence>
      );
    case "held":
      if (Date.parse(heldUntil!) > now) {
        return (
          <Sentence word="Not yet.">
            {attempts === 0 ? "It waits until " : `Attempt ${attempts} did not pass; the next one is on `}
            <Time at={heldUntil!} />.
          </Sentence>
        );
      }
      return (
        <Sentence word="Not yet.">
          {pause ? PAUSED[pause.kind] : "It is due and goes out in a moment. Reload to see the answer."}
        </Sentence>
      );
    case "unknown":
      return <Sentence word="Perhaps.">{explanation}</Sentence>;
    case "failed":
      return <Sentence word="No, it failed.">{explanation}</Sentence>;
    case "cancelled":
      return <Sentence word="No, it was cancelled.">{explanation}</Sentence>;
    case "skipped":
      return <Sentence word="No, it was skipped.">{explanation}</Sentence>;
  }
}

const PAUSED: Record<Pause["kind"], string> = {
  blocked: "Trustpilot has disabled the integration for this shop. The overview says what to do.",
  allowance: "This month's invitations are used up: it goes out next month.",
  rateLimited: "Trustpilot asked to wait. It goes out by itself.",
  unreachable: "Trustpilot cannot be reached at the moment. It goes out by itself.",
  misconfigured: "A setting is wrong. The overview says which.",
  audiences: "The store of audiences does not answer at the moment. It goes out by itself.",
};

function Sentence({ word, children }: { word: string; children?: Child }) {
  return (
    <p class="lead">
      <strong>{word}</strong> {children}
    </p>
  );
}

function Actions({ order }: { order: DetailView }) {
  if (order.actions.length === 0) return null;
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">What you can do</h2>
      <div class="actions">
        {order.actions.map((action) => (
          <ActionForm order={order} action={action} />
        ))}
      </div>
    </section>
  );
}

/** What can be undone, or does no harm, takes one press; the rest first says what it means. */
function ActionForm({ order, action }: { order: DetailView; action: Action }) {
  const doubtful = action === "send-again" && order.state === "unknown";
  const form = (
    <form method="post" action={`${orderUrl(order.orderId)}/${action}`}>
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
  "Nobody knows whether Trustpilot created the invitation: the request went out and no clear answer came back. If it was created, sending again gives the customer a second one, and Trustpilot offers no way to take one back. Look for the order number among the invitations at Trustpilot first.";

const MEANING: Record<Action, string> = {
  "send-now": "Sends the invitation at once instead of waiting.",
  "send-again": "Certainly no invitation was created, so trying again is safe. Mend the cause first.",
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

function TimeLine({ order, rules }: { order: DetailView; rules: Config["rules"] }) {
  return (
    <section aria-labelledby="time-line">
      <h2 id="time-line">Time line</h2>
      <ol class="time-line">
        {order.history.map((entry) => (
          <li class={entry.what}>
            <Time at={entry.at} seconds />
            <p>{describeEntry(entry, rules)}</p>
          </li>
        ))}
        {order.heldUntil && (
          <li class="ahead">
            <Time at={order.heldUntil} seconds />
            <p>Held until then.</p>
          </li>
        )}
      </ol>
    </section>
  );
}

type Entry = DetailView["history"][number];

function describeEntry({ what, reason, status, milliseconds }: Entry, rules: Config["rules"]): string {
  const why = reason ? ` ${describeReason(reason, rules)}` : "";
  switch (what) {
    case "received":
      return "Received from Segment.";
    case "duplicate":
      return "Received once more: suppressed as a duplicate.";
    case "attempt": {
      const answer = status === null || status === undefined ? "no answer" : `answer ${status}`;
      const time = milliseconds === undefined ? "" : ` after ${formatNumber(milliseconds)} ms`;
      return `Sent to Trustpilot: ${answer}${time}.${why}`;
    }
    case "held":
      return "An operator lets it be sent now.";
    case "sending":
      return "Being sent.";
    case "invited":
      return reason === "operator" ? "Marked as sent by an operator." : "Invited.";
    case "failed":
      return `Failed.${why}`;
    case "unknown":
      return `Unknown.${why}`;
    case "cancelled":
      return `Cancelled.${why}`;
    case "skipped":
      return `Skipped.${why}`;
  }
}

function WhatIsSent({ order: { state, invitation } }: { order: DetailView }) {
  return (
    <section aria-labelledby="sent">
      <h2 id="sent">{SENT[state]}</h2>
      {invitation === null ? (
        <p class="calm">
          {state === "skipped" || state === "cancelled"
            ? "Nothing."
            : "The details are erased, as always when an order is over. The order id and the time line stay."}
        </p>
      ) : (
        <>
          <p>Without the customer's name and e-mail address, which no page shows.</p>
          <div class="scroll" role="region" aria-label="The invitation as JSON" tabindex={0}>
            <pre>
              <code>{JSON.stringify(invitation, null, 2)}</code>
            </pre>
          </div>
        </>
      )}
    </section>
  );
}

const SENT: Record<DetailView["state"], string> = {
  held: "What will be sent",
  sending: "What is being sent",
  invited: "What was sent",
  failed: "What was sent and refused",
  unknown: "What was sent",
  cancelled: "What was sent",
  skipped: "What was sent",
};
