/**
 * Logs every action: what was done, and under Cloudflare Access by whom (a user's id, never a name). Refused actions
 * and failed logins are logged without a path, and at a bounded rate.
 */
import type { MiddlewareHandler } from "hono";
import { logRejection } from "../intake/rejection.ts";
import { log } from "../log.ts";
import type { App } from "./refuse.tsx";

export const logActions: MiddlewareHandler<App> = async (c, next) => {
  await next();
  const { status } = c.res;
  const isAction = c.req.method !== "GET" && c.req.method !== "HEAD";
  if (status === 401 || status === 403 || status === 429) {
    // A browser that has not asked for the password yet is no failed login.
    if (isAction) logRejection(status, "action refused");
    else if (status !== 401 || c.req.header("Authorization")) logRejection(status, "login failed");
    return;
  }
  if (!isAction) return;
  const { access } = c.executionCtx as ExecutionContext;
  const identity = await access?.getIdentity().catch(() => undefined);
  const user = identity?.user_uuid;
  const done = c.get("done");
  log({
    log: "action",
    path: masked(c.req.path),
    status,
    ...(done !== undefined && { done }),
    ...(c.env.SHOP !== undefined && { shop: c.env.SHOP }),
    ...(typeof user === "string" && { user }),
  });
};

/** With an order id that holds an address masked as a whole, and what follows it left readable. */
function masked(path: string): string {
  return path.replace(/[^/]*(?:@|%40|%25)[^/]*/gi, "…");
}
