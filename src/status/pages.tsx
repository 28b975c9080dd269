/** The pages. Every form works without JavaScript: a POST answers with a redirect to the page that shows the result. */
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as v from "valibot";
import { ACTIONS, type Action } from "../domain/actions.ts";
import { actOn, findOrder, listOrders, overview, resumeAll, sendAgainFailed } from "./ledgers.ts";
import { settingsOf } from "../config/shop-settings.ts";
import { attention } from "./attention.ts";
import { lastDays, toSeries } from "./days.ts";
import { endOf, startOf, toFilter } from "./filter.ts";
import { formatNumber } from "./format.ts";
import { OrderPage, UnknownOrderPage, type OrderProps } from "./order-page.tsx";
import { orderUrl, OverviewPage } from "./overview-page.tsx";
import { readableConfig } from "./readable-config.ts";
import { refuse, type App } from "./refuse.tsx";
import { ListQuery, Period } from "./schemas.ts";
import { toDetail, toSummary } from "./view.ts";
import { DONE, STATE_LABELS } from "./words.ts";

const DAYS = 30;

export const pages = new Hono<App>({ strict: false });

pages.get("/status", async (c) => {
  const parsed = v.safeParse(ListQuery, c.req.query());
  const filter = parsed.success ? toFilter(parsed.output) : null;
  if (!parsed.success || filter === null)
    return refuse(c, 400, "The address has a filter that does not exist.");

  const now = Date.now();
  const days = lastDays(now, DAYS);
  const { config, problems } = readableConfig(c.env);
  const { monthlyLimit } = config.trustpilot;
  const [seen, { orders, next }] = await Promise.all([
    overview(c.env, days[0]!, now, monthlyLimit !== null),
    listOrders(c.env, filter),
  ]);
  return c.html(
    <OverviewPage
      attention={attention(seen, problems, monthlyLimit)}
      allowance={monthlyLimit === null ? null : { used: seen.used ?? 0, limit: monthlyLimit }}
      days={days}
      series={toSeries(seen.daily, days)}
      orders={orders.map((order) => toSummary(order, config.rules))}
      next={next}
      query={parsed.output}
      notice={noticeOf(c)}
      dryRun={config.delivery.dryRun}
      shop={c.env.SHOP ?? null}
      shops={Object.keys(settingsOf(c.env).settings)}
    />,
  );
});

/** Search: by the order id alone, which is the only name under which an order is known. */
pages.get("/status/orders", (c) => {
  const orderId = c.req.query("id")?.trim();
  return c.redirect(orderId ? orderUrl(orderId) : "/status", 303);
});

pages.get("/status/orders/:id", async (c) => {
  const done = c.req.query("done");
  return showOrder(c, c.req.param("id"), isAction(done) ? { kind: "done", text: DONE[done] } : null);
});

pages.post("/status/orders/:id/:action", async (c) => {
  const { id, action } = c.req.param();
  if (!isAction(action)) return refuse(c, 404, "There is no such action.");

  const found = await findOrder(c.env, id);
  if (action === "send-again" && found?.row.state === "unknown") {
    const { confirm } = await c.req.parseBody();
    if (confirm !== "yes") return showOrder(c, id, { kind: "problem", text: NOT_CONFIRMED }, 409);
  }
  const result = await actOn(c.env, id, action);
  if (result.kind === "done") return c.redirect(`${orderUrl(id)}?done=${action}`, 303);
  const state = result.kind === "not-allowed" ? STATE_LABELS[result.row.state].toLowerCase() : "not known";
  return showOrder(c, id, { kind: "problem", text: `Not done: by now the order is ${state}.` }, 409);
});

pages.post("/status/send-again-failed", async (c) => {
  const parsed = v.safeParse(Period, await c.req.parseBody());
  if (!parsed.success) return refuse(c, 400, "The period needs two days, from and to.");
  const { from, to } = parsed.output;
  const orders = await sendAgainFailed(c.env, startOf(from), endOf(to));
  return c.redirect(`/status?again=${orders}`, 303);
});

pages.post("/status/resume", async (c) => {
  await resumeAll(c.env);
  return c.redirect("/status?resumed=yes", 303);
});

const NOT_CONFIRMED =
  "Nothing was sent. The customer may already have an invitation: tick the box to say that you accept a second one.";

async function showOrder(
  c: Context<App>,
  orderId: string,
  notice: OrderProps["notice"],
  status: 200 | 409 = 200,
): Promise<Response> {
  const found = await findOrder(c.env, orderId);
  if (found === null) return c.html(<UnknownOrderPage orderId={orderId} />, 404);
  const { config } = readableConfig(c.env);
  return c.html(
    <OrderPage
      order={toDetail(found.row, config)}
      pause={found.pause}
      rules={config.rules}
      now={Date.now()}
      notice={notice}
    />,
    status,
  );
}

/** What the redirect after an action has to tell: words that are fixed here and a number, never a text. */
function noticeOf(c: Context<App>): string | null {
  const again = c.req.query("again");
  if (again !== undefined && /^\d{1,9}$/.test(again)) {
    return `Done: failed orders that are sent again: ${formatNumber(Number(again))}.`;
  }
  return c.req.query("resumed") === "yes" ? "Done: sending goes on." : null;
}

function isAction(value: string | undefined): value is Action {
  return ACTIONS.some((action) => action === value);
}
