/**
 * The pages, the JSON interface, and what guards both: an app of its own, loaded with the first request that
 * needs it.
 */
import { Hono } from "hono/tiny";
import { isShopKnown } from "../bindings/scope.ts";
import { errorName, log } from "../log.ts";
import { api } from "./api.ts";
import { assets } from "./assets.ts";
import { guard } from "./guard.ts";
import { logActions } from "./log-actions.ts";
import { operatePages } from "./operate-pages.ts";
import { pages } from "./pages.tsx";
import { readableConfig } from "./readable-config.ts";
import { answerError, type StatusApp } from "./error-answer.tsx";
import { sameOriginOnly } from "./same-origin.ts";
import { VERSION } from "../version.ts";

/**
 * What `hono/secure-headers` would set beside the headers of every answer (src/index.ts), as constants: they never vary,
 * and the middleware is larger than a page.
 */
const SECURE_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  // With "no-referrer" a browser would send the pages' own forms with `Origin: null`.
  "Referrer-Policy": "same-origin",
  "X-Frame-Options": "DENY",
};

export const app = new Hono<StatusApp>({ strict: false });

app.use(async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(SECURE_HEADERS)) c.header(name, value);
});
app.route("/status/assets", assets);
app.use(logActions, guard, sameOriginOnly);
// Only now: a stranger must not find out which shops there are.
app.use(async (c, next) => (isShopKnown(c.env) ? next() : answerError(c, 404, "There is no such shop.")));
app.get("/status/health", (c) => c.json({ version: VERSION, problems: readableConfig(c.env).problems }));
app.route("/", api);
app.route("/", operatePages);
app.route("/", pages);

app.notFound((c) => answerError(c, 404, "Page not found."));

app.onError((error, c) => {
  log({ log: "error", error: errorName(error) }, "error");
  return answerError(c, 503, "The orders cannot be read right now. Try again in a moment.");
});
