import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { ledgerName } from "../support/shard.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";

afterEach(reset);

const invitedBefore = { integrations: { Trustpilot: { alreadyInvited: true } } };

describe("an order that another integration has invited", () => {
  it("is recorded, skipped with the reason in words, and never sent", async () => {
    const { status, answer } = await sendEvent(orderCompleted({ order_id: "moved-1" }, invitedBefore));

    expect(status).toBe(200);
    expect(answer).toEqual({
      outcome: "skipped",
      orderId: "moved-1",
      message: "The order was invited before, by another integration.",
    });
    const row = await env.LEDGER.getByName(ledgerName("moved-1")).find("moved-1");
    expect(row).toMatchObject({ state: "skipped", reason: "already_invited", due: null, personal: null });
    expect(await requestsFor("moved-1")).toEqual([]);
  });

  it("is a duplicate when it comes again without the mark", async () => {
    await sendEvent(orderCompleted({ order_id: "moved-2" }, invitedBefore));
    const { answer } = await sendEvent(orderCompleted({ order_id: "moved-2" }));
    expect(answer.outcome).toBe("duplicate");
  });

  it("needs no email: a list of order ids is enough", async () => {
    const { answer } = await sendEvent(orderCompleted({ order_id: "moved-3", email: null }, invitedBefore));
    expect(answer.outcome).toBe("skipped");
  });

  it("is told apart from an order that is too old", async () => {
    const { answer } = await sendEvent(
      orderCompleted({ order_id: "moved-4" }, { ...invitedBefore, timestamp: "2019-01-01T00:00:00Z" }),
    );
    expect(answer.message).toBe("The order was invited before, by another integration.");
  });

  it("is rejected without an order id", async () => {
    const { status, answer } = await sendEvent(orderCompleted({}, invitedBefore));
    expect(status).toBe(400);
    expect(answer.message).toBe("Order Completed without an order_id: nothing was recorded.");
  });
});

it.each([
  ["a text", { Trustpilot: { alreadyInvited: "true" } }],
  ["a number", { Trustpilot: { alreadyInvited: 1 } }],
  ["false", { Trustpilot: { alreadyInvited: false } }],
  ["under another name", { Other: { alreadyInvited: true } }],
  ["not inside the options", { alreadyInvited: true }],
])(
  "the mark counts only as the boolean true in Trustpilot's options, not as %s",
  async (what, integrations) => {
    const { answer } = await sendEvent(orderCompleted({ order_id: `unmarked ${what}` }, { integrations }));
    expect(answer.outcome).toBe("accepted");
  },
);
