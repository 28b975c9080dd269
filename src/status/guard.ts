/**
 * Who may look and act: whoever Cloudflare Access let through, or whoever knows STATUS_PASSWORD (as the password of
 * Basic authentication, with any user name). With ACCESS_AUD, only whoever Access let through for that application.
 * Closed when none of these is set up.
 *
 * `ctx.access` is filled in by the runtime and only for requests that Access has authenticated. Headers of Access are
 * not trusted: without Access in front anyone can send them. A Worker with an `[assets]` directory never gets
 * `ctx.access`: that is why this one has none.
 *
 * @see https://developers.cloudflare.com/workers/configuration/cloudflare-access/
 */
import type { MiddlewareHandler } from "hono";
import { auth as basicCredentials } from "hono/utils/basic-auth";
import { timingSafeEqual } from "hono/utils/buffer";
import { readLeniently } from "../config/config.ts";
import { blockedUntil, countFailure } from "./failed-logins.ts";
import { answerError, type StatusApp } from "./error-answer.tsx";

export const guard: MiddlewareHandler<StatusApp> = async (c, next) => {
  // A problem elsewhere must not lock out the person who comes to see what is wrong.
  const { password, accessAud } = readLeniently(c.env).status;
  const { access } = c.executionCtx as ExecutionContext;
  // An ACCESS_AUD that cannot be read opens nothing.
  if (c.env.ACCESS_AUD) return access?.aud === accessAud ? next() : answerError(c, 403, ACCESS_ONLY);
  if (access) return next();
  if (password === null) return answerError(c, 403, CLOSED);
  const credentials = basicCredentials(c.req.raw);
  if (!credentials) return answerError(c, 401, PASSWORD_NEEDED);
  const network = networkOf(c.req.raw);
  if (blockedUntil(network) > Date.now()) return answerError(c, 429, TOO_MANY);
  if (await timingSafeEqual(credentials.password, password)) return next();
  await countFailure(c.env, network);
  return answerError(c, 401, PASSWORD_WRONG);
};

/** An IPv4 address, or the first three groups of an IPv6 address: customers of a provider often get a whole /48. */
function networkOf(request: Request): string {
  const address = (request.headers.get("CF-Connecting-IP") ?? "").replace(/^::ffff:(?=[\d.]+$)/i, "");
  if (!address.includes(":")) return address;
  const [head = [], tail = []] = address.split("::").map((half) => half.split(":").filter(Boolean));
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => "0");
  const groups = [...head, ...zeros, ...tail].slice(0, 3);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}

const CLOSED =
  "Closed: no one can look here yet. Set a password (npx wrangler secret put STATUS_PASSWORD), or protect /status, /orders, /resume, /pause, /metrics and /openapi.json with Cloudflare Access.";
const ACCESS_ONLY =
  "Only Cloudflare Access opens this (ACCESS_AUD): put Access in front of this path, with the application of that audience.";
const PASSWORD_NEEDED = "A password is needed: STATUS_PASSWORD, with any user name.";
const PASSWORD_WRONG = "The password is wrong. It is the one that was set as STATUS_PASSWORD.";
const TOO_MANY = "Too many wrong passwords from your network. Try again in an hour.";
