/** The Worker: which path leads where. */
import { Hono } from "hono/tiny";
import { internalError, segment } from "./intake/route.ts";
import { envOf } from "./bindings/scope.ts";
import { readShops } from "./bindings/shops.ts";
import { hourly } from "./hourly.ts";
import { underShop } from "./under-shop.ts";
import { VERSION } from "./version.ts";

export { Alerts } from "./alerts/alerts.ts";
export { Ledger } from "./ledger/ledger.ts";
export { Audiences } from "./audiences/audiences.ts";
export { Allowance } from "./allowance/allowance.ts";
export { Registry } from "./registry/registry.ts";

const app = new Hono<{ Bindings: Env }>({ strict: false });

app.route("/segment", segment);

// Another spelling of /shops/{shop}/segment.
app.all("/segment/:shop", (c) => {
  const url = new URL(c.req.url);
  url.pathname = `/shops/${c.req.param("shop")}/segment`;
  return app.fetch(new Request(url, c.req.raw), c.env, c.executionCtx);
});

app.route(
  "/shops",
  underShop((request, env, context) => app.fetch(request, env, context)),
);

/** For uptime checks: 200 as long as the Worker runs. Problems of the settings are named, without values. */
app.get("/health", (c) => {
  const checked = readShops(c.env);
  return c.json({
    status: checked.ok ? "ok" : "misconfigured",
    version: VERSION,
    ...(!checked.ok && { problems: checked.problems }),
  });
});

// Loaded on demand: an order neither waits for the pages nor passes their middleware.
for (const path of ["/status/*", "/orders/*", "/resume", "/pause", "/openapi.json"]) {
  app.all(path, async (c) => {
    const { app: status } = await import("./status/app.ts");
    return status.fetch(c.req.raw, envOf(c.env, null), c.executionCtx);
  });
}

app.all("/ledger/*", async (c) => {
  const { portable } = await import("./portable/routes.ts");
  return portable.fetch(c.req.raw, c.env, c.executionCtx);
});

app.notFound((c) => c.json({ message: "Nothing here. Segment's events go to POST /segment." }, 404));

app.onError(internalError);

export default {
  fetch: app.fetch,
  scheduled: (_, env, context) => context.waitUntil(hourly(env)),
} satisfies ExportedHandler<Env>;
