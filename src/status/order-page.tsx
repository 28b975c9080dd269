/** One order: was it invited, and if not, why? */
import type { OrderState } from "../domain/order.ts";
import type { Config } from "../config/config.ts";
import type { Pause } from "../domain/pause.ts";
import { Layout } from "./layout.tsx";
import type { Links } from "./links.ts";
import { OrderActions } from "./order-actions.tsx";
import { OrderAnswer, ReviewNotes } from "./order-answer.tsx";
import { Badge, CopyButton, Notice } from "./parts.tsx";
import { ReplyToCustomer } from "./reply-to-customer.tsx";
import { Timeline } from "./timeline.tsx";
import type { DetailView } from "./view.ts";

export interface OrderProps {
  order: DetailView;
  pause: Pause | null;
  config: Config;
  /** In ms. */
  now: number;
  notice: { kind: "done" | "problem"; text: string } | null;
  links: Links;
}

export function OrderPage({ order, pause, config, now, notice, links }: OrderProps) {
  const { transport, sendAfterDays } = config.trustpilot;
  const about = {
    order,
    pause,
    now,
    dryRun: config.delivery.dryRun,
    // Only the others can tell Trustpilot when to send.
    mailedAfter: transport === "integration-key" ? null : sendAfterDays,
  };
  return (
    <Layout title={`Order ${order.orderId}`} links={links}>
      <nav aria-label="Where you are">
        <a href={links.overview}>Overview</a>
      </nav>
      <h1>
        Order{" "}
        <span class="id" id="order-id">
          {order.orderId}
        </span>{" "}
        <CopyButton of="order-id" what="this id" />
      </h1>
      {order.sentOrderId !== null && (
        <p>
          Sent as <bdi class="id">{order.sentOrderId}</bdi>
        </p>
      )}
      {notice && <Notice kind={notice.kind}>{notice.text}</Notice>}
      <section aria-labelledby="answer" class={`answer ${order.state}`}>
        <h2 id="answer">Was this order invited?</h2>
        <Badge state={order.state} />
        <OrderAnswer {...about} />
        <ReviewNotes order={order} />
      </section>
      <ReplyToCustomer {...about} />
      <OrderActions order={order} links={links} />
      <div class="columns">
        <Timeline order={order} rules={config.rules} now={now} />
        <InvitationSent order={order} />
      </div>
    </Layout>
  );
}

interface UnknownProps {
  orderId: string;
  /** `null`: all of them have been searched. */
  shop: string | null;
  links: Links;
}

export function UnknownOrderPage({ orderId, shop, links }: UnknownProps) {
  return (
    <Layout title="Order not known" links={links}>
      <nav aria-label="Where you are">
        <a href={links.overview}>Overview</a>
      </nav>
      <h1>
        Order <span class="id">{orderId}</span> is not known
      </h1>
      <p class="lead">
        No order with this id is recorded{shop !== null && ` for ${shop}`}, and Trustpilot was told of no
        order under this reference. It was not invited from here.
      </p>
      <ul>
        <li>
          Write the id as the shop sends it or as Trustpilot shows it. A # before it does not matter; upper
          and lower case do only in an id that mixes them.
        </li>
        <li>
          The event may not have arrived, or it was rejected: Event Delivery in Segment shows the answer it
          got.
        </li>
      </ul>
    </Layout>
  );
}

const GONE = "There are no details: they are kept for 30 days at most, and a backup does not hold them.";
const NO_DETAILS: Record<OrderState, string> = {
  held: GONE,
  sending: GONE,
  failed: GONE,
  unknown: GONE,
  invited: "The details are erased, as always when an order is done. The order id and the timeline stay.",
  skipped: "Nothing.",
  cancelled: "Nothing.",
  rejected: "Nothing.",
};

function InvitationSent({ order: { state, invitation } }: { order: DetailView }) {
  return (
    <section aria-labelledby="sent">
      <h2 id="sent">{SENT[state]}</h2>
      {invitation === null ? (
        <p class="calm">{NO_DETAILS[state]}</p>
      ) : (
        <>
          <p class="copy">
            Without the customer's name and e-mail address, which no page shows, and without the query strings
            of URLs.
            <CopyButton of="invitation" what="the invitation" />
          </p>
          <div class="scroll" role="region" aria-label="The invitation as JSON" tabindex={0}>
            <pre id="invitation">
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
  rejected: "What was sent",
};
