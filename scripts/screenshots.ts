/** Takes the pictures of the status page that the README shows: `node scripts/screenshots.ts`. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchChromium } from "./lib/chromium.ts";
import { fill } from "./lib/fill.ts";
import { bundle, freePort, ROOT, startWorker } from "./lib/workerd.ts";

const ORDERS = 2_000;
const PASSWORD = "look";
const OUT = join(ROOT, "docs/images");

const persist = await mkdtemp(join(tmpdir(), "screenshots-"));
const port = await freePort();
const options = {
  config: "wrangler.toml",
  script: await bundle("wrangler.toml", "build/status"),
  port,
  persist,
  bindings: {
    TRUSTPILOT_INTEGRATION_KEY: "screenshotsKey12",
    STATUS_PASSWORD: PASSWORD,
    SHOP_ORIGIN: "https://shop.example.com",
    EXCLUDE_AUDIENCES: "opted_out",
  },
};
await fill(options, ORDERS);
const worker = await startWorker(options);
const browser = await launchChromium();
const context = await browser.newContext({ httpCredentials: { username: "", password: PASSWORD } });
const page = await context.newPage();
await mkdir(OUT, { recursive: true });

await page.setViewportSize({ width: 1040, height: 1290 });
await page.goto(`http://127.0.0.1:${port}/status`, { waitUntil: "networkidle" });
await page.screenshot({ path: join(OUT, "overview.png") });

await page.goto(`http://127.0.0.1:${port}/status?state=unknown#orders`);
await page.locator(".orders tbody a").first().click();
await page.locator("summary", { hasText: "Send again" }).click();
await page.setViewportSize({ width: 1040, height: 1040 });
await page.screenshot({ path: join(OUT, "order.png") });

await browser.close();
await worker.dispose();
await rm(persist, { recursive: true });
