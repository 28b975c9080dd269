/** What an operator does to all orders at once: the part of the JSON interface that pauses and decides in bulk. */
import { Hono } from "hono/tiny";
import { describeRoute, resolver, validator } from "hono-openapi";
import type { GenericSchema, InferOutput } from "valibot";
import { readShops } from "../bindings/shops.ts";
import { actorOf } from "./actor.ts";
import { endOf, startOf } from "./filter.ts";
import { decideUnknown, pauseAll } from "./ledgers.ts";
import type { App } from "./refuse.tsx";
import { Decided, Paused, Problem } from "./answer-schemas.ts";
import { Pausing, UnknownDecision } from "./schemas.ts";

export const operate = new Hono<App>({ strict: false });

operate.post(
  "/pause",
  describeRoute({
    summary: "Pause sending, for this shop or for all",
    description: "Orders are still accepted. POST /resume ends the pause.",
    responses: { 200: json("Done", Paused), 400: json("The reason or the end is invalid", Problem) },
  }),
  validator("json", Pausing, (result, c) =>
    result.success ? undefined : c.json({ message: "A reason is needed, of up to 200 characters." }, 400),
  ),
  async (c) => {
    const problem = await pause(c.env, c.req.valid("json"));
    return problem === null ? c.json({ message: "Sending is paused." }) : c.json({ message: problem }, 400);
  },
);

operate.post(
  "/orders/decide-unknown",
  describeRoute({
    summary: "Decide for all unknown orders of a period",
    description:
      "By time of arrival. `mark-sent`: their invitations exist, or are sent by other means. `send-again`: each of these customers may get a second invitation, so `confirm` has to be `yes`.",
    responses: {
      200: json("Done", Decided),
      400: json("The period or the confirmation is missing", Problem),
    },
  }),
  validator("json", UnknownDecision, (result, c) =>
    result.success ? undefined : c.json({ message: "The period and the decision are needed." }, 400),
  ),
  async (c) => {
    const decision = c.req.valid("json");
    c.set("done", decision.decision);
    const orders = await decide(c.env, decision, await actorOf(c));
    return orders === null ? c.json({ message: NOT_CONFIRMED }, 400) : c.json({ orders });
  },
);

export const NOT_CONFIRMED =
  "Nothing was sent. Each of these customers may already have an invitation: confirm that a second one is acceptable.";

/** @returns what is wrong, or `null` when sending is paused */
export async function pause(
  env: Env,
  { reason, until, shops }: InferOutput<typeof Pausing>,
): Promise<string | null> {
  const end = until ? endOf(until) : null;
  if (end !== null && end <= Date.now()) return "The end of the pause is in the past.";
  const checked = shops === "all" ? readShops(env) : null;
  const envs = checked?.ok ? checked.shops.map((shop) => shop.env) : [env];
  await Promise.all(envs.map((ofShop) => pauseAll(ofShop, reason, end)));
  return null;
}

/** @returns how many orders were decided; `null` when sending again was not confirmed */
export async function decide(
  env: Env,
  { from, to, decision, confirm }: InferOutput<typeof UnknownDecision>,
  by: string | undefined,
): Promise<number | null> {
  if (decision === "send-again" && confirm !== "yes") return null;
  return decideUnknown(env, decision, startOf(from), endOf(to), by);
}

function json(description: string, schema: GenericSchema) {
  return { description, content: { "application/json": { schema: resolver(schema) } } };
}
