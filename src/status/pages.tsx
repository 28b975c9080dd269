/** The pages. Every form works without JavaScript: a POST answers with a redirect to the page that shows the result. */
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as v from "valibot";
import { readShopTable } from "../config/shop-settings.ts";
import { ACTIONS, type Action } from "../domain/actions.ts";
import type { FoundOrder } from "../ledger/decisions.ts";
import { actorOf } from "./actor.ts";
import { attention } from "./attention.ts";
import { csvOf } from "./csv.ts";
import { daysOf, toReviewFigures, toSeries } from "./days.ts";
import { toFilter } from "./filter.ts";
import { actOn, findOrder, lastExport, readFigures, resumeAll } from "./ledgers.ts";
import { Links } from "./links.ts";
import { leaveNotice, takeNotice } from "./notices.ts";
import { sendAgainFailed } from "./operate.ts";
import { listPage } from "./order-listing.ts";
import { OrderPage, UnknownOrderPage, type OrderProps } from "./order-page.tsx";
import { FoundOrdersPage } from "./found-orders-page.tsx";
import { OverviewPage } from "./overview-page.tsx";
import { readableConfig } from "./readable-config.ts";
import { answerError, type StatusApp } from "./error-answer.tsx";
import { onlyHit, searchByEmail, searchById } from "./search.ts";
import { ByEmail, FIND_IS_OFF, FiguresQuery, ListQuery, Period } from "./schemas.ts";
import { toDetail, toSummary, whyNot } from "./view.ts";

export const pages = new Hono<StatusApp>({ strict: false });

pages.get("/status", async (c) => {
  const parsed = v.safeParse(v.object({ ...ListQuery.entries, ...FiguresQuery.entries }), c.req.query());
  const filter = parsed.success ? toFilter(parsed.output) : null;
  if (!parsed.success || filter === null)
    return answerError(c, 400, "The address has a filter that does not exist.");

  const now = Date.now();
  const query = parsed.output;
  const days = daysOf(query, now);
  const { config } = readableConfig(c.env);
  if (query.format === "csv") return csvOf(c.env, filter, config.rules);
  const { monthlyLimit } = config.trustpilot;
  const [figures, { orders, ...page }, backup] = await Promise.all([
    readFigures(c.env, days, now, monthlyLimit !== null),
    listPage(c.env, filter),
    lastExport(c.env),
  ]);
  return c.html(
    <OverviewPage
      attention={attention(c.env, figures, now)}
      allowance={monthlyLimit === null ? null : { used: figures.used ?? 0, limit: monthlyLimit }}
      days={days}
      series={toSeries(figures.daily)}
      reviews={toReviewFigures(figures.daily, days)}
      answers={figures.answers}
      orders={orders.map((order) => toSummary(order, config.rules))}
      {...page}
      query={query}
      lastArrival={figures.lastArrival}
      backup={backup}
      erasures={figures.erasures}
      address={new URL(c.req.url).origin}
      notice={takeNotice(c)}
      dryRun={config.delivery.dryRun}
      findByEmail={config.status.findByEmail}
      links={new Links(c.env)}
      shop={c.env.SHOP ?? null}
      shops={Object.keys(readShopTable(c.env).shops)}
    />,
  );
});

/** Search by order id. */
pages.get("/status/orders", async (c) => {
  const orderId = c.req.query("id")?.trim();
  const links = new Links(c.env);
  if (!orderId) return c.redirect(links.overview, 303);
  // The order's own page says that it is not known.
  return (await search(c, orderId)) ?? c.redirect(links.order(orderId), 303);
});

/** The address is in the body: it must stand in no URL. */
pages.post("/status/find", async (c) => {
  if (!readableConfig(c.env).config.status.findByEmail) return answerError(c, 404, FIND_IS_OFF);
  const parsed = v.safeParse(ByEmail, await c.req.parseBody());
  if (!parsed.success) return answerError(c, 400, "That is not an e-mail address.");
  const hits = await searchByEmail(c.env, parsed.output.email);
  const title = hits.length === 0 ? "No orders of this customer" : "Orders of this customer";
  return c.html(
    <FoundOrdersPage title={title} note={FOUND_BY_EMAIL} hits={hits} links={new Links(c.env)} />,
    hits.length === 0 ? 404 : 200,
  );
});

pages.get("/status/orders/:id", async (c) => {
  const done = takeNotice(c);
  return showOrder(c, c.req.param("id"), done === null ? null : { kind: "done", text: done });
});

pages.post("/status/orders/:id/:action", async (c) => {
  const { id, action } = c.req.param();
  if (!isAction(action)) return answerError(c, 404, "There is no such action.");

  const found = await findOrder(c.env, id);
  if (action === "send-again" && found?.row.state === "unknown") {
    const { confirm } = await c.req.parseBody();
    if (confirm !== "yes") return showOrder(c, id, { kind: "problem", text: NOT_CONFIRMED }, 409);
  }
  const result = await actOn(c.env, id, action, await actorOf(c));
  if (result.kind === "done") {
    leaveNotice(c, action);
    return c.redirect(new Links(c.env).order(id), 303);
  }
  const { dryRun } = readableConfig(c.env).config.delivery;
  const why = result.kind === "not-allowed" ? whyNot(action, result, dryRun) : "no order has this id.";
  return showOrder(c, id, { kind: "problem", text: `Not done: ${why}` }, 409);
});

pages.post("/status/send-again-failed", async (c) => {
  const parsed = v.safeParse(Period, await c.req.parseBody());
  if (!parsed.success) return answerError(c, 400, "The period needs two days, from and to.");
  leaveNotice(c, "failed-again", await sendAgainFailed(c.env, parsed.output, await actorOf(c)));
  return c.redirect(new Links(c.env).overview, 303);
});

pages.post("/status/resume", async (c) => {
  const forbidden = await resumeAll(c.env);
  if (forbidden !== null) return answerError(c, 409, forbidden);
  leaveNotice(c, "resumed");
  return c.redirect(new Links(c.env).overview, 303);
});

const FOUND_BY_EMAIL =
  "Not found are orders that were recorded while FIND_BY_EMAIL was off, that were imported, or whose customer was deleted.";

const NOT_CONFIRMED =
  "Nothing was sent. The customer may already have an invitation: tick the box to say that you accept a second one.";

async function showOrder(
  c: Context<StatusApp>,
  orderId: string,
  notice: OrderProps["notice"],
  status: 200 | 409 = 200,
): Promise<Response> {
  const links = new Links(c.env);
  const found = await findOrder(c.env, orderId);
  if (found === null) {
    const unknown = <UnknownOrderPage orderId={orderId} shop={c.env.SHOP ?? null} links={links} />;
    return (await search(c, orderId)) ?? c.html(unknown, 404);
  }
  const { config } = readableConfig(c.env);
  const now = Date.now();
  // A header, so that it works without JavaScript too.
  if (isUnderWay(found, now)) c.header("Refresh", REFRESH_SECONDS);
  return c.html(
    <OrderPage
      order={toDetail(found, c.env)}
      pause={found.pause}
      config={config}
      now={now}
      notice={notice}
      links={links}
    />,
    status,
  );
}

/** Leads to the only order that goes by `id`, or shows which ones do; `null` when there is none. */
async function search(c: Context<StatusApp>, id: string): Promise<Response | null> {
  const hits = await searchById(c.env, id);
  if (hits.length === 0) return null;
  const only = onlyHit(hits);
  if (only !== null) return c.redirect(new Links(only.env).order(only.orderId), 303);
  const title = `Several orders go by ${id}`;
  return c.html(<FoundOrdersPage title={title} hits={hits} links={new Links(c.env)} />);
}

/** Whether Trustpilot's answer is expected within seconds. */
function isUnderWay({ row: { state, due }, pause }: FoundOrder, now: number): boolean {
  return state === "sending" || (state === "held" && due !== null && due <= now && pause === null);
}

const REFRESH_SECONDS = "3";

function isAction(value: string): value is Action {
  return ACTIONS.some((action) => action === value);
}
