/** The part of the JSON interface that is about orders: find them, and act on one. */
import { Hono } from "hono/tiny";
import { describeRoute, validator } from "hono-openapi";
import type { Config } from "../config/config.ts";
import { actorOf } from "./actor.ts";
import { Choices, Detail, Found, Page, Problem, NotAllowed } from "./answer-schemas.ts";
import { csvOf } from "./csv.ts";
import { answer, explainInvalid } from "./describe-answer.ts";
import { toFilter } from "./filter.ts";
import { actOn, findOrder } from "./ledgers.ts";
import { Links } from "./links.ts";
import { listPage } from "./order-listing.ts";
import { readableConfig } from "./readable-config.ts";
import type { StatusApp } from "./error-answer.tsx";
import { ByEmail, FIND_IS_OFF, ListQuery, OrderAction, OrderId } from "./schemas.ts";
import { onlyHit, searchByEmail, searchById, type Hits } from "./search.ts";
import { toDetail, toSummary, whyNot } from "./view.ts";

export const ordersApi = new Hono<StatusApp>({ strict: false });

ordersApi.get(
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

ordersApi.get(
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

ordersApi.post(
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

ordersApi.post(
  "/orders/:id/:action",
  describeRoute({
    summary: "Act on one order",
    description:
      "`send-now`: a waiting order goes out at once. `send-again`: a failed or unknown order is tried once more; after `unknown` the customer may get two invitations. `mark-sent`: the invitation exists, or is sent by other means. `cancel`: the order is not invited.",
    responses: {
      200: answer("The order after the action", Detail),
      400: answer("There is no such action", Problem),
      404: answer("There is no such order", Problem),
      409: answer("The order's state does not allow it", NotAllowed),
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

const INVALID_CURSOR = "The cursor is not valid: use `next` or `previous` of another page.";
const NOT_KNOWN = "No order with this id is recorded.";
const SEVERAL = "Several orders go by this id, or it is an order of another shop.";

function toChoices({ env, orders }: Hits) {
  const links = new Links(env);
  const { rules } = configOf(env);
  return orders.map((order) => ({ path: links.json(order.orderId), ...toSummary(order, rules) }));
}

function configOf(env: Env): Config {
  return readableConfig(env).config;
}
