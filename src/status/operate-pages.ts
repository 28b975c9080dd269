/** The same for the forms of the overview: each POST answers with a redirect to the page that shows the result. */
import { Hono } from "hono/tiny";
import * as v from "valibot";
import { actorOf } from "./actor.ts";
import { Links } from "./links.ts";
import { leaveNotice } from "./notices.ts";
import { decide, NOT_CONFIRMED, pause } from "./operate.ts";
import { answerError, type StatusApp } from "./error-answer.tsx";
import { Pausing, UnknownDecision } from "./schemas.ts";

export const operatePages = new Hono<StatusApp>({ strict: false });

operatePages.post("/status/pause", async (c) => {
  const parsed = v.safeParse(Pausing, await c.req.parseBody());
  if (!parsed.success) return answerError(c, 400, "A pause needs a reason of up to 200 characters.");
  const problem = await pause(c.env, parsed.output);
  if (problem !== null) return answerError(c, 400, problem);
  leaveNotice(c, "paused");
  return c.redirect(new Links(c.env).overview, 303);
});

operatePages.post("/status/decide-unknown", async (c) => {
  const parsed = v.safeParse(UnknownDecision, await c.req.parseBody());
  if (!parsed.success) return answerError(c, 400, "The period needs two days, from and to.");
  c.set("done", parsed.output.decision);
  const orders = await decide(c.env, parsed.output, await actorOf(c));
  if (orders === null) return answerError(c, 400, NOT_CONFIRMED);
  leaveNotice(c, `unknown-${parsed.output.decision}`, orders);
  return c.redirect(new Links(c.env).overview, 303);
});
