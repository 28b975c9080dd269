/** Senders that speak Segment's language without being Segment. Most cannot sign, and send a header of their own. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import customerio from "../../examples/customerio.json";
import { sendEvent } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";
import { answerOf, callWorker, URL_OF_SEGMENT } from "../support/worker.ts";

afterEach(reset);

const Authorization = `Bearer ${env.TRUSTPILOT_INTEGRATION_KEY!}`;

async function send(event: unknown, headers: Record<string, string>) {
  // As bytes, so that no content type is added.
  const body = new TextEncoder().encode(JSON.stringify(event));
  const request = new Request(URL_OF_SEGMENT, {
    method: "POST",
    headers: { Authorization, ...headers },
    body,
  });
  return answerOf(
    await callWorker(request, { SEGMENT_SHARED_SECRET: undefined, AUTHENTICATE_BY: "integration-key" }),
  );
}

describe("RudderStack", () => {
  const headers = { "Content-Type": "application/json", "User-Agent": "RudderLabs" };
  const event = {
    anonymousId: "8d872292709c6fbe",
    channel: "mobile",
    context: { traits: { email: "jane@example.com", firstname: "Jane" }, library: { name: "rudder" } },
    event: "Order Completed",
    integrations: { All: true },
    messageId: "a80f82be-9bdc-4a9f-b2a5-15621ee41df8",
    originalTimestamp: new Date().toISOString(),
    properties: {
      order_id: "rudder-1",
      total: 20,
      currency: "EUR",
      products: [{ product_id: "1", sku: "s" }],
    },
    sentAt: new Date().toISOString(),
    type: "track",
    userId: "jane-1",
  };

  it("is invited with the e-mail of context.traits", async () => {
    expect(await send(event, headers)).toEqual({ status: 200, outcome: "accepted", orderId: "rudder-1" });
    await expect.poll(() => requestsFor("rudder-1")).toHaveLength(1);
    const [request] = await requestsFor("rudder-1");
    expect(request!.body).toMatchObject({
      recipientEmail: "jane@example.com",
      totalCost: 20,
      currency: "EUR",
    });
  });

  it.each(["TRACK", "Track"])("may write the type %s", async (type) => {
    const properties = { ...event.properties, order_id: `rudder-${type}` };
    expect(await send({ ...event, type, properties }, headers)).toMatchObject({ outcome: "accepted" });
  });

  it.each(["PAGE", "Identify", "GROUP"])("is ignored with the type %s", async (type) => {
    expect(await send({ ...event, type, event: undefined }, headers)).toMatchObject({
      status: 200,
      outcome: "ignored",
    });
  });
});

describe("Customer.io", () => {
  it("signs like Segment, and is invited with the name of context.traits", async () => {
    const orderId = "customerio-1001";
    const timestamp = new Date().toISOString();
    const { status, answer } = await sendEvent({ ...customerio, timestamp });
    expect([status, answer]).toEqual([200, { outcome: "accepted", orderId }]);
    await expect.poll(() => requestsFor(orderId)).toHaveLength(1);
    const [request] = await requestsFor(orderId);
    expect(request!.body).toMatchObject({
      recipientEmail: "jane@example.com",
      recipientName: "Jane Doe",
      totalCost: 42.5,
      currency: "EUR",
    });
  });
});

describe("Freshpaint", () => {
  const event = {
    type: "track",
    event: "Order Completed",
    anonymousId: "fp-1",
    properties: { order_id: "freshpaint-1", email: "jane@example.com" },
    timestamp: new Date().toISOString(),
  };

  it("is taken without a content type, a messageId, a context and integrations", async () => {
    expect(await send(event, {})).toEqual({ status: 200, outcome: "accepted", orderId: "freshpaint-1" });
  });

  it("is taken whole when it sends several at once", async () => {
    const other = { ...event, properties: { ...event.properties, order_id: "freshpaint-2" } };
    expect(await send([event, other], {})).toMatchObject({
      events: [
        { index: 0, outcome: "accepted" },
        { index: 1, outcome: "accepted" },
      ],
    });
  });
});

it("fields are found in whatever casing a customer writes them", async () => {
  const event = {
    Type: "Track",
    Event: "order_completed",
    UserID: "jane-1",
    Properties: {
      OrderID: "casing-1",
      EMAIL: "jane@example.com",
      Name: "Jane",
      Total: "9.90",
      Currency: "eur",
    },
    Context: { Traits: {} },
  };
  expect(await send(event, {})).toMatchObject({ outcome: "accepted", orderId: "casing-1" });
  await expect.poll(() => requestsFor("casing-1")).toHaveLength(1);
  const [request] = await requestsFor("casing-1");
  expect(request!.body).toMatchObject({ recipientName: "Jane", totalCost: 9.9, currency: "EUR" });
});
