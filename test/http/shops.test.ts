/** Several shops behind one Worker: each has its key, its ledgers and its pages, and no order crosses over. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send } from "../../scripts/lib/segment.ts";
import { order, standIn, TestWorker } from "./support/worker.ts";

const KEYS = {
  main: "httpShopsMainK01",
  uk: "httpShopsUkKey01",
  us: "httpShopsUsKey01",
  nl: "httpShopsNlKey01",
};
const PASSWORD = "the password of the tests";
const NL_SECRET = "the secret of the shop nl";
const SETTINGS = {
  SEGMENT_SHARED_SECRET_NL: NL_SECRET,
  TRUSTPILOT_INTEGRATION_KEY_UK: KEYS.uk,
  TRUSTPILOT_INTEGRATION_KEY_US_WEST: KEYS.us,
  TRUSTPILOT_INTEGRATION_KEY_NL: KEYS.nl,
  STATUS_PASSWORD: PASSWORD,
  SHOPS: JSON.stringify({
    uk: { affiliation: ["Example UK", "Example Ireland"], SHOP_ORIGIN: "https://www.example.co.uk" },
    "us-west": { currency: "USD" },
    nl: { SHOP_ORIGIN: "https://www.example.nl", HOLD_DAYS: "1" },
  }),
};

const AUTHORIZED = { Authorization: `Basic ${Buffer.from(`colleague:${PASSWORD}`).toString("base64")}` };

let worker: TestWorker;
beforeAll(async () => {
  worker = await TestWorker.start(KEYS.main, SETTINGS);
});
afterAll(() => worker.remove());

async function invitedAt(shop: keyof typeof KEYS, orderId: string): Promise<number> {
  const requests = await standIn.requests(KEYS[shop]);
  return requests.filter(({ body }) => body["referenceId"] === orderId).length;
}

function get(path: string): Promise<Response> {
  return fetch(worker.origin + path, { headers: AUTHORIZED, redirect: "manual" });
}

async function sendTo(path: string, event: object): Promise<{ status: number; answer: unknown }> {
  const response = await send(worker.origin + path, JSON.stringify(event), NL_SECRET);
  return { status: response.status, answer: await response.json() };
}

describe("an order", () => {
  it.each([
    ["goes to the shop of its affiliation", { affiliation: "Example UK" }, "uk"],
    ["goes there whatever the casing", { affiliation: " example ireland" }, "uk"],
    ["goes to the shop of its currency", { currency: "usd" }, "us"],
    [
      "goes to the default shop when no other is its own",
      { affiliation: "Example France", currency: "EUR" },
      "main",
    ],
    ["goes to the default shop when it says nothing", {}, "main"],
  ] as const)("%s", async (name, properties, shop) => {
    const orderId = `route-${name.replaceAll(" ", "-")}`;
    const { status, answer } = await worker.send(order(orderId, properties));
    expect(status).toBe(200);
    expect(answer.shop).toBe({ uk: "uk", us: "us-west", main: undefined }[shop]);
    await expect.poll(() => invitedAt(shop, orderId)).toBe(1);
    const others = (["main", "uk", "us", "nl"] as const).filter((other) => other !== shop);
    expect(await Promise.all(others.map((other) => invitedAt(other, orderId)))).toEqual([0, 0, 0]);
  });

  it("has the origin of its shop", async () => {
    await worker.send(order("origin-1", { affiliation: "Example UK" }));
    await expect.poll(() => invitedAt("uk", "origin-1")).toBe(1);
    const request = (await standIn.requests(KEYS.uk)).find(({ body }) => body["referenceId"] === "origin-1");
    expect(request?.origin).toBe("https://www.example.co.uk");
  });

  it("of one shop is no duplicate of the other shop's order with the same number, but of its own", async () => {
    const uk = order("same-1", { affiliation: "Example UK" });
    const outcomes = [];
    for (const event of [order("same-1"), uk, order("same-1"), uk])
      outcomes.push((await worker.send(event)).answer.outcome);
    expect(outcomes).toEqual(["accepted", "accepted", "duplicate", "duplicate"]);
    await expect
      .poll(() => Promise.all([invitedAt("main", "same-1"), invitedAt("uk", "same-1")]))
      .toEqual([1, 1]);
  });

  it("in a batch is answered in its place", async () => {
    const { answer } = await worker.send([
      order("mixed-1", { affiliation: "Example UK" }),
      { type: "page" },
      order("mixed-2"),
      order("mixed-3", { currency: "USD" }),
    ]);
    expect(answer.events.map(({ index, orderId, shop }) => [index, orderId, shop])).toEqual([
      [0, "mixed-1", "uk"],
      [1, undefined, undefined],
      [2, "mixed-2", undefined],
      [3, "mixed-3", "us-west"],
    ]);
  });

  it.each(["/segment/nl", "/shops/nl/segment"])(
    "sent to %s is that shop's, with its settings",
    async (path) => {
      const orderId = `path${path.replaceAll("/", "-")}`;
      const { answer } = await sendTo(path, order(orderId, { affiliation: "Example" }));
      expect(answer).toMatchObject({ outcome: "accepted" });
      expect(await (await get(`/shops/nl/orders/${orderId}`)).json()).toMatchObject({
        orderId,
        state: "held",
      });
      // The default shop has none of this id, and says where there is one.
      const elsewhere = await get(`/orders/${orderId}`);
      expect(elsewhere.status).toBe(300);
      expect(await elsewhere.json()).toMatchObject({ orders: [{ path: `/shops/nl/orders/${orderId}` }] });
    },
  );

  it("sent to a shop that does not exist is not taken", async () => {
    // As one that exists would answer: a stranger must not find out which do.
    for (const shop of ["fr", "constructor"])
      expect((await sendTo(`/segment/${shop}`, order("nowhere"))).status).toBe(401);
    expect((await sendTo("/segment/FR", order("nowhere"))).status).toBe(404);
    expect(worker.states("nowhere")).toEqual([undefined]);
  });

  it("sent to a shop's path without a signature is answered 401", async () => {
    const response = await fetch(`${worker.origin}/segment/nl`, {
      method: "POST",
      body: JSON.stringify(order("x")),
    });
    expect(response.status).toBe(401);
  });
});

describe("a cancellation", () => {
  const cancelled = (orderId: string, properties: Record<string, unknown> = {}) => ({
    ...order(orderId, properties),
    event: "Order Cancelled",
  });

  it("that names no shop reaches all of them", async () => {
    await sendTo("/segment/nl", order("cancel-1"));
    const { answer } = await worker.send(cancelled("cancel-1"));
    expect(answer).toMatchObject({ outcome: "accepted" });
    expect(answer.message).toContain("nl: The waiting invitation is cancelled.");
    expect(await (await get("/shops/nl/orders/cancel-1")).json()).toMatchObject({ state: "cancelled" });
  });

  it("that names a shop leaves the other shops' orders alone", async () => {
    await sendTo("/segment/nl", order("cancel-2"));
    await worker.send(cancelled("cancel-2", { affiliation: "Example UK" }));
    expect(await (await get("/shops/nl/orders/cancel-2")).json()).toMatchObject({ state: "held" });
  });
});

it("a customer's deletion reaches every shop", async () => {
  await sendTo("/segment/nl", { ...order("delete-1"), userId: "user-97" });
  const { answer } = await worker.send({ type: "delete", userId: "user-97" });
  expect(answer.message).toContain("nl: Deleted here; waiting invitations cancelled: 1");
  expect(await (await get("/shops/nl/orders/delete-1")).json()).toMatchObject({ state: "cancelled" });
});

describe("the pages", () => {
  it("of a shop lead to pages of that shop", async () => {
    await worker.send(order("page-1", { affiliation: "Example UK" }));
    const page = await (await get("/shops/uk/status")).text();
    expect(page).toContain('href="/shops/uk/status/orders/page-1"');
    expect(page).toContain('action="/shops/uk/status/orders"');
    // One link leads out of the shop: to the default one.
    expect(page.match(/(href|action)="\/status(?!\/assets)[^"]*"/g)).toEqual(['href="/status"']);
    const found = await get("/shops/uk/status/orders?id=page-1");
    expect(found.headers.get("Location")).toBe("/shops/uk/status/orders/page-1");
    expect((await get("/shops/uk/status/orders/page-1")).status).toBe(200);
    const elsewhere = await get("/status/orders/page-1");
    expect([elsewhere.status, elsewhere.headers.get("Location")]).toEqual([
      303,
      "/shops/uk/status/orders/page-1",
    ]);
    expect((await get("/shops/nl/status/orders/page-1")).status).toBe(404);
  });

  it("of a shop act on that shop's order, and lead back to it", async () => {
    await sendTo("/segment/nl", order("form-1"));
    await worker.send(order("form-1", { affiliation: "Example UK" }));
    const response = await fetch(`${worker.origin}/shops/nl/status/orders/form-1/cancel`, {
      method: "POST",
      headers: { ...AUTHORIZED, Origin: worker.origin },
      redirect: "manual",
    });
    expect(response.headers.get("Location")).toBe("/shops/nl/status/orders/form-1");
    expect(await (await get("/shops/nl/orders/form-1")).json()).toMatchObject({ state: "cancelled" });
    expect(await (await get("/shops/uk/orders/form-1")).json()).not.toMatchObject({ state: "cancelled" });
  });

  it("of a shop are guarded", async () => {
    expect((await fetch(`${worker.origin}/shops/uk/status`)).status).toBe(401);
  });
});

it("a shop without its key stops the whole Worker, which says what to fix", async () => {
  const { TRUSTPILOT_INTEGRATION_KEY_UK: _, ...incomplete } = SETTINGS;
  const other = await TestWorker.start("httpShopsBroken1", incomplete);
  try {
    const { status, answer } = await other.send(order("broken-1"));
    expect(status).toBe(503);
    expect(answer.message).toContain("TRUSTPILOT_INTEGRATION_KEY_UK is missing");
    expect(answer.message).toContain("npx wrangler secret put TRUSTPILOT_INTEGRATION_KEY_UK");
  } finally {
    await other.remove();
  }
});
