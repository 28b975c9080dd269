/**
 * What the page after a form says once: kept in a cookie that this page takes away. In the address, a page that is
 * reloaded or shared would go on saying it. The cookie holds a word and a number, never a text to show.
 */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { ACTIONS, type Action } from "../domain/actions.ts";
import { quantity } from "../lib/format.ts";
import { Links } from "./links.ts";
import type { StatusApp } from "./error-answer.tsx";
import { DONE } from "./words.ts";

type Bulk = "resumed" | "paused" | "failed-again" | "unknown-mark-sent" | "unknown-send-again";

/** @param count how many orders, for what concerns several */
export function leaveNotice(c: Context<StatusApp>, done: Action | Bulk, count = 0): void {
  setCookie(c, NAME, `${done}.${count}`, {
    path: new Links(c.env).overview,
    httpOnly: true,
    sameSite: "Strict",
    secure: c.req.url.startsWith("https:"),
    maxAge: 60,
  });
}

export function takeNotice(c: Context<StatusApp>): string | null {
  const [done, count] = (getCookie(c, NAME) ?? "").split(".");
  if (!done) return null;
  deleteCookie(c, NAME, { path: new Links(c.env).overview });
  if (done === "resumed") return "Sending has resumed.";
  if (done === "paused") return "Sending is paused. Orders are still accepted.";
  const number = Number(count) || 0;
  if (done === "failed-again") return `${quantity(number, "failed order")} will be sent again.`;
  if (done === "unknown-send-again") return `${quantity(number, "unknown order")} will be sent again.`;
  if (done === "unknown-mark-sent")
    return `${quantity(number, "unknown order")} ${number === 1 ? "is" : "are"} marked as sent.`;
  const action = ACTIONS.find((known) => known === done);
  return action === undefined ? null : DONE[action];
}

const NAME = "notice";
