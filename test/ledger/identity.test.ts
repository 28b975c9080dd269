import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { advance, alarmIn, kvSays, rowOf, runAlarm, useLedger } from "../support/ledger.ts";
import { orderCompleted, sendBatch, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import { DAY } from "../../src/lib/time.ts";

useLedger();

const outcomeOf = async (event: unknown) => (await sendEvent(event)).answer.outcome;

describe("one order is", () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["the same with another messageId", {}, { messageId: "another" }],
    ["the same with another e-mail", { email: "john@example.com" }, {}],
    ["the same with another user", {}, { userId: "another", anonymousId: "another" }],
    ["the same with another total and other products", { total: 7, products: [{ sku: "B" }] }, {}],
    ["the same with space around its id", { order_id: " ID " }, {}],
    ["the same under its old name", { order_id: undefined, orderId: "ID" }, { event: "Completed Order" }],
  ])("%s", async (name, properties, rest) => {
    const orderId = `identity-${name.replaceAll(/\W/g, "-")}`;
    const withId = Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [
        key,
        typeof value === "string" ? value.replace("ID", orderId) : value,
      ]),
    );
    expect(await outcomeOf(orderCompleted({ order_id: orderId }))).toBe("accepted");
    expect(await outcomeOf(orderCompleted({ order_id: orderId, ...withId }, rest))).toBe("duplicate");
    await runAlarm(orderId);
    const requests = await requestsFor(orderId);
    expect(requests).toHaveLength(1);
    expect(requests[0]!.body).toHaveProperty("recipientEmail", "jane@example.com");
  });

  it("another one when the case of its id differs", async () => {
    expect(await outcomeOf(orderCompleted({ order_id: "identity-case-A" }))).toBe("accepted");
    expect(await outcomeOf(orderCompleted({ order_id: "identity-case-a" }))).toBe("accepted");
  });

  it("the same when it stands twice in one batch", async () => {
    const event = orderCompleted({ order_id: "identity-batch" });
    const { events } = await sendBatch([event, event, event]);
    expect(events.map(({ outcome }) => outcome)).toEqual(["accepted", "duplicate", "duplicate"]);
    await runAlarm("identity-batch");
    expect(await requestsFor("identity-batch")).toHaveLength(1);
  });

  it("the same when it is replayed after a year, with and without KV's memory", async () => {
    const event = orderCompleted({ order_id: "identity-year" });
    expect(await outcomeOf(event)).toBe("accepted");
    await runAlarm("identity-year");
    await expect.poll(() => kvSays("identity-year")).toContain("invited");
    advance(366 * DAY);
    expect(await outcomeOf(event)).toBe("duplicate");
    await env.ORDERS.delete("order:identity-year");
    expect(await outcomeOf(event)).toBe("duplicate");
    await runAlarm("identity-year");
    expect(await requestsFor("identity-year")).toHaveLength(1);
  });

  it("the same after it failed: only an operator sends it again", async () => {
    await answerFor("identity-failed", { status: 400 });
    const event = orderCompleted({ order_id: "identity-failed" });
    await sendEvent(event);
    await runAlarm("identity-failed");
    expect(await rowOf("identity-failed")).toMatchObject({ state: "failed" });
    expect(await outcomeOf(event)).toBe("duplicate");
    await runAlarm("identity-failed");
    expect(await requestsFor("identity-failed")).toHaveLength(1);
  });

  it("the same after it was skipped for its age", async () => {
    const old = new Date(Date.now() - 100 * DAY).toISOString();
    expect(await outcomeOf(orderCompleted({ order_id: "identity-old" }, { timestamp: old }))).toBe("skipped");
    expect(await outcomeOf(orderCompleted({ order_id: "identity-old" }))).toBe("duplicate");
    expect(await alarmIn("identity-old")).toBeNull();
    expect(await requestsFor("identity-old")).toHaveLength(0);
  });
});
