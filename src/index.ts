/** The Worker: which path leads where. What each one does is in the folder of its name. */
import { Hono } from "hono";
import { readConfig, type Env } from "./config.ts";
import { errorName, log } from "./log.ts";
import { segment } from "./segment/route.ts";
import { VERSION } from "./version.ts";

export { Alerts } from "./alerts/alerts.ts";
export { Ledger } from "./orders/ledger.ts";
export { Audiences } from "./segment/audiences.ts";
export { Allowance } from "./trustpilot/allowance.ts";

const app = new Hono<{ Bindings: Env }>({ strict: false });

app.route("/segment", segment);

/** For uptime checks: 200 as long as the Worker runs; what keeps it from working is named, without values. */
app.get("/health", (c) => {
  const checked = readConfig(c.env);
  return c.json({
    status: checked.ok ? "ok" : "misconfigured",
    version: VERSION,
    ...(!checked.ok && { problems: checked.problems }),
  });
});

/** Loaded when somebody looks: the way of an order neither waits for it nor passes its middleware. */
for (const path of ["/status/*", "/orders/*", "/resume", "/openapi.json"]) {
  app.all(path, async (c) => {
    const { app: status } = await import("./status/app.ts");
    return status.fetch(c.req.raw, c.env, c.executionCtx);
  });
}

app.notFound((c) => c.json({ message: "Nothing here. Segment's events go to POST /segment." }, 404));

app.onError((error, c) => {
  log({ log: "error", error: errorName(error) }, "error");
  return c.json({ message: "Something went wrong here; the event was not taken. Send it again." }, 500);
});

export default app;
