import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { orderIdentity } from "../../src/domain/order-identity.ts";
import { readReviewEvents } from "../../src/reviews/review-events.ts";
import { lastDays, toReviewFigures } from "../../src/status/days.ts";
import type { DetailView } from "../../src/status/view.ts";
import { ledgerOf, listen } from "../support/ledger.ts";
import { look, lookJson, personalOf, putOrder } from "../support/status.ts";

afterEach(reset);

const SECRET = "3b1f0c5e7a9d4f62a8c0e1b2d3f4a5968778695a4b3c2d1e0f9e8d7c6b5a4938";
const FAR = Date.parse("2099-01-01");
const WRITTEN = "2026-11-20T09:34:44.000Z";

/** As Trustpilot sends it. */
function review(data: object, what = "service-review-created") {
  return {
    eventName: what,
    version: "1",
    eventData: {
      id: "53bffd360000640002975387",
      language: "en",
      title: "Great service",
      text: "secret text",
      referenceId: "reviewed-1",
      stars: 5,
      createdAt: WRITTEN,
      isVerified: true,
      consumer: { id: "53bffc3900006400017e5db8", name: "Secretname" },
      ...data,
    },
  };
}

function send(events: object[], secret = SECRET, options: { shop?: string; env?: Partial<Env> } = {}) {
  const prefix = options.shop ? `/shops/${options.shop}` : "";
  return look(`${prefix}/trustpilot/reviews/${secret}`, {
    method: "POST",
    password: null,
    body: JSON.stringify({ events }),
    env: { TRUSTPILOT_REVIEWS_SECRET: SECRET, ...options.env },
  });
}

const detail = (orderId: string) => lookJson<DetailView>(`/orders/${encodeURIComponent(orderId)}`);
const figures = async () => {
  const days = lastDays(Date.now(), 30);
  return toReviewFigures((await ledgerOf("reviewed-1").overview(days)).daily, days);
};

describe("Trustpilot's review webhook", () => {
  it("notes a review on the order's page and in the figures, once however often it comes, and nothing but stars, language and time", async () => {
    await putOrder({ orderId: "reviewed-1" });
    for (let turn = 0; turn < 3; turn++)
      expect(await (await send([review({})])).json()).toEqual({ events: 1, noted: 1 });
    expect((await detail("reviewed-1")).reviews).toEqual([
      { of: "service", stars: 5, language: "en", at: WRITTEN },
    ]);
    const page = await (await look("/status/orders/reviewed-1")).text();
    expect(page).toMatch(/Reviewed <span[^>]*aria-label="5 of 5 stars">★★★★★<\/span> on <time/);
    // What is said of an e-mail that is still to come would be false.
    expect(page).not.toContain("Trustpilot itself waits");
    expect(page).toContain("Your review of order reviewed-1 has arrived at Trustpilot.");
    expect(page).not.toMatch(/secret text|Secretname/);
    expect(await figures()).toEqual({
      orders: 1,
      weeks: [{ monday: "2026-11-16", reviews: 1, average: 5 }],
    });
    const overview = await (await look("/status")).text();
    expect(overview).toContain("100% of invited");
    expect(overview).toContain("Reviews by week");
  });

  it("follows updates and deletions, of the service and of products, and does not bring a deleted review back", async () => {
    await putOrder({ orderId: "reviewed-1" });
    await send([
      review({}),
      review({ stars: 2 }, "service-review-updated"),
      review({ id: "p-1", stars: 4 }, "product-review-created"),
    ]);
    expect((await detail("reviewed-1")).reviews.map(({ of, stars }) => [of, stars])).toEqual(
      expect.arrayContaining([
        ["service", 2],
        ["product", 4],
      ]),
    );
    expect(await figures()).toMatchObject({ orders: 1, weeks: [{ reviews: 2, average: 3 }] });
    // A deletion is also known by its id alone.
    await send([
      review({ referenceId: null }, "service-review-deleted"),
      review({ id: "p-1" }, "product-review-deleted"),
      review({}),
      review({ stars: 3 }, "service-review-updated"),
    ]);
    expect((await detail("reviewed-1")).reviews).toEqual([]);
    expect(await figures()).toEqual({ orders: 0, weeks: [] });
  });

  it("does not note a review whose deletion came first", async () => {
    await putOrder({ orderId: "reviewed-1" });
    await send([review({}, "service-review-deleted"), review({})]);
    expect((await detail("reviewed-1")).reviews).toEqual([]);
  });

  it.each(["unknown", "failed"] as const)("settles an order that is %s: it was invited", async (state) => {
    const orderId = "reviewed-1";
    await putOrder({ orderId, state, reason: "no_answer", due: FAR, personal: personalOf(orderId) });
    await send([review({})]);
    const order = await detail(orderId);
    expect(order).toMatchObject({ state: "invited", reason: "reviewed", actions: [], invitation: null });
    expect(order.history.at(-1)).toMatchObject({ what: "invited", reason: "reviewed" });
    expect(await (await look("/status/orders/reviewed-1")).text()).toContain(
      "A review proves that the invitation was created.",
    );
  });

  it.each(["held", "cancelled", "skipped"] as const)(
    "changes nothing else of one that is %s",
    async (state) => {
      const due = state === "held" ? FAR : null;
      await putOrder({
        orderId: "reviewed-1",
        state,
        due,
        personal: due === null ? null : personalOf("reviewed-1"),
      });
      await send([review({})]);
      expect(await detail("reviewed-1")).toMatchObject({ state, reviews: [{ stars: 5 }] });
    },
  );

  it.each([
    ["A*1", "A-1"],
    ["-5", "5"],
    ["#1001", "1001"],
  ])("finds the order %j by the reference as it was sent: %j", async (sentOrderId, referenceId) => {
    const orderId = orderIdentity(sentOrderId);
    await putOrder({ orderId, ...(orderId !== sentOrderId && { sentOrderId }) });
    await send([review({ referenceId })]);
    expect((await detail(orderId)).reviews).toHaveLength(1);
  });

  it("notes nothing when two orders could be meant, unless only one of them was invited", async () => {
    await putOrder({ orderId: "A*1" });
    await putOrder({ orderId: "A+1" });
    expect(await (await send([review({ referenceId: "A-1" })])).json()).toEqual({ events: 1, noted: 0 });
    await putOrder({ orderId: "B*1" });
    await putOrder({ orderId: "B-1", state: "skipped", reason: "too_old" });
    await send([review({ referenceId: "B-1" })]);
    expect((await detail("B*1")).reviews).toHaveLength(1);
  });

  it("of a shop is sent to the shop's own address", async () => {
    const own = "of the shop uk, long enough to count";
    const shops = {
      SHOPS: { uk: {} },
      TRUSTPILOT_REVIEWS_SECRET_UK: own,
    } as Partial<Env>;
    await putOrder({ orderId: "reviewed-1" }, "shop:uk:");
    expect((await send([review({})], SECRET, { shop: "uk", env: shops })).status).toBe(404);
    const response = await send([review({})], encodeURIComponent(own), { shop: "uk", env: shops });
    expect(await response.json()).toEqual({ events: 1, noted: 1 });
  });

  it("is not there without the secret, nor with another one, and no line of the log holds either", async () => {
    await putOrder({ orderId: "reviewed-1" });
    const lines = listen();
    expect((await send([review({})], SECRET, { env: { TRUSTPILOT_REVIEWS_SECRET: "" } })).status).toBe(404);
    for (const wrong of [`${SECRET}0`, SECRET.slice(1), "%00", SECRET.toUpperCase()]) {
      const response = await send([review({})], wrong);
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain(wrong);
    }
    expect((await detail("reviewed-1")).reviews).toEqual([]);
    expect((await look(`/trustpilot/reviews/${SECRET}`)).status).toBe(404);
    await send([review({})]);
    expect(JSON.stringify(lines())).not.toMatch(/3b1f0c5e7a9d/i);
  });

  it("reads no more than a review is long, and nothing that is not JSON", async () => {
    const post = (body: string) =>
      look(`/trustpilot/reviews/${SECRET}`, {
        method: "POST",
        body,
        env: { TRUSTPILOT_REVIEWS_SECRET: SECRET },
      });
    expect((await post(" ".repeat(300_000))).status).toBe(413);
    expect((await post("{")).status).toBe(400);
    for (const body of ["null", "[]", '{"events":{}}', '{"events":[null,{"eventName":5}]}'])
      expect(await (await post(body)).json()).toEqual({ events: 0, noted: 0 });
  });
});

describe("a review event is left out", () => {
  it.each<[why: string, data: object, what?: string]>([
    ["without a reference: it was not invited", { referenceId: undefined }],
    ["with an empty reference", { referenceId: "" }],
    ["without an id", { id: undefined }],
    ["with an id that is none", { id: "<b>" }],
    ["with six stars", { stars: 6 }],
    ["with half a star", { stars: 0.5 }],
    ["with stars in words", { stars: "five" }],
    ["of another kind", {}, "service-review-replied"],
    ["of another thing", {}, "location-review-created"],
  ])("%s", (_, data, what) => {
    expect(readReviewEvents({ events: [review(data, what)] }, Date.now())).toEqual([]);
  });

  it("but not for a time or a language that cannot be used", () => {
    const [event] = readReviewEvents(
      { events: [review({ createdAt: "2999-01-01", language: "<script>" })] },
      5_000,
    );
    expect(event).toMatchObject({ review: { at: 5_000, language: null } });
  });
});

it("a backup carries reviews, and an import counts none twice", async () => {
  await putOrder({ orderId: "reviewed-1" });
  await send([review({}), review({ id: "gone" }), review({ id: "gone" }, "service-review-deleted")]);
  const ledger = ledgerOf("reviewed-1");
  const { lines } = await ledger.transfer().orders(null, null);
  const { kind: _kind, shop: _shop, ...record } = JSON.parse(lines) as Record<string, unknown[]>;
  expect(record.reviews).toHaveLength(2);
  await reset();
  for (let turn = 0; turn < 2; turn++)
    await env.LEDGER.get(ledgerOf("reviewed-1").id)
      .transfer()
      .merge([record as never], true, true);
  expect((await detail("reviewed-1")).reviews).toMatchObject([{ stars: 5 }]);
  expect(await figures()).toMatchObject({ orders: 1, weeks: [{ reviews: 1 }] });
});
