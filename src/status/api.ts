/** The JSON interface: what the pages show, for programs. /openapi.json describes it from the routes themselves. */
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { describeRoute, openAPIRouteHandler, resolver, validator } from "hono-openapi";
import type { GenericSchema, InferOutput } from "valibot";
import type { Config } from "../config/config.ts";
import { isAnswering } from "../bindings/seen-cache.ts";
import { VERSION } from "../version.ts";
import { yearsUntilFull } from "../domain/capacity.ts";
import { DAY } from "../lib/time.ts";
import { actorOf } from "./actor.ts";
import {
  Choices,
  Detail,
  Found,
  Overview,
  Page,
  Problem,
  Refused,
  Resumed,
  SentAgain,
} from "./answer-schemas.ts";
import { problems } from "../alerts/problems.ts";
import { csvOf } from "./csv.ts";
import { endOf, startOf, toFilter } from "./filter.ts";
import {
  type Figures,
  actOn,
  findOrder,
  lastExport,
  readFigures,
  resumeAll,
  sendAgainFailed,
} from "./ledgers.ts";
import { Links } from "./links.ts";
import { metrics } from "./metrics.ts";
import { operate } from "./operate.ts";
import { listPage } from "./order-pages.ts";
import { onlyHit, searchByEmail, searchById, type Hits } from "./search.ts";
import { readableConfig } from "./readable-config.ts";
import type { App } from "./refuse.tsx";
import { ByEmail, FIND_IS_OFF, ListQuery, OrderAction, OrderId, Period } from "./schemas.ts";
import { toDetail, toSummary, whyNot } from "./view.ts";

export const api = new Hono<App>({ strict: false });

api.get(
  "/orders",
  describeRoute({
    summary: "The latest orders, newest first",
    responses: { 200: answer("A page of orders", Page), 400: answer("A parameter is invalid", Problem) },
  }),
  validator("query", ListQuery, explainInvalid),
  async (c) => {
    const filter = toFilter(c.req.valid("query"));
    if (filter === null) return c.json({ message: INVALID_CURSOR }, 400);
    const { rules } = configOf(c.env);
    if (c.req.valid("query").format === "csv") return csvOf(c.env, filter, rules);
    const { orders, older: next, newer: previous, matching } = await listPage(c.env, filter);
    return c.json({ orders: orders.map((order) => toSummary(order, rules)), next, previous, matching });
  },
);

api.get(
  "/orders/:id",
  describeRoute({
    summary: "One order with its history",
    description: "By its id in any spelling, or by the reference that Trustpilot has of it.",
    responses: {
      200: answer("The order", Detail),
      300: answer("Several orders go by this id, or it is another shop's", Choices),
      404: answer("There is no such order", Problem),
    },
  }),
  validator("param", OrderId),
  async (c) => {
    const { id } = c.req.valid("param");
    const found = await findOrder(c.env, id);
    if (found !== null) return c.json(toDetail(found, c.env));
    const hits = await searchById(c.env, id);
    if (hits.length === 0) return c.json({ message: NOT_KNOWN }, 404);
    const only = onlyHit(hits);
    const named = only?.env === c.env ? await findOrder(c.env, only.orderId) : null;
    if (named !== null) return c.json(toDetail(named, c.env));
    return c.json({ message: SEVERAL, orders: hits.flatMap(toChoices) }, 300);
  },
);

api.post(
  "/orders/find",
  describeRoute({
    summary: "The orders of a customer, by e-mail address",
    description: "Of all shops. Only orders that were recorded with FIND_BY_EMAIL.",
    responses: {
      200: answer("Their orders", Found),
      400: answer("That is not an e-mail address", Problem),
      404: answer("FIND_BY_EMAIL is off", Problem),
    },
  }),
  // What is wrong is not said: the message would quote the address.
  validator("json", ByEmail, (result, c) =>
    result.success ? undefined : c.json({ message: "email is not an e-mail address." }, 400),
  ),
  async (c) => {
    if (!configOf(c.env).status.findByEmail) return c.json({ message: FIND_IS_OFF }, 404);
    const hits = await searchByEmail(c.env, c.req.valid("json").email);
    return c.json({ orders: hits.flatMap(toChoices) });
  },
);

api.post(
  "/orders/send-again-failed",
  describeRoute({
    summary: "Send all failed orders of a period again",
    description: "By time of arrival. `unknown` orders are not included: each needs its own decision.",
    responses: { 200: answer("Done", SentAgain), 400: answer("The period is missing or invalid", Problem) },
  }),
  validator("json", Period, explainInvalid),
  async (c) => {
    const { from, to } = c.req.valid("json");
    return c.json({ orders: await sendAgainFailed(c.env, startOf(from), endOf(to), await actorOf(c)) });
  },
);

api.post(
  "/orders/:id/:action",
  describeRoute({
    summary: "Act on one order",
    description:
      "`send-now`: a waiting order goes out at once. `send-again`: a failed or unknown order is tried once more; after `unknown` the customer may get two invitations. `mark-sent`: the invitation exists, or is sent by other means. `cancel`: the order is not invited.",
    responses: {
      200: answer("The order after the action", Detail),
      400: answer("There is no such action", Problem),
      404: answer("There is no such order", Problem),
      409: answer("The order's state does not allow it", Refused),
    },
  }),
  validator("param", OrderAction, explainInvalid),
  async (c) => {
    const { id, action } = c.req.valid("param");
    const result = await actOn(c.env, id, action, await actorOf(c));
    switch (result.kind) {
      case "done":
        return c.json(toDetail(result, c.env));
      case "unknown-order":
        return c.json({ message: NOT_KNOWN }, 404);
      case "not-allowed": {
        const order = toDetail(result, c.env);
        const may = order.actions.join(", ") || "nothing";
        const why = whyNot(action, result, configOf(c.env).delivery.dryRun);
        const message = `${action} is not possible: ${why} Possible: ${may}.`;
        return c.json({ message, order }, 409);
      }
    }
  },
);

api.post(
  "/resume",
  describeRoute({
    summary: "Resume sending after the cause of a pause has been fixed",
    responses: { 200: answer("Done", Resumed), 409: answer("It must not be resumed", Problem) },
  }),
  async (c) => {
    const forbidden = await resumeAll(c.env);
    if (forbidden !== null) return c.json({ message: forbidden }, 409);
    return c.json({ message: "Sending has resumed." });
  },
);

api.route("/", operate);
api.route("/", metrics);

api.get(
  "/openapi.json",
  openAPIRouteHandler(api, {
    documentation: {
      info: {
        title: "Review invitations",
        version: VERSION,
        description: "Was this order invited, and if not, why? No answer holds personal data.",
      },
      components: { securitySchemes: { password: { type: "http", scheme: "basic" } } },
      security: [{ password: [] }],
    },
    exclude: ["/openapi.json"],
  }),
);

api.get(
  "/status/overview",
  describeRoute({
    summary: "What needs attention, and whether storage works",
    description: "Asks every ledger: an answer means that all of them work.",
    responses: { 200: answer("As of now", Overview) },
  }),
  async (c) => {
    const now = Date.now();
    const { config, problems: settings } = readableConfig(c.env);
    const { monthlyLimit } = config.trustpilot;
    const [figures, kv, backup] = await Promise.all([
      readFigures(c.env, new Date(now - 6 * DAY).toISOString().slice(0, 10), now, monthlyLimit !== null),
      isAnswering(c.env.ORDERS),
      lastExport(c.env),
    ]);
    return c.json({
      attention: problems(figures, { settings, monthlyLimit, rules: config.rules, now }).map(
        ({ level, title, next, details, until }) => ({
          level,
          title,
          next,
          details: details ?? [],
          until: until === undefined ? null : new Date(until).toISOString(),
        }),
      ),
      open: figures.open,
      allowance: monthlyLimit === null ? null : { used: figures.used ?? 0, limit: monthlyLimit },
      erasures: figures.erasures && {
        waiting: figures.erasures.waiting,
        erased: figures.erasures.erased,
        byHand: figures.erasures.byHand,
      },
      oldestWait: isoOf(figures.oldestWait),
      breaker: figures.outage && {
        ...figures.outage,
        since: new Date(figures.outage.since).toISOString(),
        until: new Date(figures.outage.until).toISOString(),
      },
      storage: storageOf(figures),
      kv: kv ? "answering" : "silent",
      dryRun: config.delivery.dryRun,
      ...(backup !== undefined && { backup: backup && { ...backup, at: new Date(backup.at).toISOString() } }),
    } satisfies InferOutput<typeof Overview>);
  },
);

function isoOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** @param figures of the last seven days */
function storageOf({ storage, daily }: Figures) {
  const orders = daily.reduce((sum, { what, count }) => sum + (COUNTED_TWICE.test(what) ? 0 : count), 0);
  const years = yearsUntilFull(storage.fullest, orders / 7 / storage.ledgers);
  return {
    bytes: storage.total,
    fullest: storage.fullest,
    fullInYears: Number.isFinite(years) ? Math.round(years) : null,
  };
}

/** Not further orders. */
const COUNTED_TWICE = /^(duplicate|reviewed|stars:)/;

const INVALID_CURSOR = "The cursor is not valid: use `next` or `previous` of another page.";
const NOT_KNOWN = "No order with this id has been received.";
const SEVERAL = "Several orders go by this id, or it is an order of another shop.";

function toChoices({ env, orders }: Hits) {
  const links = new Links(env);
  const { rules } = configOf(env);
  return orders.map((order) => ({ path: links.json(order.orderId), ...toSummary(order, rules) }));
}

function configOf(env: Env): Config {
  return readableConfig(env).config;
}

function answer(description: string, schema: GenericSchema) {
  return { description, content: { "application/json": { schema: resolver(schema) } } };
}

type Validation = { success: boolean; error?: readonly { message: string; path?: unknown }[] };

function explainInvalid(result: Validation, c: Context): Response | undefined {
  if (result.success) return undefined;
  const [issue] = result.error ?? [];
  const path = Array.isArray(issue?.path) ? issue.path : [];
  const fields = path.map((item: unknown) => String((item as { key?: unknown }).key ?? item)).join(".");
  return c.json(
    { message: `${fields || "The request"} is invalid: ${issue?.message ?? "see /openapi.json"}` },
    400,
  );
}
