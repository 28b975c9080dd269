/**
 * Refuses requests that another site makes a browser send. Basic credentials travel with them as cookies would, and
 * no SameSite holds them back.
 *
 * Every browser says with a POST where it comes from, in `Sec-Fetch-Site` or at least in `Origin`. A request with
 * neither comes from a program, which has no credentials but its own: so a plain `curl` needs no token, and a page
 * needs no session to keep one in.
 */
import type { MiddlewareHandler } from "hono";
import { refuse, type App } from "./refuse.tsx";

export const sameOriginOnly: MiddlewareHandler<App> = async (c, next) => {
  if (isSafe(c.req.method) || isOwn(c.req.raw)) return next();
  return refuse(c, 403, "Refused: the request comes from another site.");
};

function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function isOwn({ headers, url }: Request): boolean {
  const site = headers.get("Sec-Fetch-Site");
  // "none": typed in or opened from a bookmark.
  if (site !== null) return site === "same-origin" || site === "none";
  const origin = headers.get("Origin");
  return origin === null || origin === new URL(url).origin;
}
