/**
 * Who may look and act: whoever Cloudflare Access let through, or whoever knows STATUS_PASSWORD (as the password of
 * Basic authentication, with any user name). Closed when neither is set up.
 *
 * `ctx.access` is filled in by the runtime and only for requests that Access has authenticated; headers of Access
 * are not believed, because without Access in front anybody can send them. A Worker with an `[assets]` directory
 * never gets `ctx.access`: that is why this one has none.
 *
 * @see https://developers.cloudflare.com/workers/configuration/cloudflare-access/
 */
import type { Context, MiddlewareHandler } from "hono";
import { auth as basicCredentials } from "hono/utils/basic-auth";
import { timingSafeEqual } from "hono/utils/buffer";
import { readLeniently } from "../config/config.ts";
import { refuse, type App } from "./refuse.tsx";

export const guard: MiddlewareHandler<App> = async (c, next) => {
  if (passedAccess(c)) return next();

  // A problem elsewhere must not lock out the person who comes to see what is wrong.
  const { password } = readLeniently(c.env).status;
  if (password === null) return refuse(c, 403, CLOSED);

  const credentials = basicCredentials(c.req.raw);
  if (!credentials) return refuse(c, 401, PASSWORD_NEEDED);
  const { success } = await c.env.STATUS_LIMIT.limit({ key: addressOf(c.req.raw) });
  if (!success) return refuse(c, 429, TOO_MANY);
  if (!(await timingSafeEqual(credentials.password, password))) return refuse(c, 401, PASSWORD_WRONG);
  return next();
};

function passedAccess(c: Context<App>): boolean {
  const { access } = c.executionCtx as ExecutionContext;
  return access !== undefined && access !== null;
}

/** Whoever has one IPv6 address has a whole /64 of them: its first four groups. */
function addressOf(request: Request): string {
  const address = request.headers.get("CF-Connecting-IP") ?? "";
  if (!address.includes(":")) return address;
  const [head = [], tail = []] = address.split("::").map((half) => half.split(":").filter(Boolean));
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => "0");
  return [...head, ...zeros, ...tail].slice(0, 4).join(":");
}

const CLOSED =
  "Closed: nobody may look here yet. Set a password (npx wrangler secret put STATUS_PASSWORD), or protect /status, /orders, /resume and /openapi.json with Cloudflare Access.";
const PASSWORD_NEEDED = "A password is needed: STATUS_PASSWORD, with any user name.";
const PASSWORD_WRONG = "The password is wrong. It is the one that was set as STATUS_PASSWORD.";
const TOO_MANY = "Too many tries from your address. Wait a minute.";
