import { describe, expect, it } from "vitest";
import { read } from "../support/reading.ts";

/** What Segment sends when *Data* is mapped to the properties alone. */
const properties = { order_id: "1001", email: "jane@example.com", total: 12.5, currency: "EUR" };

describe("a body without a type is read as an order", () => {
  it.each<[string, object]>([
    ["with an order id and an address", properties],
    ["in another spelling", { orderId: 1001, Email: "jane@example.com" }],
    [
      "with fields of a refund that say nothing",
      { ...properties, refund_amount: 0, cancelled_at: null, is_refund: false, refunds: [], return_id: "" },
    ],
    ["with a status of its own", { ...properties, financial_status: "paid" }],
    ["with its properties around", { properties }],
    ["with its name and properties", { event: "Order Completed", properties }],
    ["with its name among the properties", { event: "order_completed", ...properties }],
    ["when its type is null", { type: null, ...properties }],
  ])("%s", (_, body) => {
    expect(read(body)).toMatchObject({
      kind: "order",
      type: "track",
      skip: null,
      order: { orderId: "1001" },
    });
  });

  it("of the event that INVITE_ON names", () => {
    expect(read({ order_id: "1" }, { INVITE_ON: "Order Shipped" })).toMatchObject({ kind: "rejected" });
    expect(read(properties, { INVITE_ON: "Order Shipped" })).toMatchObject({ kind: "order" });
  });

  it("whose time counts when it has one", () => {
    expect(read({ ...properties, timestamp: "2025-01-01" })).toMatchObject({ skip: "too_old" });
  });
});

describe("a body without a type is rejected, in the words of Segment's screen,", () => {
  it.each<[string, object]>([
    ["without an order id", { email: "jane@example.com" }],
    ["without an address", { order_id: "1001" }],
    ["with a placeholder for an id", { ...properties, order_id: "{{ order.id }}" }],
    ["with the amount of a refund", { ...properties, refund_amount: 5 }],
    ["with the time of a refund", { ...properties, refundedAt: "2026-06-01" }],
    ["with the time of a cancellation", { ...properties, cancelled_at: "2026-06-01" }],
    ["with a reason for a cancellation", { ...properties, cancel_reason: "customer" }],
    ["with the status refunded", { ...properties, status: "Refunded" }],
    ["with the state canceled", { ...properties, order_state: "canceled" }],
    ["with another event's action", { ...properties, action: "order.cancelled" }],
    ["with a total below zero", { ...properties, total: "-12.50" }],
    ["with a return", { ...properties, return_id: 7 }],
    ["with nothing", {}],
    ["with properties that are none", { properties: [] }],
  ])("%s", (_, body) => {
    expect(read(body)).toMatchObject({
      kind: "rejected",
      reason: "type_missing",
      message: expect.stringMatching(/^Not an event: .* set Data to the whole event \(\$event\)\.$/),
    });
  });

  it.each([
    ["its type is missing", { email: "jane@example.com" }],
    [
      "whether it completes, cancels or refunds the order cannot be told",
      { ...properties, refund_amount: 5 },
    ],
  ])("because %s", (why, body) => {
    expect(read(body)).toMatchObject({
      message: expect.stringContaining(`Not an event: ${why}. In Segment,`),
    });
  });

  it.each([
    ["Order Refunded", "cancellation"],
    ["Order Cancelled", "cancellation"],
    ["Product Viewed", "ignored"],
  ])("but %s among the properties is what it says", (event, kind) => {
    expect(read({ event, ...properties }).kind).toBe(kind);
  });
});
