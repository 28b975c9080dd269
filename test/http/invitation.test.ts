import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { order, SHOP_ORIGIN, standIn, TestWorker } from "./support/worker.ts";
import { SAMPLE_INVITATION } from "../support/events.ts";

const KEY = "httpInvitationK1";

let worker: TestWorker;
beforeAll(async () => {
  worker = await TestWorker.start(KEY);
});
afterAll(() => worker.remove());

/** What reached Trustpilot for one order. */
async function requestsFor(orderId: string) {
  return (await standIn.requests(KEY)).filter(({ body }) => body["referenceId"] === orderId);
}

describe("the deployed Worker", () => {
  it("turns Segment's sample event into exactly one invitation, mapped field by field", async () => {
    const sample = JSON.parse(await readFile("examples/order-completed.json", "utf8")) as {
      properties: { order_id: string };
    };
    const orderId = sample.properties.order_id;
    expect(await worker.send(sample)).toEqual({ status: 200, answer: { outcome: "accepted", orderId } });

    await expect.poll(() => worker.states(orderId)).toEqual(["invited"]);
    const requests = await requestsFor(orderId);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      created: true,
      path: `/api/${KEY}/invitation`,
      origin: SHOP_ORIGIN,
    });
    expect(requests[0]!.body).toEqual(SAMPLE_INVITATION);
  });

  it("answers twenty deliveries at once with one accepted, and invites once", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => worker.send(order("twenty"))));
    const outcomes = answers.map(({ answer }) => answer.outcome).toSorted();
    expect(outcomes).toEqual(["accepted", ...Array.from({ length: 19 }, () => "duplicate")]);
    await expect.poll(() => worker.states("twenty")).toEqual(["invited"]);
    expect(await requestsFor("twenty")).toHaveLength(1);
  });

  it("takes an array, and answers for each event", async () => {
    const { status, answer } = await worker.send([
      order("batch-1"),
      { type: "page", name: "Home" },
      order("batch-1"),
      order("batch-2"),
    ]);
    expect(status).toBe(200);
    expect(answer.events.map(({ outcome }) => outcome)).toEqual([
      "accepted",
      "ignored",
      "duplicate",
      "accepted",
    ]);
    await expect.poll(() => worker.states("batch-1", "batch-2")).toEqual(["invited", "invited"]);
  });

  it("answers 401 to what is not signed with the shared secret, and records nothing", async () => {
    const response = await fetch(`${worker.origin}/segment`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Signature": "0".repeat(40) },
      body: JSON.stringify(order("forged")),
    });
    expect(response.status).toBe(401);
    expect(worker.states("forged")).toEqual([undefined]);
    expect(await requestsFor("forged")).toEqual([]);
  });

  it("is healthy", async () => {
    const response = await fetch(`${worker.origin}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok" });
  });

  it("has no other path", async () => {
    expect((await fetch(`${worker.origin}/elsewhere`)).status).toBe(404);
  });
});

describe("a deployed Worker that is not set up", () => {
  it("runs, says what is missing, and answers 503 so that Segment keeps the order", async () => {
    const misconfigured = await TestWorker.start(" ", { TRUSTPILOT_API_URL: "nowhere" });
    const health = await fetch(`${misconfigured.origin}/health`);
    expect(await health.json()).toEqual({ status: "misconfigured" });
    const { status, answer } = await misconfigured.send(order("too-early"));
    expect(status).toBe(503);
    expect(answer.message).toContain("TRUSTPILOT_INTEGRATION_KEY is missing");
    expect(answer.message).toContain("TRUSTPILOT_API_URL must be an https URL");
    await misconfigured.remove();
  });
});
