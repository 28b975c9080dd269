import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readOrderId } from "../../src/segment/order-id.ts";
import { listen, rowOf } from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { read, readOrderOf } from "../support/reading.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

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
    ["A/B?c=d&e", "A/B?c=d&e"],
    ["Größe-1 🛒", "Größe-1 🛒"],
    ["jane@example.com", "jane@example.com"],
    ["__proto__", "__proto__"],
    ["constructor", "constructor"],
    ["nanny", "nanny"],
    ["x".repeat(255), "x".repeat(255)],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  ])("%j as %j", (value, orderId) => expect(readOrderId(value)).toEqual({ ok: true, orderId }));
});

describe("an order keeps its identity, and what was sent, when it is written", () => {
  it.each([
    ["with a #", "#1001"],
    ["with several #", "##1001"],
    ["with a # and a space", "# 1001"],
    ["with a # behind an invisible character", "\u200b#1001"],
    ["with an invisible character behind the #", "#\u200b1001"],
    ["in bidirectional marks", "\u202d1001\u202c"],
    ["in isolates", "\u20681001\u2069"],
    ["with a left-to-right mark", "1001\u200e"],
    ["with an Arabic letter mark", "\u061c1001"],
    ["with zero-width spaces", "10\u200b01\u200b"],
    ["with a word joiner", "10\u206001"],
    ["with a byte-order mark inside", "10\ufeff01"],
    ["with soft hyphens", "10\u00ad01"],
    ["with a Mongolian vowel separator", "1001\u180e"],
    ["with variation selectors", `1001\ufe0f${String.fromCodePoint(0xe0100)}`],
    ["with tags", `1001${String.fromCodePoint(0xe0031, 0xe007f)}`],
    ["with a Hangul filler", "1001\u3164"],
    ["with line breaks", "10\r\n01"],
    ["with NUL", "10\u000001"],
    ["with a line separator", "10\u202801"],
    ["with a next-line character", "10\u008501"],
  ])("%s", (_, value) => {
    expect(readOrderId(value)).toEqual({ ok: true, orderId: "1001", sentOrderId: value });
  });

  it("in another normal form", () => {
    const decomposed = "Gro\u0308sse-1";
    expect(readOrderId(decomposed)).toEqual({
      ok: true,
      orderId: "Gr\u00f6sse-1",
      sentOrderId: decomposed,
    });
  });

  it.each([
    ["another case", "a-1", "A-1"],
    ["zeros", "001001", "1001"],
    ["a # inside", "10#01", "1001"],
    ["a # at the end", "1001#", "1001"],
    ["a space inside", "10 01", "1001"],
    ["wide digits", "\uff11", "1"],
  ])("but not in %s", (_, one, other) => {
    const [first, second] = [readOrderId(one), readOrderId(other)];
    expect(first.ok && second.ok && first.orderId !== second.orderId).toBe(true);
  });
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

describe("an order id that contains an e-mail address is taken with a warning, wherever the engineer looks:", () => {
  it.each(["jane@example.com", "1001-jane@example.com", "#jane@example.com", "jane%40example.com"])(
    "%s in its answer, in its history, and as a note in the log, which has no address",
    async (order_id) => {
      const lines = listen();
      const { status, answer } = await sendEvent(orderCompleted({ order_id, email: "other@example.org" }));
      expect({ status, answer }).toMatchObject({
        status: 200,
        answer: { outcome: "accepted", message: expect.stringContaining("contains an e-mail address") },
      });
      const orderId = order_id.replace("#", "");
      expect((await rowOf(orderId))?.history.map(({ what }) => what)).toContain("address-in-id");
      const [line] = lines().filter(({ log }) => log === "event");
      expect(line).toMatchObject({ orderId: "…@…", note: "the order id contains an e-mail address" });
      expect(JSON.stringify(lines())).not.toContain("example.com");
    },
  );

  it.each(["1001", "@1001", "1001@", "50%"])("%s has none", async (order_id) => {
    expect((await sendEvent(orderCompleted({ order_id }))).answer).toEqual({
      outcome: "accepted",
      orderId: order_id,
    });
    expect((await rowOf(order_id))?.history.map(({ what }) => what)).not.toContain("address-in-id");
  });
});

describe("an order id is rejected, with what to fix,", () => {
  it.each([
    [undefined, "without an order_id"],
    [null, "without an order_id"],
    ["", "empty"],
    [" \n\t", "empty"],
    ["\ufeff", "empty"],
    [".", "only dots"],
    ["..", "only dots"],
    ["#.", "only dots"],
    ["# ..", "only dots"],
    ["\u200b.", "only dots"],
    [{}, "neither a text nor a number"],
    [[1001], "neither a text nor a number"],
    [true, "neither a text nor a number"],
    [false, "neither a text nor a number"],
    [Number.NaN, "too large"],
    [Infinity, "too large"],
    [1e300, "too large"],
    ["NaN", '"NaN" stands for a missing value'],
    ["undefined", '"undefined" stands for a missing value'],
    [" null ", '"null" stands for a missing value'],
    ["None", '"None" stands for a missing value'],
    ["nil", '"nil" stands for a missing value'],
    ["Infinity", '"Infinity" stands for a missing value'],
    ["[object Object]", '"[object Object]" stands for a missing value'],
    ["(null)", '"(null)" stands for a missing value'],
    ["<null>", '"<null>" stands for a missing value'],
    ["\\N", '"\\N" stands for a missing value'],
    ["#N/A", '"#N/A" stands for a missing value'],
    ["{{ order.name }}", '"{{ order.name }}" stands for a missing value'],
    ["#", '"#" stands for a missing value'],
    ["#\u200bundefined", "stands for a missing value"],
    ["\u202d---\u202c", "stands for a missing value"],
    ['{"email":"jane@example.com"}', "is a template or an object, and stands for a missing value"],
    ["10\ud80001", "broken Unicode"],
    ["10\udc0001", "broken Unicode"],
    ["10\ufffd01", "broken Unicode"],
    ["x".repeat(256), "longer than 255"],
    ["🛒".repeat(126), "longer than 255"],
  ])("%j", (value, problem) => {
    expect(readOrderId(value)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });
});

it("an id with a million spaces in it is rejected in no time", () => {
  expect(readOrderId(`a${" ".repeat(1_000_000)}b`)).toMatchObject({ ok: false });
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
  for (const order_id of [700_1001, "7001001", " 7001001 ", "#7001001", "\u202d7001001\u202c"]) {
    const { answer } = await sendEvent(orderCompleted({ order_id }));
    outcomes.push([answer.outcome, answer.orderId]);
  }
  const again = ["duplicate", "7001001"];
  expect(outcomes).toEqual([["accepted", "7001001"], again, again, again, again]);
});

it.each(["Größe-1 🛒", "__proto__", "ü".repeat(240)])(
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
