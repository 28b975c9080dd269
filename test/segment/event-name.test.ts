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
  ])("%j", (name) => expect(read(named(name)).kind).toBe("order"));
});

describe("an event starts none when its name is", () => {
  it.each([
    "Completed Order Survey",
    "completed_order_survey_sent",
    "Pre Order Completed",
    "Order  Completed",
    "Order-Completed",
    "Order Completed!",
    "Order Updated",
    "Product Viewed",
    `Order Completed${" ".repeat(10_000)}x`,
    `Order${" ".repeat(10_000)}Completed`,
    "order\u0000completed",
    "constructor",
    "__proto__",
  ])("%j", (name) => expect(read(named(name)).kind).toBe("ignored"));
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
