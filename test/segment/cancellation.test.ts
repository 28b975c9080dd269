import { describe, expect, it } from "vitest";
import { read } from "../support/reading.ts";

const refundOf = (properties: object, rest: object = {}) => {
  const event = {
    type: "track",
    event: "Order Refunded",
    properties: { order_id: "1", ...properties },
    ...rest,
  };
  const parsed = read(event);
  if (parsed.kind !== "cancellation") throw new Error(parsed.kind);
  return parsed.refund;
};
const amountOf = (properties: object) => {
  const refund = refundOf(properties);
  return typeof refund === "string" ? refund : refund.amount;
};

describe("a refund is", () => {
  it.each<[object, number | "all" | "part"]>([
    [{}, "all"],
    [{ total: null }, "all"],
    [{ total: "", refund_amount: "(null)" }, "all"],
    [{ products: [] }, "all"],
    [{ products: [{ sku: "a" }] }, "part"],
    [{ products: { sku: "a" } }, "part"],
    [{ total: 10, products: [{ sku: "a" }] }, 10],
    [{ total: 10 }, 10],
    [{ total: 0 }, 0],
    [{ total: "10.00" }, 10],
    [{ total: "€10,00", currency: "EUR" }, 10],
    [{ total: "10,00" }, 10],
    [{ total: "1.234,50 €" }, 1234.5],
    [{ total: -100 }, 100],
    [{ total: "-100.00" }, 100],
    [{ total: "(100.00)" }, 100],
    [{ total: { amount: "10.00", currency: "EUR" } }, 10],
    [{ refund_amount: 10 }, 10],
    [{ refundAmount: "10,00" }, 10],
    [{ amount: 10 }, 10],
    [{ value: 10 }, 10],
    [{ revenue: -10 }, 10],
    // The total of the order beside the amount of the refund.
    [{ total: 100, refund_amount: 10 }, 10],
    [{ total: "1,234" }, "part"],
    [{ total: "ten" }, "part"],
    [{ total: {} }, "part"],
    [{ total: [] }, "part"],
    [{ total: true }, "part"],
    [{ refund_amount: "some", total: 100 }, "part"],
  ])("of %j: %j", (properties, amount) => expect(amountOf(properties)).toBe(amount));
});

describe("the same refund is known by", () => {
  const keyOf = (amount: number, rest: object) => {
    const refund = refundOf({ total: amount }, rest);
    return typeof refund === "string" ? refund : refund.key;
  };
  const at = { timestamp: "2026-06-01T00:00:00Z" };

  it("its messageId, whatever its time", () => {
    expect(keyOf(50, { messageId: "m" })).toBe(keyOf(50, { messageId: "m", ...at }));
    expect(keyOf(50, { messageId: "m" })).not.toBe(keyOf(50, { messageId: "n" }));
  });

  it("its amount and time when it has none", () => {
    expect(keyOf(50, at)).toBe(keyOf(50, { ...at, messageId: null }));
    expect(keyOf(50, at)).toBe(keyOf(-50, at));
    expect(keyOf(50, at)).not.toBe(keyOf(51, at));
    expect(keyOf(50, at)).not.toBe(keyOf(50, { timestamp: "2026-06-01T00:00:01Z" }));
  });
});

it("a cancellation says whose order it is, when it can", () => {
  const event = { type: "track", event: "Order Cancelled", userId: "jane@example.com" };
  expect(read({ ...event, properties: { order_id: "#1" } })).toEqual({
    kind: "cancellation",
    type: "track",
    orderId: "1",
    reason: "order_cancelled",
    refund: "all",
    customer: { userId: "jane@example.com", email: "jane@example.com" },
  });
});
