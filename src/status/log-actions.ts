/** Logs every action: what was done, and under Cloudflare Access by whom (a user's id, never a name). */
import type { MiddlewareHandler } from "hono";
import { log } from "../log.ts";
import type { App } from "./refuse.tsx";

export const logActions: MiddlewareHandler<App> = async (c, next) => {
  await next();
  if (c.req.method === "GET" || c.req.method === "HEAD") return;
  const { access } = c.executionCtx as ExecutionContext;
  const identity = await access?.getIdentity().catch(() => undefined);
  const user = identity?.user_uuid;
  log({
    log: "action",
    path: decoded(c.req.path),
    status: c.res.status,
    ...(c.env.SHOP !== undefined && { shop: c.env.SHOP }),
    ...(typeof user === "string" && { user }),
  });
};

/** So that an address in an order id is found and masked. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "(unreadable)";
  }
}
