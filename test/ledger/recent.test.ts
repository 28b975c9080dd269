import { reset, evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { RecentIds } from "../../src/ledger/recent-ids.ts";
import { ledgerName } from "../support/shard.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";

afterEach(() => reset());

describe("the recent ids", () => {
  it("know what was added, and nothing else", () => {
    const ids = new RecentIds();
    ids.add("1001");
    expect(["1001", "1002", "", "__proto__"].map((id) => ids.has(id))).toEqual([true, false, false, false]);
  });

  it("forget the oldest, never the newest, and never hold more than two generations", () => {
    const ids = new RecentIds(3);
    const known = () => Array.from({ length: 10 }, (_, n) => n).filter((n) => ids.has(String(n)));
    for (let n = 0; n < 10; n++) {
      ids.add(String(n));
      expect(ids.has(String(n)), `${n} was just added`).toBe(true);
      expect(known().length).toBeLessThanOrEqual(6);
    }
    expect(known()).toEqual([6, 7, 8, 9]);
  });

  it("take an id twice without a second place", () => {
    const ids = new RecentIds(2);
    for (const id of ["a", "b", "b", "b"]) ids.add(id);
    expect(ids.has("a")).toBe(true);
  });
});

describe("an order that came a moment ago is a duplicate", () => {
  const outcomeOf = async (orderId: string) =>
    (await sendEvent(orderCompleted({ order_id: orderId }))).answer.outcome;

  it("by memory and, when the ledger has forgotten, by its table", async () => {
    expect(await outcomeOf("recent-1")).toBe("accepted");
    expect(await outcomeOf("recent-1")).toBe("duplicate");
    await evictDurableObject(env.LEDGER.getByName(ledgerName("recent-1")));
    expect(await outcomeOf("recent-1")).toBe("duplicate");
    expect(await outcomeOf("recent-1")).toBe("duplicate");
  });

  it("but not one that was only cancelled: that one has yet to arrive", async () => {
    const properties = { order_id: "recent-2" };
    await sendEvent({ type: "track", event: "Order Cancelled", properties });
    await sendEvent({ type: "track", event: "Order Cancelled", properties });
    expect(await outcomeOf("recent-2")).toBe("skipped");
    expect(await outcomeOf("recent-2")).toBe("duplicate");
  });
});
