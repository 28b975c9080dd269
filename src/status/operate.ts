/** What an operator does to all orders at once: the part of the JSON interface that pauses, resumes and decides in bulk. */
import { Hono } from "hono/tiny";
import { describeRoute, validator } from "hono-openapi";
import type { InferOutput } from "valibot";
import { readShops } from "../bindings/shops.ts";
import { actorOf } from "./actor.ts";
import { answer, explainInvalid } from "./describe-answer.ts";
import { endOf, startOf } from "./filter.ts";
import { actOnAll, pauseAll, resumeAll } from "./ledgers.ts";
import type { StatusApp } from "./error-answer.tsx";
import { Decided, Paused, Problem, Resumed, SentAgain } from "./answer-schemas.ts";
import { Pausing, Period, UnknownDecision } from "./schemas.ts";

export const operate = new Hono<StatusApp>({ strict: false });

operate.post(
  "/pause",
  describeRoute({
    summary: "Pause sending, for this shop or for all",
    description: "Orders are still accepted. POST /resume ends the pause.",
    responses: { 200: answer("Done", Paused), 400: answer("The reason or the end is invalid", Problem) },
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
      200: answer("Done", Decided),
      400: answer("The period or the confirmation is missing", Problem),
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

operate.post(
  "/orders/send-again-failed",
  describeRoute({
    summary: "Send all failed orders of a period again",
    description: "By time of arrival. `unknown` orders are not included: each needs its own decision.",
    responses: { 200: answer("Done", SentAgain), 400: answer("The period is missing or invalid", Problem) },
  }),
  validator("json", Period, explainInvalid),
  async (c) => {
    return c.json({ orders: await sendAgainFailed(c.env, c.req.valid("json"), await actorOf(c)) });
  },
);

operate.post(
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
  return actOnAll(env, { state: "unknown", from: startOf(from), to: endOf(to) }, decision, by);
}

/** Sends the failed orders of a period again. @returns how many */
export async function sendAgainFailed(
  env: Env,
  { from, to }: InferOutput<typeof Period>,
  by: string | undefined,
): Promise<number> {
  return actOnAll(env, { state: "failed", from: startOf(from), to: endOf(to) }, "send-again", by);
}
