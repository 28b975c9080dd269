/** The status page as a person uses it: in a real Chromium, on the Worker as a deploy would bundle it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { Miniflare } from "miniflare";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { launchChromium } from "../../scripts/lib/chromium.ts";
import { fill, orderIdAt } from "../../scripts/lib/fill.ts";
import { send } from "../../scripts/lib/segment.ts";
import { freePort, startWorker } from "../../scripts/lib/workerd.ts";
import { orderCompleted } from "../support/events.ts";
import { SECRET, standIn } from "./support/worker.ts";

const KEY = "httpStatusPageK1";
const PASSWORD = "the password of the tests";
const ORDERS = 50;

/** Of ten orders each has a fate of its own (scripts/lib/fill.ts). The tests that act take different tens. */
const fate = { failed: 0, unknown: 1, cancelled: 2, skipped: 4, held: 7, rejected: 8, invited: 9 };
const idOf = (state: keyof typeof fate, ten: number) => orderIdAt(ten * 10 + fate[state]);

let worker: Miniflare;
let browser: Browser;
let origin: string;
let persist: string;

beforeAll(async () => {
  persist = await mkdtemp(join(tmpdir(), "status-test-"));
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  const options = {
    config: "wrangler.toml",
    script: inject("workerScript"),
    port,
    persist,
    bindings: {
      TRUSTPILOT_INTEGRATION_KEY: KEY,
      TRUSTPILOT_API_URL: standIn.apiUrl,
      SHOP_ORIGIN: "https://shop.example.com",
      STATUS_PASSWORD: PASSWORD,
      SEGMENT_SHARED_SECRET: SECRET,
      // A shop that never gets an order.
      SHOPS: '{"uk":{"affiliation":"Example UK"}}',
      TRUSTPILOT_INTEGRATION_KEY_UK: `${KEY}Uk`,
      EXCLUDE_AUDIENCES: "opted_out",
      FIND_BY_EMAIL: "true",
    },
  };
  [browser] = await Promise.all([launchChromium(), fill(options, ORDERS)]);
  worker = await startWorker(options);
});
afterAll(async () => {
  await browser?.close();
  await worker?.dispose();
  await rm(persist, { recursive: true, force: true });
});

/** What the pages of a test complained of. */
let complaints: string[] = [];
afterEach(async () => {
  complaints = [];
  await Promise.all(browser.contexts().map((context) => context.close()));
});

/** A browser of its own, with the password unless the test has another. */
async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1200, height: 900 },
    locale: "en-GB",
    httpCredentials: { username: "colleague", password: PASSWORD },
    extraHTTPHeaders: { "CF-Connecting-IP": `address ${crypto.randomUUID()}` },
    ...options,
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("status of 4"))
      complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`)) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(origin + path);
  return page;
}

const words = (page: Page, selector = "main") => page.locator(selector).innerText();
const invitationsFor = async (orderId: string) =>
  (await standIn.requests(KEY)).filter(({ body, created }) => created && body["referenceId"] === orderId);

/** Waits for what the page shows in the end: it reloads itself while an order is being sent. */
const waitFor = (page: Page, text: string) => page.locator("main", { hasText: text }).waitFor();

const PAGES = {
  "the overview": () => "/status",
  "a filtered list": () => "/status?state=skipped",
  "a failed order": () => `/status/orders/${idOf("failed", 1)}`,
  "an unknown order": () => `/status/orders/${idOf("unknown", 4)}`,
  "a waiting order": () => `/status/orders/${idOf("held", 4)}`,
  "a rejected order": () => `/status/orders/${idOf("rejected", 4)}`,
  "a cancelled order": () => `/status/orders/${idOf("cancelled", 4)}`,
  "an invited order": () => `/status/orders/${idOf("invited", 4)}`,
  "an order that is not known, with the longest id": () => `/status/orders/${"4711".repeat(63)}`,
  "the empty overview of a shop": () => "/shops/uk/status",
  "several orders of one id": () => "/status/orders?id=A-1",
  "several orders of a customer": () => "/status#jane@example.com",
  "no order of a customer": () => "/status#stranger@example.com",
  "a wrong address": () => "/status/nothing-here",
};
const pages = Object.entries(PAGES).map(([name, path]) => [name, path()] as const);

describe("a colleague who asks: was this order invited, and if not, why?", () => {
  it("searches by the order id and reads the answer and the time line", async () => {
    const page = await open("/status", { timezoneId: "Asia/Tokyo" });
    await page.getByLabel("Order id").fill(` ${idOf("skipped", 0)} `);
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.waitForURL("**/status/orders/*");
    expect(await words(page, "h1")).toBe(`Order ${idOf("skipped", 0)} Copy`);
    expect(await words(page, ".answer")).toContain(
      "No, it was skipped. The customer is in an audience that is not invited (EXCLUDE_AUDIENCES: opted_out).",
    );
    const lines = await page.locator(".timeline li p").allInnerTexts();
    expect(lines[0]).toBe("Received from Segment.");
    expect(lines.at(-1)).toMatch(/^Skipped\./);
  });

  it("is told when the order is not known", async () => {
    const page = await open("/status/orders/4711");
    expect(await words(page, "h1")).toBe("Order 4711 is not known");
  });

  it("needs no mouse", async () => {
    const page = await open("/status");
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").innerText()).toBe("Skip to the content");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.type(idOf("held", 2));
    await page.keyboard.press("Enter");
    await page.waitForURL("**/status/orders/*");
    await page.locator("summary", { hasText: "Cancel the invitation" }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").innerText()).toBe("Yes, cancel the invitation");
    const outline = await page
      .locator(":focus")
      .evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(outline).toBe("solid");
    await page.keyboard.press("Enter");
    await page.getByRole("status").waitFor();
    expect(await words(page, ".answer")).toContain("No. An operator cancelled it.");
  });

  it("reads times in the own time zone, and in UTC without JavaScript", async () => {
    const path = `/status/orders/${idOf("invited", 0)}`;
    const timeIn = async (options: BrowserContextOptions) => {
      const page = await open(path, options);
      return { text: await words(page, ".answer time"), zone: await words(page, "footer") };
    };
    const utc = await timeIn({ javaScriptEnabled: false });
    const tokyo = await timeIn({ timezoneId: "Asia/Tokyo" });
    expect(utc.text).toMatch(/UTC$/);
    expect(utc.zone).toContain("Times are in UTC");
    expect(tokyo.zone).toContain("Times are in Asia/Tokyo");
    const hours = (Date.parse(`${tokyo.text} UTC`) - Date.parse(utc.text)) / 3_600_000;
    expect(hours).toBe(9);
  });
});

describe("the list of orders", () => {
  it("is filtered by state and reason, and read page by page", async () => {
    const page = await open("/status");
    const shown = () => page.locator(".orders tbody th").allInnerTexts();
    const all = await shown();
    expect(all[0]).toBe(orderIdAt(ORDERS - 1));
    expect(all).toHaveLength(25);
    await page.getByRole("link", { name: "Older orders" }).click();
    await page.waitForURL("**cursor=**");
    expect([...all, ...(await shown())]).toEqual(
      Array.from({ length: ORDERS }, (_, index) => orderIdAt(ORDERS - 1 - index)),
    );
    expect(await page.getByRole("link", { name: "Older orders" }).count()).toBe(0);

    await page.getByLabel("State").selectOption("Skipped");
    await page.locator("#reason").selectOption("No consent");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL("**reason=consent_missing**");
    expect(await shown()).toEqual([5, 4, 3, 2, 1].map((ten) => orderIdAt(ten * 10 - 5)));
    expect(await page.getByLabel("State").inputValue()).toBe("skipped");
  });

  it("is filtered by days as the reader's calendar has them", async () => {
    // Fourteen hours ahead: what is today there is mostly yesterday in UTC.
    const page = await open("/status", { timezoneId: "Pacific/Kiritimati" });
    const day = (await page.locator(".orders .when").first().innerText()).split(",")[0]!;
    const iso = new Date(`${day} UTC`).toISOString().slice(0, 10);
    await page.locator("#from").fill(iso);
    await page.locator("#to").fill(iso);
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL("**from=**");
    const days = await page.locator(".orders .when").allInnerTexts();
    expect(days.length).toBeGreaterThan(0);
    for (const shown of days) expect(shown.split(",")[0]).toBe(day);
    expect(await page.locator("#from").inputValue()).toBe(iso);
    expect(await page.locator("#to").inputValue()).toBe(iso);
  });
});

describe("the page of an order", () => {
  it("copies the id and the reply to the customer", async () => {
    const orderId = idOf("invited", 1);
    const page = await open(`/status/orders/${orderId}`, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByLabel("Copy this id").click();
    await expect.poll(clipboard).toBe(orderId);
    await page.getByLabel("Copy the reply").click();
    await expect.poll(clipboard).toContain(`to review order ${orderId}.`);
  });
});

describe("a colleague who acts", () => {
  it("sends a failed order again: one invitation, and the time line says who did it", async () => {
    const orderId = idOf("failed", 0);
    const page = await open(`/status/orders/${orderId}`);
    await page.getByRole("button", { name: "Send again" }).click();
    expect(await words(page, "[role=status]")).toContain("will be sent again");
    await waitFor(page, "Yes. Trustpilot created the invitation");
    expect(await page.locator(".timeline li p").allInnerTexts()).toContain("Released by colleague.");
    expect(await page.locator("form[method=post]").count()).toBe(0);
    expect(await invitationsFor(orderId)).toHaveLength(1);
  });

  it("is told the risk before an unknown order goes out again, and has to take it", async () => {
    const orderId = idOf("unknown", 0);
    const page = await open(`/status/orders/${orderId}`);
    await page.locator("summary", { hasText: "Send again" }).click();
    expect(await words(page, ".actions")).toContain("sending again gives the customer a second one");
    await page.getByRole("button", { name: "Send again" }).click();
    expect(
      await page.getByLabel("I looked at Trustpilot").evaluate((box: HTMLInputElement) => box.validity.valid),
    ).toBe(false);
    expect(await invitationsFor(orderId)).toHaveLength(0);

    await page.getByLabel("I looked at Trustpilot").check();
    await page.getByRole("button", { name: "Send again" }).click();
    await page.getByRole("status").waitFor();
    await waitFor(page, "Yes. Trustpilot created the invitation");
    expect(await invitationsFor(orderId)).toHaveLength(1);
  });

  it("cancels a waiting order, and marks an unknown one as sent, after a second look", async () => {
    const page = await open(`/status/orders/${idOf("held", 0)}`);
    expect(await page.getByRole("button", { name: "Yes, cancel the invitation" }).isVisible()).toBe(false);
    await page.locator("summary", { hasText: "Cancel the invitation" }).click();
    await page.getByRole("button", { name: "Yes, cancel the invitation" }).click();
    expect(await words(page, "[role=status]")).toBe("The order will not be invited.");
    expect(await words(page, ".answer")).toContain("No. An operator cancelled it.");

    await page.goto(`${origin}/status/orders/${idOf("unknown", 2)}`);
    await page.locator("summary", { hasText: "Mark as sent" }).click();
    await page.getByRole("button", { name: "Yes, mark it as sent" }).click();
    expect(await words(page, ".answer")).toContain("Yes. An operator marked it as sent");
    expect(await invitationsFor(idOf("unknown", 2))).toHaveLength(0);
  });

  it("sends all failed orders of a period again", async () => {
    const page = await open("/status");
    await page.locator("summary", { hasText: "Send all failed orders" }).click();
    // The last two of five: orders are 14 hours apart.
    const from = new Date(Date.now() - 14 * 86_400_000).toISOString().slice(0, 10);
    await page.locator("#again-from").fill(from);
    await page.getByRole("button", { name: "Send them again" }).click();
    expect(await words(page, "[role=status]")).toBe("2 failed orders will be sent again.");
    for (const ten of [3, 4]) {
      await page.goto(`${origin}/status/orders/${idOf("failed", ten)}`);
      await waitFor(page, "Yes. Trustpilot created the invitation");
      expect(await invitationsFor(idOf("failed", ten))).toHaveLength(1);
    }
    await page.goto(`${origin}/status/orders/${idOf("failed", 2)}`);
    expect(await words(page, ".answer")).toContain("No, it failed.");
  });
});

describe("the chart of the last days", () => {
  it("is drawn, in the theme's colours, from the table that stays at hand", async () => {
    const page = await open("/status");
    await page.locator("html.charted").waitFor();
    const colours = () =>
      page.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
        const seen = new Set<string>();
        for (let at = 0; at < data.length; at += 4)
          if (data[at + 3] === 255) seen.add(data.slice(at, at + 3).join());
        return [...seen];
      });
    const light = await colours();
    expect(light.length).toBeGreaterThan(5);
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(colours).not.toEqual(light);

    expect(await page.locator("#days").isVisible()).toBe(false);
    await page.locator("summary", { hasText: "Show as table" }).click();
    expect(await page.locator("#days tbody tr").count()).toBe(30);
    expect(await page.locator("#days").isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it("leads from a bar to the list of its orders, and writes as the reader's locale does", async () => {
    const page = await open("/status", { locale: "de-DE" });
    await page.locator("html.charted").waitFor();
    expect(await page.locator("#days tbody time").first().textContent()).toMatch(/^\d+\. \p{L}+/u);
    const canvas = page.locator("canvas");
    const { width, height } = (await canvas.boundingBox())!;
    // The lowest bar there is: invited orders, on the last day but one.
    const days = await page.locator("#days tbody tr").count();
    const bars = page.locator("#days tbody td:nth-child(2):has(data)");
    const row = await bars.first().evaluate((cell) => (cell.parentElement as HTMLTableRowElement).rowIndex);
    const left = 40;
    const x = left + ((width - left) * (days - row + 0.5)) / days;
    await canvas.click({ position: { x, y: height - 34 } });
    await page.waitForURL("**state=invited**");
    expect(await page.locator(".orders tbody tr").count()).toBeGreaterThan(0);
  });

  it("is a table when its script does not come", async () => {
    const context = await browser.newContext({ httpCredentials: { username: "", password: PASSWORD } });
    await context.route("**/chart.js*", (route) => route.abort());
    const page = await context.newPage();
    await page.goto(`${origin}/status`);
    await page.locator("#days").waitFor();
    expect(await page.locator("canvas").isVisible()).toBe(false);
  });
});

describe("without JavaScript", () => {
  it("the chart is a table, and every form works", async () => {
    const page = await open("/status", { javaScriptEnabled: false });
    expect(await page.locator("#days").isVisible()).toBe(true);
    expect(await page.locator("canvas").isVisible()).toBe(false);
    expect(await page.locator("[data-copy]:visible").count()).toBe(0);
    await page.getByLabel("State").selectOption("Waiting");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByRole("link", { name: idOf("held", 1) }).click();
    await page.locator("summary", { hasText: "Cancel the invitation" }).click();
    await page.getByRole("button", { name: "Yes, cancel the invitation" }).click();
    expect(await words(page, "[role=status]")).toBe("The order will not be invited.");
    await page.getByLabel("Order id").fill(idOf("unknown", 3));
    await page.getByRole("button", { name: "Find" }).click();
    expect(await words(page, ".answer")).toContain("Perhaps.");
  });
});

describe("a stranger without the password", () => {
  it.each([
    ["a wrong one", { httpCredentials: { username: "x", password: "wrong" } }],
    ["none", { httpCredentials: { username: "", password: "" } }],
  ])("sees nothing with %s", async (_, options) => {
    const page = await open(`/status/orders/${idOf("invited", 0)}`, options);
    expect(await words(page, "h1")).toBe("Password needed");
    expect(await page.content()).not.toContain("Timeline");
  });
});

describe("on every page", () => {
  beforeAll(async () => {
    for (const order_id of ["A*1", "A+1"]) {
      const event = orderCompleted({ order_id, email: "jane@example.com" });
      expect((await send(`${origin}/segment`, JSON.stringify(event), SECRET)).status).toBe(200);
    }
  });

  // One page for all of it: opening one is what takes the time.
  it.each(pages)(
    "nothing is asked of others, 360 pixels are enough, a finger finds what it wants, axe finds nothing: %s",
    async (_, path) => {
      const page = await open(path, { viewport: { width: 360, height: 800 }, hasTouch: true });
      const [, email] = path.split("#");
      if (email) {
        await page.getByLabel("E-mail address").fill(email);
        await page.getByRole("button", { name: "Find orders" }).click();
        await page.waitForURL("**/status/find");
      }
      await page.waitForLoadState("networkidle");
      expect(complaints).toEqual([]);
      await unfold(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      const controls = page.locator("button, input:not([type=checkbox]), select, .button");
      expect((await controls.evaluateAll(visibleHeights)).filter((height) => height < 44)).toEqual([]);
      for (const width of [360, 1200]) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          // The themes differ in nothing but their colours.
          const rules = colorScheme === "dark" ? COLOUR_RULES : undefined;
          expect(await violations(page, rules), `${colorScheme}, ${width} pixels`).toEqual([]);
        }
      }
    },
    120_000,
  );

  it("axe would find something if it were there", async () => {
    const page = await open("/status");
    await page.locator("h1").evaluate((heading) => (heading.innerHTML = '<img src="x">'));
    expect(await violations(page)).not.toEqual([]);
  });

  it("the two themes are two", async () => {
    const ground = async (colorScheme: "light" | "dark") =>
      (await open("/status", { colorScheme })).evaluate(
        () => getComputedStyle(document.documentElement).backgroundColor,
      );
    expect(await ground("light")).toBe("rgb(245, 246, 244)");
    expect(await ground("dark")).toBe("rgb(19, 23, 21)");
  });
});

function unfold(page: Page): Promise<void> {
  return page.evaluate(() =>
    document.querySelectorAll("details").forEach((details) => (details.open = true)),
  );
}

/** In pixels; runs in the browser, once for all: each question to it takes as long as all of them together. */
function visibleHeights(controls: (HTMLElement | SVGElement)[]): number[] {
  const visible = controls.filter((control) => control.checkVisibility({ visibilityProperty: true }));
  return visible.map((control) => control.getBoundingClientRect().height).filter((height) => height > 0);
}

const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** All rules, also those that only advise, or just `rules`. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
  // What passes is not described in full: that takes longer than the rules.
  const { violations: found }: axe.AxeResults = await page.evaluate(
    `axe.run(${JSON.stringify({ resultTypes: ["violations"], ...(rules && { runOnly: rules }) })})`,
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

it("/openapi.json, which the build has written down, describes what the routes validate and answer", async () => {
  const headers = { Authorization: `Basic ${btoa(`anybody:${PASSWORD}`)}` };
  const response = await fetch(`${origin}/openapi.json`, { headers });
  expect(response.headers.get("Content-Type")).toBe("application/json");
  const { info, paths } = (await response.json()) as {
    info: { version: string };
    paths: Record<string, Record<string, { parameters: { name: string; schema: unknown }[] }>>;
  };
  const { version } = (await (await fetch(`${origin}/status/health`, { headers })).json()) as {
    version: string;
  };
  expect(info.version).toBe(version);
  const action = paths["/orders/{id}/{action}"]!["post"]!.parameters.find(({ name }) => name === "action");
  expect(action!.schema).toMatchObject({ enum: ["send-now", "send-again", "mark-sent", "cancel"] });
  // The same schemas are at work: a wrong value is named.
  const answer = await fetch(`${origin}/orders?limit=1000`, { headers });
  expect([answer.status, await answer.json()]).toMatchObject([
    400,
    { message: expect.stringMatching(/^limit is invalid/) },
  ]);
});
