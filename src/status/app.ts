/**
 * Everything for people who look: the pages, the JSON interface, and what guards both. A Worker of its own within
 * the Worker, loaded with the first request that needs it.
 */
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { errorName, log } from "../log.ts";
import { api } from "./api.ts";
import { assets } from "./assets.ts";
import { guard } from "./guard.ts";
import { pages } from "./pages.tsx";
import { refuse, type App } from "./refuse.tsx";
import { sameOriginOnly } from "./same-origin.ts";

export const app = new Hono<App>({ strict: false });

app.use(
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // For this host alone: what else the shop has under its domain is not ours to decide.
    strictTransportSecurity: "max-age=15552000",
    xFrameOptions: "DENY",
    // Not "no-referrer", with which a browser would send the pages' own forms with `Origin: null`.
    referrerPolicy: "same-origin",
    permissionsPolicy: { camera: [], geolocation: [], microphone: [] },
  }),
);
app.route("/status/assets", assets);
app.use(async (c, next) => {
  await next();
  c.header("Cache-Control", "no-store");
});
app.use(guard, sameOriginOnly);
app.route("/", api);
app.route("/", pages);

app.notFound((c) => refuse(c, 404, "There is nothing here."));

app.onError((error, c) => {
  log({ log: "error", error: errorName(error) }, "error");
  return refuse(c, 503, "The orders cannot be read at the moment. Try again in a moment.");
});
