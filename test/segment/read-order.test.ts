import { describe, expect, it } from "vitest";
import sample from "../../examples/order-completed.json";
import { orderCompleted } from "../support/segment.ts";
import { NOON, read, readOrderOf } from "../support/reading.ts";

const orderWith = (properties: Record<string, unknown>, rest: Record<string, unknown> = {}) =>
  readOrderOf(orderCompleted({ order_id: "1", ...properties }, rest)).order;

it("reads everything that an invitation needs from Segment's sample event", () => {
  expect(readOrderOf(sample).order).toEqual({
    orderId: "50314b8e9bcf000000000000",
    email: "test@example.com",
    name: "John Johnson",
    total: 27.5,
    currency: "USD",
    customer: { userId: "user-42", anonymousId: "507f191e810c19729de860ea", email: "test@example.com" },
    orderedAt: null,
    products: [
      {
        productId: "507f1f77bcf86cd799439011",
        sku: "45790-32",
        name: "Monopoly: 3rd Edition",
        price: 19,
        category: "Games",
        productUrl: "https://www.example.com/product/path",
        imageUrl: "https://www.example.com/product/path.jpg",
      },
      {
        productId: "505bd76785ebb509fc183733",
        sku: "46493-32",
        name: "Uno Card Game",
        price: 3,
        category: "Games",
      },
    ],
  });
});

it("reads a Completed Order of v1", () => {
  const event = {
    type: "track",
    event: "Completed Order",
    userId: null,
    sentAt: null,
    properties: {
      orderId: "v1-7",
      email: "jane@example.com",
      total: "30.00",
      products: [{ id: "p-1", sku: "s-1", name: "Game", price: "19.90", quantity: "1" }],
    },
  };
  expect(readOrderOf(event).order).toMatchObject({
    orderId: "v1-7",
    total: 30,
    products: [{ productId: "p-1", sku: "s-1", name: "Game", price: 19.9 }],
  });
});

describe("the e-mail address is, in the order of trust,", () => {
  const all = {
    properties: { order_id: "1", email: "properties@example.com" },
    context: { traits: { email: "context@example.com" } },
    traits: { email: "traits@example.com" },
    userId: "user-id@example.com",
  };
  const without = (...paths: string[]) => {
    const event = structuredClone({ ...orderCompleted({}), ...all }) as Record<string, unknown>;
    if (paths.includes("properties")) event["properties"] = { order_id: "1" };
    for (const path of paths) if (path !== "properties") event[path] = null;
    return event;
  };

  it.each([
    ["properties@example.com", []],
    ["context@example.com", ["properties"]],
    ["traits@example.com", ["properties", "context"]],
    ["user-id@example.com", ["properties", "context", "traits"]],
  ])("%s", (email, missing) => expect(readOrderOf(without(...missing)).order.email).toBe(email));

  it.each([
    "",
    "none",
    "jane@",
    null,
    7,
    {},
    ["jane@example.com"],
    "jane@localhost",
    "a@b@c.de",
    `${"x".repeat(300)}@example.com`,
  ])("not %j, but the next one", (email) => {
    const event = { ...without("context"), properties: { order_id: "1", email } };
    expect(readOrderOf(event).order.email).toBe("traits@example.com");
  });

  it.each(["Email", "EMAIL", "e-mail"])("also written %s", (name) => {
    const event = { ...orderCompleted({}), properties: { order_id: "1", [name]: "jane@example.com" } };
    expect(readOrderOf(event).order.email).toBe("jane@example.com");
  });

  it("not one that the prototype holds", () => {
    const event = orderCompleted({});
    const properties: unknown = JSON.parse('{"order_id":"1","__proto__":{"email":"jane@example.com"}}');
    expect(read({ ...event, properties }).kind).toBe("rejected");
  });

  it("missing everywhere, the order is rejected with what to do and no word of what stood there", () => {
    const event = {
      ...without("context", "traits", "userId"),
      properties: { order_id: "1", email: "jane at example" },
    };
    expect(read(event)).toEqual({
      kind: "rejected",
      type: "track",
      reason: "email_missing",
      orderId: "1",
      message:
        "Order Completed without an email: send the customer's address as properties.email (context.traits.email and traits.email are read too).",
    });
  });
});

describe("an e-mail address is taken", () => {
  it.each([
    "jane@example.com",
    "jane.doe+shop@example.co.uk",
    "o'neill@example.com",
    "JANE@EXAMPLE.COM",
    "jörg@müller.example",
    "x@xn--mller-kva.example",
    '"jane doe"@example.com',
    "a_b-c@sub.example.museum",
    "1@2.de",
  ])("%j", (email) => expect(orderWith({ email }).email).toBe(email));

  it("without the white space around it", () => {
    expect(orderWith({ email: " jane@example.com\r\n" }).email).toBe("jane@example.com");
  });
});

describe("an e-mail address is not taken", () => {
  it.each([
    "jane",
    "jane@example",
    "@example.com",
    "jane@.com",
    "jane@example..com",
    "jane doe@example.com",
    "Jane <jane@example.com>",
    "mailto:jane@example.com@example.com",
    "jane@example.com, joe@example.com",
    "jane@example.com\r\nBcc: joe@example.com",
    '"jane\r\nBcc: joe"@example.com',
    '"jane\u0000"@example.com',
    '"jane\u2028"@example.com',
    "jane\u0000@example.com",
    "jane\ud800@example.com",
    "jane\ufffd@example.com",
    "jane@[127.0.0.1]",
    " ",
  ])("%j", (email) => {
    expect(read(orderCompleted({ order_id: "1", email })).kind).toBe("rejected");
  });
});

describe("the name", () => {
  it.each([
    [{ name: "Jane", surname: "Doe" }, "Jane Doe"],
    [{ name: " Jane ", surname: "" }, "Jane"],
    [{ surname: "Doe" }, "Doe"],
    [{}, ""],
    [{ name: null, surname: {} }, ""],
    [{ name: ["Jane"], surname: true }, ""],
    [{ name: 7 }, "7"],
    [{ Name: "Jane", SURNAME: "Doe" }, "Jane Doe"],
    [{ name: "Jane\r\nBcc: x", surname: "D\u0000oe\u2028" }, "Jane Bcc: x D oe"],
    [{ name: "J\ud800ane" }, "J\ufffdane"],
    [{ name: "J".repeat(300) }, "J".repeat(255)],
    [{ name: `${"J".repeat(254)}🛒` }, `${"J".repeat(254)}\ufffd`],
    [{ name: "山田", surname: "太郎" }, "山田 太郎"],
  ])("of %j is %j", (properties, name) => expect(orderWith(properties).name).toBe(name));
});

describe("total and currency that cannot be used are left out", () => {
  it.each([
    [27.5, "usd", 27.5, "USD"],
    ["27.50", " EUR ", 27.5, "EUR"],
    [0, "JPY", 0, "JPY"],
    ["27,50", "€", null, null],
    ["", "EURO", null, null],
    [null, null, null, null],
    [{}, 978, null, null],
    [Infinity, "US", null, null],
    ["Infinity", "U$D", null, null],
    [Number.NaN, ["USD"], null, null],
  ])("%j %j is %j %j", (total, currency, readTotal, readCurrency) => {
    expect(orderWith({ total, currency })).toMatchObject({ total: readTotal, currency: readCurrency });
  });
});

describe("when it was ordered", () => {
  const at = Date.UTC(2026, 5, 14, 9, 30);
  it.each([
    ["2026-06-14T09:30:00.000Z", at],
    ["2026-06-14T11:30:00+02:00", at],
    ["2026-06-14", Date.UTC(2026, 5, 14)],
    [at, at],
    [at / 1000, at],
    ["1", null],
    ["0", null],
    ["yesterday", null],
    ["2026-99-99T00:00:00Z", null],
    ["", null],
    [null, null],
    [{}, null],
    [[2026], null],
    [Infinity, null],
    [9e15, null],
  ])("%j is %j", (timestamp, orderedAt) => expect(orderWith({}, { timestamp }).orderedAt).toBe(orderedAt));

  it("is the original timestamp when there is no other", () => {
    expect(orderWith({}, { originalTimestamp: at, timestamp: null }).orderedAt).toBe(at);
  });
});

describe("an event whose parts are of the wrong kind is rejected and costs no exception", () => {
  it.each([
    ["properties", null],
    ["properties", []],
    ["properties", "order_id=1"],
    ["properties", 7],
    ["context", null],
    ["context", []],
    ["context", { traits: null }],
    ["context", { traits: [] }],
    ["traits", "email"],
    ["userId", {}],
    ["anonymousId", []],
    ["integrations", "none"],
    ["timestamp", {}],
  ])("%s %j", (part, value) => {
    const event = { ...orderCompleted({ order_id: "1" }), [part]: value };
    expect(read(event).kind).toBe(part === "properties" ? "rejected" : "order");
  });
});

it("the result for an event depends on nothing but the event, the settings and the time", () => {
  expect(read(sample, {}, NOON)).toEqual(read(structuredClone(sample), {}, NOON));
});
