import { describe, expect, it } from "vitest";
import { eventNamePattern } from "../../src/config/event-name.ts";
import { orderCompleted } from "../support/segment.ts";
import { read } from "../support/reading.ts";

const named = (event: unknown) => orderCompleted({ order_id: "1" }, { event });

describe("an event starts an invitation when its name is", () => {
  it.each([
    "Order Completed",
    "order completed",
    "ORDER COMPLETED",
    "order_completed",
    "OrderCompleted",
    "orderCompleted",
    " Order Completed",
    "_order_completed",
    "Order Completed ",
    "order_completed_",
    "\tOrder Completed\n",
    "Completed Order",
    "completed_order",
    "CompletedOrder",
    "_completed_order",
    "completedOrder ",
    "Order  Completed",
    "Order-Completed",
    "order-completed",
    "order.completed",
    "Order - Completed",
    "Order\u00a0Completed",
  ])("%j", (name) => expect(read(named(name)).kind).toBe("order"));
});

describe("an event starts none when its name is", () => {
  it.each([
    "Completed Order Survey",
    "completed_order_survey_sent",
    "Pre Order Completed",
    "Order Completed!",
    "Order/Completed",
    "Order–Completed",
    "Order Updated",
    "Product Viewed",
    `Order Completed${" ".repeat(10_000)}x`,
    `Order${" ".repeat(10_000)}Completed`,
    "order\u0000completed",
    "constructor",
    "__proto__",
  ])("%j", (name) => expect(read(named(name)).kind).toBe("ignored"));
});

describe("an order is undone by", () => {
  const SALEOR = { CANCEL_ON: "Saleor Order Cancelled, order_voided,-", REFUND_ON: " Saleor Order Refunded" };
  it.each<[string, string, object]>([
    ["Order Cancelled", "order_cancelled", {}],
    ["Order Canceled", "order_cancelled", {}],
    ["order-cancelled", "order_cancelled", {}],
    ["Order  Cancelled", "order_cancelled", {}],
    ["ORDER_CANCELED", "order_cancelled", {}],
    ["Cancelled Order", "order_cancelled", {}],
    ["Order Refunded", "order_refunded", {}],
    ["order-refunded", "order_refunded", {}],
    ["refunded.order", "order_refunded", {}],
    ["Saleor Order Cancelled", "order_cancelled", SALEOR],
    ["saleor-order-cancelled", "order_cancelled", SALEOR],
    ["Saleor  Order_Cancelled ", "order_cancelled", SALEOR],
    ["Order Voided", "order_cancelled", SALEOR],
    ["SaleorOrderRefunded", "order_refunded", SALEOR],
    // The names of Segment's spec always apply as well.
    ["Order Cancelled", "order_cancelled", SALEOR],
    ["Order Refunded", "order_refunded", SALEOR],
  ])("%j: %s with %j", (name, reason, settings) => {
    expect(read(named(name), settings)).toMatchObject({ kind: "cancellation", reason });
  });

  it.each<[string, object]>([
    ["Saleor Order Cancelled", {}],
    ["Saleor Order Cancelled Draft", SALEOR],
    ["Order Cancellation Requested", {}],
    ["Order Refund Requested", {}],
    ["-", SALEOR],
    ["Saleor Cancelled Order", SALEOR],
  ])("not by %j with %j", (name, settings) => expect(read(named(name), settings).kind).toBe("ignored"));
});

it.each([undefined, null, "", "  ", 7, {}, []])("a track event named %j is rejected", (name) => {
  expect(read(named(name))).toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("without a name"),
  });
});

describe("INVITE_ON chooses another event", () => {
  it.each([
    ["Order Shipped", "order_shipped"],
    ["Order Delivered", "Delivered Order"],
    ["order_delivered", "Order Delivered"],
    ["Fulfilment", "fulfilment"],
    ["Parcel Handed Over", "parcelHandedOver"],
    ["Order (Paid) +", "order (paid) +"],
  ])("%j takes %j", (INVITE_ON, name) => {
    expect(read(named(name), { INVITE_ON }).kind).toBe("order");
  });

  it("and Order Completed then starts none", () => {
    expect(read(named("Order Completed"), { INVITE_ON: "Order Shipped" })).toMatchObject({
      kind: "ignored",
      message: "Only Order Shipped starts an invitation.",
    });
  });

  it("names of three words keep their order", () => {
    expect(eventNamePattern("Parcel Handed Over").test("Over Handed Parcel")).toBe(false);
  });
});
