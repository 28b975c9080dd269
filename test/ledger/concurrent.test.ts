import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { getSeen } from "../../src/bindings/seen-cache.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";

afterEach(reset);

describe("twenty deliveries of one order at the same time", () => {
  it("give one accepted, nineteen duplicate and one invitation", async () => {
    const event = orderCompleted({ order_id: "concurrent-1" });
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendEvent(event)));

    const outcomes = answers.map(({ answer }) => answer.outcome);
    expect(outcomes.filter((outcome) => outcome === "accepted")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "duplicate")).toHaveLength(19);
    await expect.poll(() => requestsFor("concurrent-1")).toHaveLength(1);
    await expect.poll(() => env.ORDERS.get("order:concurrent-1")).toContain("invited");
    expect(await requestsFor("concurrent-1")).toHaveLength(1);
  });

  it("would all be taken if KV alone had to claim: at their time it knows nothing", async () => {
    const claimWithKvOnly = async () => {
      if ((await getSeen(env.ORDERS, ["kv-only"])).size > 0) return "duplicate";
      await env.ORDERS.put("order:kv-only", "taken");
      return "accepted";
    };
    const outcomes = await Promise.all(Array.from({ length: 20 }, claimWithKvOnly));
    expect(outcomes.filter((outcome) => outcome === "accepted").length).toBeGreaterThan(1);
  });
});
