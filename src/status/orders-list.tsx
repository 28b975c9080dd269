/** The list of orders with its filters. */
import type { InferOutput } from "valibot";
import { ORDER_STATES, REASONS } from "../domain/order.ts";
import { capitalized, formatNumber, quantity } from "../lib/format.ts";
import type { Links } from "./links.ts";
import type { OrderListing } from "./order-listing.ts";
import { Badge, DayField, Time } from "./parts.tsx";
import type { FiguresQuery, ListQuery } from "./schemas.ts";
import type { SummaryView } from "./view.ts";
import { REASON_LABELS, STATE_LABELS } from "./words.ts";

/** All that the address of the overview can ask for. */
export type OverviewQuery = InferOutput<typeof ListQuery> & InferOutput<typeof FiguresQuery>;

interface OrdersProps extends Omit<OrderListing, "orders"> {
  orders: SummaryView[];
  query: OverviewQuery;
  links: Links;
}

export function OrdersList({ orders, older, newer, matching, query, links }: OrdersProps) {
  const { cursor: _cursor, newer: _newer, limit: _limit, format: _format, ...filters } = query;
  const { state, reason, id, from, to } = query;
  const filtered = Boolean(state || reason || id || from || to);
  return (
    <section aria-labelledby="orders">
      <h2 id="orders">{filtered ? "Matching orders" : newer ? "Older orders" : "Latest orders"}</h2>
      <Filters query={query} filtered={filtered} links={links} />
      {orders.length === 0 ? (
        <p class="calm">{filtered ? "No order matches." : "No orders yet."}</p>
      ) : (
        <>
          <p class="found">
            <span>
              {matching.more
                ? `More than ${formatNumber(matching.count)} orders`
                : quantity(matching.count, "order")}
            </span>
            <a href={links.csv({ state, reason, id, from, to })}>Download as CSV</a>
          </p>
          <OrdersTable orders={orders} links={links} />
        </>
      )}
      <nav class="pages" aria-label="Pages of orders">
        {newer && <a href={links.orders(filters)}>Newest</a>}
        {newer && (
          <a rel="prev" href={links.orders({ ...filters, newer })}>
            Newer orders
          </a>
        )}
        {older && (
          <a rel="next" href={links.orders({ ...filters, cursor: older })}>
            Older orders
          </a>
        )}
      </nav>
    </section>
  );
}

function Filters({ query, filtered, links }: Pick<OrdersProps, "query" | "links"> & { filtered: boolean }) {
  const { days, first, last } = query;
  return (
    <form action={`${links.overview}#orders`} class="fields" aria-label="Filter the orders" data-local-days>
      {/* The figures above stay as they are. */}
      {Object.entries({ days, first, last }).map(
        ([name, value]) => value && <input type="hidden" name={name} value={value} />,
      )}
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
              {capitalized(REASON_LABELS[reason])}
            </option>
          ))}
        </select>
      </p>
      <p class="field">
        <label for="prefix">Id begins with</label>
        <input id="prefix" name="id" type="text" value={query.id} autocomplete="off" spellcheck={false} />
      </p>
      <DayField name="from" id="from" label="Received from" moment={query.from} />
      <DayField name="to" id="to" label="Received until" moment={query.to} />
      <p class="buttons">
        <button class="quiet">Filter</button>
        {filtered && <a href={links.orders({ days, first, last })}>Show all</a>}
      </p>
    </form>
  );
}

/** The roles repeat what the elements are: the narrow layout takes it away from them. */
export function OrdersTable({ orders, links }: Pick<OrdersProps, "orders" | "links">) {
  return (
    <table class="orders" role="table">
      <caption class="hidden">Orders, newest first</caption>
      <thead role="rowgroup">
        <tr role="row">
          {["Order", "State", "Why", "Received"].map((title) => (
            <th scope="col" role="columnheader">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {orders.map((order) => (
          <tr role="row">
            <th scope="row" role="rowheader">
              <a href={links.order(order.orderId)}>{order.orderId}</a>
            </th>
            <td role="cell">
              <Badge state={order.state} />
            </td>
            <td role="cell" class="why">
              <Why order={order} />
            </td>
            <td role="cell" class="when">
              {order.received && <Time at={order.received} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Why({ order: { reason, heldUntil } }: { order: SummaryView }) {
  if (reason) return <>{capitalized(REASON_LABELS[reason])}</>;
  if (!heldUntil) return null;
  return (
    <>
      {Date.parse(heldUntil) > Date.now() ? "until" : "due since"} <Time at={heldUntil} />
    </>
  );
}
