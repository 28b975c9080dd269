/**
 * Looks at the status page with made-up orders: as many as you like, without Segment and without Trustpilot.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import colors from "picocolors";
import { fill } from "./lib/fill.ts";
import { bundle, startWorker } from "./lib/workerd.ts";

const { values, positionals } = parseArgs({
  options: { help: { type: "boolean" }, port: { type: "string" } },
  allowPositionals: true,
});
if (values.help) {
  console.log(
    `npm run status -- [orders] [--port 8788]   the status page with so many orders (1,000), until Ctrl-C`,
  );
  process.exit(0);
}

const PASSWORD = "look";
const script = await bundle("wrangler.toml", "build/status");

const { origin, stop } = await start(Number(positionals[0] ?? 1000), Number(values.port ?? 8788));
console.log(
  `${colors.bold(`${origin}/status`)}   any user name, password ${colors.bold(PASSWORD)}   (Ctrl-C ends it)`,
);
process.once("SIGINT", () => void stop().then(() => process.exit(0)));

async function start(orders: number, port: number): Promise<{ origin: string; stop: () => Promise<void> }> {
  const persist = await mkdtemp(join(tmpdir(), "status-"));
  const options = {
    config: "wrangler.toml",
    script,
    port,
    persist,
    bindings: {
      TRUSTPILOT_INTEGRATION_KEY: "statusPageKey123",
      STATUS_PASSWORD: PASSWORD,
      // Nobody there: an order that is sent again waits, and says so.
      TRUSTPILOT_API_URL: "http://127.0.0.1:1/api",
      SHOP_ORIGIN: "https://shop.example.com",
      EXCLUDE_AUDIENCES: "opted_out",
      REQUIRE_CONSENT: "Marketing",
      MONTHLY_LIMIT: "5000",
      HOLD_DAYS: "7",
    },
  };
  await fill(options, orders);
  const worker = await startWorker(options);
  return {
    origin: `http://127.0.0.1:${options.port}`,
    stop: async () => {
      await worker.dispose();
      await rm(persist, { recursive: true });
    },
  };
}
