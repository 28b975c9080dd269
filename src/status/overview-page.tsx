/** /status: what needs somebody, how the last days went, and the latest orders. */
import type { InferOutput } from "valibot";
import { ORDER_STATES, REASONS } from "../domain/order.ts";
import type { Attention } from "./attention.ts";
import { totalOf, type Series } from "./days.ts";
import { formatDay, formatNumber } from "./format.ts";
import { Layout } from "./layout.tsx";
import { Badge, DayField, Notice, Time } from "./parts.tsx";
import type { ListQuery } from "./schemas.ts";
import type { SummaryView } from "./view.ts";
import { REASON_LABELS, STATE_LABELS } from "./words.ts";

export interface OverviewProps {
  attention: Attention[];
  allowance: { used: number; limit: number } | null;
  days: string[];
  series: Series[];
  orders: SummaryView[];
  next: string | null;
  query: InferOutput<typeof ListQuery>;
  notice: string | null;
  dryRun: boolean;
  /** The shop that the page is of, `null` for the default one; and the names of the others that it leads to. */
  shop: string | null;
  shops: string[];
}

export function OverviewPage(props: OverviewProps) {
  const { notice, dryRun, attention, days, series, shop, shops } = props;
  return (
    <Layout title="Overview" chart={series.length > 0}>
      <h1>Overview{shop !== null && ` of ${shop}`}</h1>
      {shops.length > 0 && (
        <nav class="shops" aria-label="Other shops">
          Other shops:{" "}
          {shops.map((name, index) => (
            <>
              {index > 0 && " · "}
              <a href={`/shops/${name}/status`}>{name}</a>
            </>
          ))}
        </nav>
      )}
      {/* Relative: from /shops/{shop}/status to /status. */}
      {shop !== null && (
        <p class="shops">
          <a href="../../status">The default shop, and all others</a>
        </p>
      )}
      {notice && <Notice kind="done">{notice}</Notice>}
      {dryRun && (
        <p class="notice">
          Dry run: orders are recorded and nothing is sent to Trustpilot. Remove DRY_RUN to go live.
        </p>
      )}
      <NeedsAttention items={attention} days={days} />
      <LastDays {...props} />
      <Orders {...props} />
    </Layout>
  );
}

function NeedsAttention({ items, days }: { items: Attention[]; days: string[] }) {
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      {items.length === 0 ? (
        <p class="calm">Nothing. Everything is on its way.</p>
      ) : (
        <ul class="attention">
          {items.map((item) => (
            <li class={item.level}>
              <h3>{item.title}</h3>
              <p>
                {item.next}
                {item.until !== undefined && (
                  <>
                    {" "}
                    Until <Time at={item.until} />.
                  </>
                )}
              </p>
              <Offer offer={item.offer} days={days} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Offer({ offer, days }: { offer: Attention["offer"]; days: string[] }) {
  switch (offer) {
    case undefined:
      return null;
    case "resume":
      return (
        <form method="post" action="/status/resume">
          <button>Resume sending</button>
        </form>
      );
    case "see-unknown":
      return (
        <p>
          <a class="button" href="/status?state=unknown#orders">
            Show the unknown orders
          </a>
        </p>
      );
    case "send-again-failed":
      return (
        <>
          <p>
            <a class="button" href="/status?state=failed#orders">
              Show the failed orders
            </a>
          </p>
          <details>
            <summary>Send all failed orders of a period again</summary>
            <form method="post" action="/status/send-again-failed" class="fields" data-local-days>
              <DayField name="from" id="again-from" label="Received from" moment={days[0]} required />
              <DayField name="to" id="again-to" label="to" moment={days.at(-1)} required />
              <button>Send them again</button>
            </form>
          </details>
        </>
      );
  }
}

function LastDays({ days, series, allowance }: OverviewProps) {
  return (
    <section aria-labelledby="last-days">
      <h2 id="last-days">The last {days.length} days</h2>
      <dl class="numbers">
        {NUMBERS.map(({ kind, label }) => (
          <div class={kind}>
            <dt>{label}</dt>
            <dd>{formatNumber(totalOf(series, kind))}</dd>
          </div>
        ))}
        {allowance && (
          <div>
            <dt>Used this month</dt>
            <dd>
              {formatNumber(allowance.used)} <small>of {formatNumber(allowance.limit)}</small>
            </dd>
          </div>
        )}
      </dl>
      {series.length === 0 ? (
        <p class="calm">
          No orders yet. The first one appears here as soon as Segment sends an event. Does nothing come? Look
          into Event Delivery at Segment: it shows what this Worker answered.
        </p>
      ) : (
        <>
          <div id="chart">
            <ul class="legend" aria-hidden="true">
              {series.map(({ what, label }) => (
                <li>
                  <span
                    class={`swatch ${what.replace(":", " ")}`}
                    data-dots={what === "duplicate" ? "" : undefined}
                  ></span>
                  {label}
                </li>
              ))}
            </ul>
            <div class="canvas">
              <canvas
                role="img"
                aria-label="The orders of each day by what became of them; the table below has the numbers."
              ></canvas>
            </div>
          </div>
          <details class="days" open>
            <summary>The chart as a table</summary>
            <div class="scroll" role="region" aria-label="Orders a day" tabindex={0}>
              <DaysTable days={days} series={series} />
            </div>
          </details>
        </>
      )}
    </section>
  );
}

function DaysTable({ days, series }: { days: string[]; series: Series[] }) {
  return (
    <table id="days">
      <caption>Orders by the day on which they were received (UTC), and what became of them</caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          {series.map(({ label }) => (
            <th scope="col">{label}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {days
          .map((day, index) => (
            <tr>
              <th scope="row">{formatDay(day)}</th>
              {series.map(({ counts }) => (
                <td data-count={counts[index]}>{counts[index] ? formatNumber(counts[index]) : "–"}</td>
              ))}
            </tr>
          ))
          .toReversed()}
      </tbody>
    </table>
  );
}

function Orders({ orders, next, query }: OverviewProps) {
  const filtered = Boolean(query.state || query.reason || query.from || query.to);
  return (
    <section aria-labelledby="orders">
      <h2 id="orders">{filtered ? "Orders that match" : query.cursor ? "Older orders" : "Latest orders"}</h2>
      <form action="/status#orders" class="fields" aria-label="Filter the orders" data-local-days>
        <p class="field">
          <label for="state">State</label>
          <select id="state" name="state">
            <option value="">Any</option>
            {ORDER_STATES.map((state) => (
              <option value={state} selected={state === query.state}>
                {STATE_LABELS[state]}
              </option>
            ))}
          </select>
        </p>
        <p class="field">
          <label for="reason">Reason</label>
          <select id="reason" name="reason">
            <option value="">Any</option>
            {REASONS.map((reason) => (
              <option value={reason} selected={reason === query.reason}>
                {capital(REASON_LABELS[reason])}
              </option>
            ))}
          </select>
        </p>
        <DayField name="from" id="from" label="Received from" moment={query.from} />
        <DayField name="to" id="to" label="to" moment={query.to} />
        <p class="buttons">
          <button class="quiet">Filter</button>
          {filtered && <a href="/status#orders">Show all</a>}
        </p>
      </form>
      {orders.length === 0 ? (
        <p class="calm">{filtered ? "No order matches." : "No orders yet."}</p>
      ) : (
        <OrdersTable orders={orders} />
      )}
      <nav class="pages" aria-label="Pages of orders">
        {query.cursor && <a href={listUrl(query, "")}>Newest</a>}
        {next && (
          <a rel="next" href={listUrl(query, next)}>
            Older orders
          </a>
        )}
      </nav>
    </section>
  );
}

/** The roles are said again because the narrow layout takes them away from the elements. */
function OrdersTable({ orders }: { orders: SummaryView[] }) {
  return (
    <table class="orders" role="table">
      <caption class="hidden">Orders, newest first</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">
            Order
          </th>
          <th scope="col" role="columnheader">
            State
          </th>
          <th scope="col" role="columnheader">
            Why
          </th>
          <th scope="col" role="columnheader">
            Received
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {orders.map(({ orderId, state, reason, received, heldUntil }) => (
          <tr role="row">
            <th scope="row" role="rowheader">
              <a href={orderUrl(orderId)}>{orderId}</a>
            </th>
            <td role="cell">
              <Badge state={state} />
            </td>
            <td role="cell" class="why">
              {reason ? (
                capital(REASON_LABELS[reason])
              ) : heldUntil ? (
                <>
                  until <Time at={heldUntil} />
                </>
              ) : (
                ""
              )}
            </td>
            <td role="cell" class="when">
              {received && <Time at={received} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function orderUrl(orderId: string): string {
  return `/status/orders/${encodeURIComponent(orderId)}`;
}

function listUrl({ state, reason, from, to }: OverviewProps["query"], cursor: string): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ state, reason, from, to, cursor })) {
    if (value) query.set(name, value);
  }
  return `/status?${query.toString()}#orders`;
}

const NUMBERS = [
  { kind: "invited", label: "Invited" },
  { kind: "waiting", label: "Waiting" },
  { kind: "skipped", label: "Skipped" },
  { kind: "cancelled", label: "Cancelled" },
  { kind: "failed", label: "Failed" },
  { kind: "unknown", label: "Unknown" },
  { kind: "duplicate", label: "Duplicates suppressed" },
];

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
