/** GET /metrics: the figures for Prometheus, of all shops or, below /shops/{shop}, of one. */
import { Hono } from "hono/tiny";
import { describeRoute } from "hono-openapi";
import { callAttempts, ledgersOf } from "../bindings/objects.ts";
import { envOf } from "../bindings/scope.ts";
import { readShopTable } from "../config/shop-settings.ts";
import type { RejectionTotals } from "../domain/rejections.ts";
import { ledgerNames } from "../domain/shard.ts";
import type { LedgerMetrics } from "../ledger/ledger-report.ts";
import { expose, EXPOSITION_TYPE } from "./exposition.ts";
import { askAll } from "./ledgers.ts";
import { metricFamilies, type ShopMetrics } from "./metric-families.ts";
import type { StatusApp } from "./error-answer.tsx";

export const metrics = new Hono<StatusApp>({ strict: false });

metrics.get(
  "/metrics",
  describeRoute({
    summary: "The figures, for Prometheus",
    description: "Of all shops. docs/metrics.md says what each number means.",
    responses: {
      200: { description: "Text format 0.0.4", content: { "text/plain": { schema: { type: "string" } } } },
    },
  }),
  async (c) => {
    const [shops, rejections] = await Promise.all([Promise.all(shopsOf(c.env)), rejectionsOf(c.env)]);
    const families = metricFamilies(shops, rejections, Date.now());
    return c.text(expose(families), 200, { "Content-Type": EXPOSITION_TYPE });
  },
);

metrics.all("/metrics", (c) => c.json({ message: "Only GET and HEAD." }, 405, { Allow: "GET, HEAD" }));

function shopsOf(env: Env): Promise<ShopMetrics>[] {
  const names = Object.keys(readShopTable(env).shops);
  if (names.length === 0) return [read(env, env.SHOP === undefined ? {} : { shop: env.SHOP })];
  // The default shop has no name: an empty label, which no shop can be called.
  return [read(env, { shop: "" }), ...names.map((shop) => read(envOf(env, shop), { shop }))];
}

/** The rest must not fail with what only counts here. */
async function rejectionsOf(env: Env): Promise<RejectionTotals | null> {
  if (env.SHOP !== undefined) return null;
  return callAttempts(env, (attempts) => attempts.rejectionTotals()).catch(() => null);
}

async function read(env: Env, labels: ShopMetrics["labels"]): Promise<ShopMetrics> {
  const names = ledgerNames(ledgersOf(env));
  const ofEach = await askAll(env, (ledger) => ledger.metrics() as Promise<LedgerMetrics>);
  return { labels, ledgers: new Map(names.map((name, index) => [name, ofEach[index]!])) };
}
