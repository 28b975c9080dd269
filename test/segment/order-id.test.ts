import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { readOrderId } from "../../src/segment/order-id.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { read, readOrderOf } from "../support/reading.ts";

afterEach(reset);

describe("an order id is taken", () => {
  it.each([
    ["1001", "1001"],
    [1001, "1001"],
    [" 1001 ", "1001"],
    ["\u00a01001\t", "1001"],
    [0, "0"],
    [-0, "0"],
    [-5, "-5"],
    [10.5, "10.5"],
    ["0001001", "0001001"],
    ["#1001", "#1001"],
    ["A/B?c=d&e", "A/B?c=d&e"],
    ["Größe-1 🛒", "Größe-1 🛒"],
    ["jane@example.com", "jane@example.com"],
    ["10\r\n01", "10\r\n01"],
    ["10\u000001", "10\u000001"],
    ["__proto__", "__proto__"],
    ["constructor", "constructor"],
    ["nanny", "nanny"],
    ["x".repeat(255), "x".repeat(255)],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  ])("%j as %j", (value, orderId) => expect(readOrderId(value)).toEqual({ ok: true, orderId }));
});

describe("a number above 2^53 is taken with a warning, as it was rounded before it arrived", () => {
  it.each([
    [2 ** 53, "9007199254740992"],
    [12345678901234567890, "12345678901234567168"],
    [1e21, "1000000000000000000000"],
  ])("%d as %j", (value, orderId) => {
    expect(readOrderId(value)).toEqual({ ok: true, orderId, warning: expect.stringContaining("2^53") });
  });

  it("and the warning is in the answer", async () => {
    const { status, answer } = await sendEvent(orderCompleted({ order_id: 2 ** 60 }));
    expect(status).toBe(200);
    expect(answer).toEqual({
      outcome: "accepted",
      orderId: "1152921504606846976",
      message: expect.stringContaining("send it as a text"),
    });
  });
});

describe("an order id is refused, with what to mend,", () => {
  it.each([
    [undefined, "without an order_id"],
    [null, "without an order_id"],
    ["", "empty"],
    [" \n\t", "empty"],
    ["\ufeff", "empty"],
    [{}, "neither a text nor a number"],
    [[1001], "neither a text nor a number"],
    [true, "neither a text nor a number"],
    [false, "neither a text nor a number"],
    [Number.NaN, "too large"],
    [Infinity, "too large"],
    [1e300, "too large"],
    ["NaN", 'the word "NaN"'],
    ["undefined", 'the word "undefined"'],
    [" null ", 'the word "null"'],
    ["None", 'the word "None"'],
    ["nil", 'the word "nil"'],
    ["Infinity", 'the word "Infinity"'],
    ["[object Object]", 'the word "[object Object]"'],
    ["10\ud80001", "broken Unicode"],
    ["10\udc0001", "broken Unicode"],
    ["10\ufffd01", "broken Unicode"],
    ["x".repeat(256), "longer than 255"],
    ["🛒".repeat(126), "longer than 255"],
  ])("%j", (value, problem) => {
    expect(readOrderId(value)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });
});

describe("the order id stands in", () => {
  it.each([
    ["order_id (v2)", { order_id: 7 }],
    ["orderId (v1)", { orderId: 7 }],
    ["orderID", { orderID: 7 }],
    ["Order ID", { "Order ID": 7 }],
    ["ORDER_ID", { ORDER_ID: 7 }],
    ["orderId beside an order_id that is null", { order_id: null, orderId: 7 }],
    ["order_id beside another orderId", { orderId: 8, order_id: 7 }],
  ])("%s", (_, properties) => {
    expect(readOrderOf(orderCompleted(properties)).order.orderId).toBe("7");
  });

  it.each([
    ["the event itself", { order_id: 7, orderId: 7 }],
    ["context", { context: { order_id: 7 } }],
    ["the prototype", JSON.parse('{"__proto__":{"order_id":7}}') as object],
  ])("not in %s", (_, rest) => {
    expect(read({ ...orderCompleted({}), ...rest })).toMatchObject({
      kind: "rejected",
      message: expect.stringMatching(/^Order Completed without an order_id: send/),
    });
  });

  it("not in the prototype of the properties", () => {
    const properties: unknown = JSON.parse('{"email":"jane@example.com","__proto__":{"order_id":7}}');
    expect(read({ ...orderCompleted({}), properties }).kind).toBe("rejected");
  });
});

it("1001 and its spellings are one order", async () => {
  const outcomes = [];
  for (const order_id of [700_1001, "7001001", " 7001001 "]) {
    outcomes.push((await sendEvent(orderCompleted({ order_id }))).answer.outcome);
  }
  expect(outcomes).toEqual(["accepted", "duplicate", "duplicate"]);
});

it.each(["10\r\n01-stored", "10\u000001-stored", "Größe-1 🛒", "__proto__", "ü".repeat(240)])(
  "the id %j is stored as it is: a second delivery is a duplicate of it and of nothing else",
  async (order_id) => {
    expect((await sendEvent(orderCompleted({ order_id }))).answer).toEqual({
      outcome: "accepted",
      orderId: order_id,
    });
    expect((await sendEvent(orderCompleted({ order_id }))).answer.outcome).toBe("duplicate");
    expect((await sendEvent(orderCompleted({ order_id: `${order_id}2`.slice(-200) }))).answer.outcome).toBe(
      "accepted",
    );
  },
);
