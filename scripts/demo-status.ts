/** The status page with made-up orders, without Segment and without Trustpilot: to look around, and for pictures. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import colors from "picocolors";
import { launchChromium } from "./lib/chromium.ts";
import { run, wholeNumber } from "./lib/command.ts";
import { fill } from "./lib/fill.ts";
import { temporaryFolder } from "./lib/at-end.ts";
import { buildWorker, freePort, ROOT, startWorker } from "./lib/workerd.ts";

const HELP = `
npm run demo:status [-- options]

Shows the status page with made-up orders, until Ctrl-C.

  --orders N      how many orders (1000)
  --port N        the port on this machine (8788)
  --screenshots   instead, takes the README's screenshots anew (docs/images) in
                  Chromium, and ends

Exit code: 0, or 1 when something was wrong.

  npm run demo:status -- --orders 100000
`;

const options = {
  orders: { type: "string" },
  port: { type: "string" },
  screenshots: { type: "boolean", default: false },
} as const;

const PASSWORD = "look-at-made-up-orders";

await run({ name: "npm run demo:status", help: HELP, options }, async (values) => {
  const orders = wholeNumber("orders", values.orders, 1000, 1, 10_000_000);
  const port = values.screenshots ? await freePort() : wholeNumber("port", values.port, 8788, 1, 65_535);
  const worker = {
    config: "wrangler.toml",
    script: await buildWorker(),
    port,
    persist: temporaryFolder("demo-status-"),
    bindings: {
      TRUSTPILOT_INTEGRATION_KEY: "statusPageKey123",
      SEGMENT_SHARED_SECRET: "a secret for made-up orders",
      STATUS_PASSWORD: PASSWORD,
      // Nothing listens there: an order that is sent again waits, and says so.
      TRUSTPILOT_API_URL: "http://127.0.0.1:1/api",
      SHOP_ORIGIN: "https://shop.example.com",
      EXCLUDE_AUDIENCES: "opted_out",
      REQUIRE_CONSENT: "Marketing",
      HOLD_DAYS: "7",
    },
  };
  await fill(worker, orders);
  const running = await startWorker(worker);
  const address = `http://127.0.0.1:${port}/status`;
  if (!values.screenshots) {
    const login = `any user name, password ${colors.bold(PASSWORD)}`;
    console.log(`${colors.bold(address)}   ${login}   (Ctrl-C ends it)`);
    return new Promise<never>(() => {});
  }
  await takeScreenshots(address);
  await running.dispose();
  return 0;
});

async function takeScreenshots(address: string): Promise<void> {
  const folder = join(ROOT, "docs/images");
  await mkdir(folder, { recursive: true });
  const browser = await launchChromium();
  const context = await browser.newContext({ httpCredentials: { username: "", password: PASSWORD } });
  const page = await context.newPage();

  await page.setViewportSize({ width: 1040, height: 1450 });
  await page.goto(address, { waitUntil: "networkidle" });
  await page.screenshot({ path: join(folder, "overview.png") });

  await page.goto(`${address}?state=unknown#orders`);
  await page.locator(".orders tbody a").first().click();
  await page.locator("summary", { hasText: "Send again" }).click();
  await page.setViewportSize({ width: 1040, height: 1040 });
  await page.screenshot({ path: join(folder, "order.png") });
  await browser.close();
}
