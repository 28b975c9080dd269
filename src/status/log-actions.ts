/**
 * Logs every action: what was done, and under Cloudflare Access by whom (a user's id, never a name). Actions that
 * are not allowed and failed logins are logged without a path, and at a bounded rate.
 */
import type { MiddlewareHandler } from "hono";
import { logRequestError } from "../intake/request-error.ts";
import { holdsAddress } from "../lib/mask.ts";
import { log } from "../log.ts";
import type { StatusApp } from "./error-answer.tsx";

export const logActions: MiddlewareHandler<StatusApp> = async (c, next) => {
  await next();
  const { status } = c.res;
  const isAction = c.req.method !== "GET" && c.req.method !== "HEAD";
  if (status === 401 || status === 403 || status === 429) {
    // A browser that has not asked for the password yet is no failed login.
    if (isAction) logRequestError(status, "action not allowed");
    else if (status !== 401 || c.req.header("Authorization")) logRequestError(status, "login failed");
    return;
  }
  if (!isAction) return;
  const { access } = c.executionCtx as ExecutionContext;
  const identity = await access?.getIdentity().catch(() => undefined);
  const user = identity?.user_uuid;
  const done = c.get("done");
  log({
    log: "action",
    // An order id that holds an address goes as a whole; what follows it stays readable.
    path: c.req.path
      .split("/")
      .map((part) => (holdsAddress(part) ? "…" : part))
      .join("/"),
    status,
    ...(done !== undefined && { done }),
    ...(c.env.SHOP !== undefined && { shop: c.env.SHOP }),
    ...(typeof user === "string" && { user }),
  });
};
