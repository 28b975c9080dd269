/** The Worker: which path leads where. */
import { Hono } from "hono/tiny";
import { internalError, segment } from "./intake/route.ts";
import { envOf } from "./bindings/scope.ts";
import { readShops } from "./bindings/shops.ts";
import { isShopName } from "./config/shop-settings.ts";
import { STATUS_PATHS } from "./status/paths.ts";
import { underShop } from "./under-shop.ts";

export { Alerts } from "./alerts/alerts.ts";
export { Ledger } from "./ledger/ledger.ts";
export { Audiences } from "./audiences/audiences.ts";
export { Tokens } from "./tokens/tokens.ts";
export { Allowance } from "./allowance/allowance.ts";
export { Registry } from "./registry/registry.ts";
export { Attempts } from "./attempts/attempts.ts";

const KNOWN_PATHS = new Set(["segment", "shops", "health", "ledger", "trustpilot", ...STATUS_PATHS]);

/** Of a URL, as it is written there. */
const FIRST_PART = /^[^:]+:\/\/[^/]+\/([^/?#]*)/;

/** As a part of the path; a client resolves them before it sends. */
const DOTS = /^[^?#]*\/(?:\.|%2e){1,2}(?:[/?#]|$)/i;

/** Of every answer; the pages have more. */
const HEADERS = [
  ["Cache-Control", "no-store"],
  // Without subdomains: the shop's other hosts are not ours to decide on.
  ["Strict-Transport-Security", "max-age=31536000"],
  ["X-Content-Type-Options", "nosniff"],
] as const;

const app = new Hono<{ Bindings: Env }>({ strict: false });

app.use(async (c, next) => {
  // A path in another spelling (/%73tatus, /x/%2e%2e/status) would pass a rule of Cloudflare Access for the plain one.
  const { url } = c.req;
  if (DOTS.test(url) || !KNOWN_PATHS.has(FIRST_PART.exec(url)?.[1] ?? "")) c.res = await c.notFound();
  else await next();
  // In place: `c.header` would copy the whole answer, once for each of them.
  const { headers } = c.res;
  for (const [name, value] of HEADERS) if (!headers.has(name)) headers.set(name, value);
});

app.route("/segment", segment);

// Another spelling of /shops/{shop}/segment.
app.all("/segment/:shop", (c) => {
  const shop = c.req.param("shop");
  const url = new URL(c.req.url);
  // The name in another spelling (/segment/%75k) is not the shop's path.
  if (!isShopName(shop) || !/^\/segment\/[\w-]+\/?$/.test(url.pathname)) return c.notFound();
  url.pathname = `/shops/${shop}/segment`;
  return app.fetch(new Request(url, c.req.raw), c.env, c.executionCtx);
});

app.route(
  "/shops",
  underShop((request, env, context) => app.fetch(request, env, context)),
);

/** For uptime checks: 200 as long as the Worker runs. Strangers learn no more; /status/health says what is wrong. */
app.get("/health", (c) => c.json({ status: readShops(c.env).ok ? "ok" : "misconfigured" }));

// Loaded on demand: an order neither waits for the pages nor passes their middleware.
for (const path of STATUS_PATHS) {
  app.all(`/${path}/*`, async (c) => {
    const { app: status } = await import("./status/app.ts");
    return status.fetch(c.req.raw, envOf(c.env, null), c.executionCtx);
  });
}

app.all("/ledger/*", async (c) => {
  const { portable } = await import("./portable/backup-routes.ts");
  return portable.fetch(c.req.raw, c.env, c.executionCtx);
});

app.all("/trustpilot/*", async (c) => {
  if (!c.env.TRUSTPILOT_REVIEWS_SECRET) return c.notFound();
  const { reviews } = await import("./reviews/review-routes.ts");
  return reviews.fetch(c.req.raw, envOf(c.env, null), c.executionCtx);
});

app.notFound((c) => c.json({ message: "Nothing here. Segment's events go to POST /segment." }, 404));

app.onError(internalError);

export default {
  fetch: app.fetch,
  async scheduled(_, env) {
    const { hourly } = await import("./hourly.ts");
    await hourly(env);
  },
} satisfies ExportedHandler<Env>;
