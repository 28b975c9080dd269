import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { read } from "../support/reading.ts";

afterEach(reset);

const withIntegrations = (integrations: unknown) =>
  orderCompleted({ order_id: "1" }, integrations === undefined ? {} : { integrations });

describe("an order is taken with integrations", () => {
  it.each([
    [undefined],
    [null],
    [{}],
    [[]],
    ["none"],
    [false],
    [{ All: true }],
    [{ all: true }],
    [{ "Google Analytics": false }],
    [{ All: false, Trustpilot: true }],
    [{ All: false, Trustpilot: {} }],
    [{ All: false, Trustpilot: { key: "x" } }],
    [{ All: false, Trustpilot: 0 }],
    [{ trustpilot: false }],
    [{ TRUSTPILOT: false }],
    [{ All: "false" }],
    [{ All: 0 }],
    [{ All: null }],
    [{ Trustpilot: 0 }],
    [{ Trustpilot: null }],
    [{ Trustpilot: "false" }],
    // Engage and Replay: everything off but the webhook destination that brought the event here.
    [{ All: false, Webhooks: true }],
    [{ All: false, Webhook: true }],
    [{ All: false, "Webhooks (Actions)": true }],
    [{ All: false, "Extensible Webhook": true }],
    [{ All: false, "Extensible Webhook": {} }],
    [{ all: false, Webhooks: { url: "x" } }],
    [{ All: true, Webhooks: false }],
    // The webhook that delivered the event, in any spelling.
    [{ All: false, webhooks: true }],
    [{ All: false, WEBHOOK: true }],
    [{ All: false, "HTTP Webhook": true }],
    [{ All: false, "Webhook v2": true }],
    [{ All: false, "My web-hook": {} }],
    [{ All: false, "Web Hook": true }],
    [{ All: false, actions_webhook: true }],
    [{ All: false, Webhooks: false, "HTTP Webhook": true }],
    [JSON.parse('{"__proto__":{"All":false}}')],
  ])("%j", (integrations) => expect(read(withIntegrations(integrations)).kind).toBe("order"));
});

describe("an order is skipped with integrations", () => {
  it.each([
    [{ All: false }],
    [{ all: false }],
    [{ ALL: false }],
    [{ Trustpilot: false }],
    [{ All: true, Trustpilot: false }],
    [{ All: false, Trustpilot: false }],
    [{ All: false, trustpilot: true }],
    [{ All: false, Webhooks: false }],
    [{ All: false, Hook: true }],
    [{ All: false, webhooks: false }],
    [{ All: false, "HTTP Webhook": false, WEBHOOK: false }],
    [JSON.parse('{"All":false,"__proto__":{"Webhooks":true}}')],
    [{ All: false, "Google Analytics": true }],
    [{ All: false, Webhooks: true, Trustpilot: false }],
    [JSON.parse('{"All":false,"__proto__":{"Trustpilot":true}}')],
  ])("%j", (integrations) => expect(read(withIntegrations(integrations)).kind).toBe("skipped"));
});

it("an order that is skipped for its integrations is not recorded: another source may send it with Trustpilot on", async () => {
  const event = orderCompleted({ order_id: "integrations-twice" });
  const skipped = await sendEvent({ ...event, integrations: { Trustpilot: false } });
  expect(skipped.answer.outcome).toBe("skipped");
  expect((await sendEvent(event)).answer.outcome).toBe("accepted");
});

it("an order that could not be invited anyway is skipped and not shown as a fault", async () => {
  const event = { type: "track", event: "Order Completed", properties: {}, integrations: { All: false } };
  expect(await sendEvent(event)).toMatchObject({ status: 200, answer: { outcome: "skipped" } });
});
