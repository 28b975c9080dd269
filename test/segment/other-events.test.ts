import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { orderCompleted } from "../support/segment.ts";
import { read } from "../support/reading.ts";
import { answerOf, callWorker, URL_OF_SEGMENT } from "../support/worker.ts";

afterEach(reset);

describe("an event that starts no invitation is ignored", () => {
  it.each<[string, object]>([
    [
      "page",
      { type: "page", name: "Order Completed", properties: { order_id: "1", email: "jane@example.com" } },
    ],
    ["screen", { type: "screen", name: "Order Completed" }],
    ["group", { type: "group", groupId: "g", traits: { email: "jane@example.com" } }],
    ["alias", { type: "alias", previousId: "a", userId: "b" }],
    [
      "an identify without a named audience",
      { type: "identify", userId: "u", traits: { order_completed_last_30days: true } },
    ],
    ["another track", { type: "track", event: "Product Viewed" }],
    ["a type of tomorrow", { type: "purchase" }],
    ["a type with a name of the prototype", { type: "constructor" }],
    ["a type with another name of the prototype", { type: "__proto__" }],
  ])("%s", (_, event) => expect(read(event).kind).toBe("ignored"));
});

describe("what is no event is rejected", () => {
  it.each([
    [null],
    [undefined],
    [7],
    ["track"],
    [true],
    [[]],
    [[{ type: "track" }]],
    [{}],
    [{ type: null }],
    [{ type: 7 }],
  ])("%j", (event) =>
    expect(read(event)).toMatchObject({ kind: "rejected", message: expect.stringMatching(/^Not an event/) }),
  );
});

describe("in the partner contract (Basic authentication), one event is answered", () => {
  const WITHOUT_SECRET = { SEGMENT_SHARED_SECRET: undefined, AUTHENTICATE_BY: "integration-key" };
  const key = env.TRUSTPILOT_INTEGRATION_KEY!;
  const send = async (event: unknown, Authorization: string) =>
    answerOf(
      await callWorker(
        new Request(URL_OF_SEGMENT, {
          method: "POST",
          headers: { Authorization },
          body: JSON.stringify(event),
        }),
        WITHOUT_SECRET,
      ),
    );
  const basic = `Basic ${btoa(`${key}:`)}`;

  it.each<[number, string, unknown]>([
    [501, "ignored", { type: "page" }],
    [501, "ignored", { type: "screen" }],
    [501, "ignored", { type: "group" }],
    [501, "ignored", { type: "alias" }],
    [501, "ignored", { type: "video" }],
    [200, "ignored", { type: "identify", userId: "u", traits: {} }],
    [200, "ignored", { type: "track", event: "Product Viewed" }],
    [200, "accepted", orderCompleted({ order_id: "partner-1" })],
    [200, "skipped", orderCompleted({ order_id: "partner-2" }, { integrations: { All: false } })],
    [200, "accepted", { type: "delete", userId: "partner" }],
    [400, "rejected", orderCompleted({})],
    [400, "rejected", {}],
  ])("%d %s for %j", async (status, outcome, event) => {
    expect(await send(event, basic)).toMatchObject({ status, outcome });
  });

  it("200 for a duplicate", async () => {
    const event = orderCompleted({ order_id: "partner-twice" });
    await send(event, basic);
    expect(await send(event, basic)).toMatchObject({ status: 200, outcome: "duplicate" });
  });

  it("200 for a cancellation that cancels nothing: its type is supported", async () => {
    const refund = {
      type: "track",
      event: "Order Refunded",
      properties: { order_id: "partner-3", products: [{}] },
    };
    expect(await send(refund, basic)).toMatchObject({ status: 200, outcome: "ignored" });
  });

  it("200 in a batch, whose events share one status", async () => {
    expect(await send([{ type: "page" }], basic)).toMatchObject({
      status: 200,
      events: [{ outcome: "ignored" }],
    });
  });

  it("200 for an ignored event with a Bearer token, which is no partner contract", async () => {
    expect(await send({ type: "page" }, `Bearer ${key}`)).toMatchObject({ status: 200, outcome: "ignored" });
  });
});
