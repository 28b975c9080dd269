/**
 * Stops requests that another site makes a browser send (CSRF). A browser adds Basic credentials to them as it
 * would cookies, and SameSite does not apply.
 *
 * Every browser sends `Sec-Fetch-Site`, or at least `Origin`, with a POST. A request with neither comes from a
 * program, which has only its own credentials: `curl` needs no token, and the pages need no session.
 */
import type { MiddlewareHandler } from "hono";
import { answerError, type StatusApp } from "./error-answer.tsx";

export const sameOriginOnly: MiddlewareHandler<StatusApp> = async (c, next) => {
  if (isSafe(c.req.method) || isOwn(c.req.raw)) return next();
  return answerError(c, 403, "Not allowed: the request comes from another site.");
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
