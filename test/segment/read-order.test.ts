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
    locale: "en-US",
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
    [],
    [null, "none", { email: "jane@example.com" }],
    "jane@localhost",
    "a@b@c.de",
    `${"x".repeat(300)}@example.com`,
  ])("not %j, but the next one", (email) => {
    const event = { ...without("context"), properties: { order_id: "1", email } };
    expect(readOrderOf(event).order.email).toBe("traits@example.com");
  });

  it.each<[string, object]>([
    [
      "the first usable item of a list",
      { properties: { email: [null, "none", "jane@example.com", "joe@x.example"] } },
    ],
    ["properties.traits.email", { properties: { traits: { email: "jane@example.com" } } }],
    [
      "context.externalIds",
      {
        context: {
          externalIds: [
            { id: "7", type: "user" },
            { id: "jane@example.com", type: "email" },
          ],
        },
      },
    ],
    ["a single externalId", { context: { externalIds: { id: "jane@example.com", type: "Email" } } }],
    ["the event itself", { email: "jane@example.com" }],
    [
      "context.traits behind a list without one",
      { properties: { email: ["none"] }, context: { traits: { email: "jane@example.com" } } },
    ],
  ])("also in %s", (_, { properties, ...rest }: { properties?: object }) => {
    const event = { ...orderCompleted({}), properties: { order_id: "1", ...properties }, ...rest };
    expect(readOrderOf(event).order.email).toBe("jane@example.com");
  });

  it.each<[string, object]>([
    ["of another type", { context: { externalIds: [{ id: "jane@example.com", type: "user" }] } }],
    [
      "of a prototype",
      { context: JSON.parse('{"externalIds":[{"__proto__":{"id":"jane@example.com","type":"email"}}]}') },
    ],
  ])("not from an externalId %s", (_, rest) => {
    expect(read({ ...orderCompleted({ order_id: "1", email: null }), ...rest }).kind).toBe("rejected");
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
      reason: "email_invalid",
      orderId: "1",
      message:
        "Order Completed whose email is no valid address: send the customer's address as properties.email (context.traits.email and traits.email are read too).",
    });
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "email_missing"],
    ["null", null, "email_missing"],
    ["an empty text", " ", "email_missing"],
    ["a word for nothing", "(not set)", "email_missing"],
    ["a template", "{{ customer.email }}", "email_missing"],
    ["an empty list", [], "email_missing"],
    ["a text", "not-an-email", "email_invalid"],
    ["a number", 7, "email_invalid"],
    ["an object", {}, "email_invalid"],
    ["a list of texts", ["not-an-email"], "email_invalid"],
  ])("with %s is rejected, and told apart", (_, email, reason) => {
    const parsed = read({ ...orderCompleted({ order_id: "1", email }), userId: "u-1" });
    expect(parsed).toMatchObject({ kind: "rejected", reason });
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

  it.each([
    ["white space around it", " jane@example.com\r\n"],
    ["a zero-width space before it", "\u200bjane@example.com"],
    ["a zero-width space behind it", "jane@example.com\u200b"],
    ["invisible characters inside", "ja\u00adne@exa\u2060mple\ufeff.com"],
    ["bidirectional marks", "\u202ajane@example.com\u202c"],
    ["variation selectors and tags", `jane@example.com\ufe0f${String.fromCodePoint(0xe0001)}`],
    ["the name", "Jane Doe <jane@example.com>"],
    ["the quoted name", '"Doe, Jane" <jane@example.com>'],
    ["angle brackets", "<jane@example.com>"],
    ["mailto:", "mailto:jane@example.com"],
  ])("without %s", (_, email) => {
    expect(orderWith({ email }).email).toBe("jane@example.com");
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
    "Jane <jane@example.com> <joe@example.com>",
    "Jane <jane@example.com",
    "Jane\r\nBcc: joe@example.com <jane@example.com>",
    "Jane <jane@example.com\r\nBcc: joe@example.com>",
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
    [{ name: "J".repeat(300) }, "J".repeat(60)],
    [{ name: `${"J".repeat(59)}🛒x` }, `${"J".repeat(59)}🛒`],
    [{ name: "J".repeat(59), surname: "Doe" }, "J".repeat(59)],
    [{ first_name: "Jane", last_name: "Doe" }, "Jane Doe"],
    [{ firstName: "Jane", lastName: "Doe" }, "Jane Doe"],
    [{ FirstName: "Jane", LASTNAME: "Doe" }, "Jane Doe"],
    [{ "First Name": "Jane", "last-name": "Doe" }, "Jane Doe"],
    [{ first_name: "Jane", surname: "Doe" }, "Jane Doe"],
    [{ last_name: "Doe" }, "Doe"],
    [{ name: "Jane Doe", first_name: "Jane", last_name: "Doe" }, "Jane Doe"],
    [{ name: "\\N", surname: "NULL" }, ""],
    [{ name: "(not set)", first_name: "Jane", last_name: "undefined" }, "Jane"],
    [{ name: "{{ customer.name }}" }, ""],
    [{ name: "None", surname: "---" }, ""],
    [{ name: "Na", surname: "Null" }, "Na Null"],
    [{ name: "Ja\u200bne\u202e", surname: "\ufeffDoe" }, "Jane Doe"],
    [{ name: "نیلو\u200cفر" }, "نیلو\u200cفر"],
    [{ name: "山田", surname: "太郎" }, "山田 太郎"],
  ])("of %j is %j", (properties, name) => expect(orderWith(properties).name).toBe(name));
});

describe("the name is looked for", () => {
  const jane = { firstName: "Jane", lastName: "Doe" };
  it.each<[string, object, object, string]>([
    ["in context.traits", {}, { context: { traits: jane } }, "Jane Doe"],
    ["in context.traits as one", {}, { context: { traits: { name: "Jane Doe" } } }, "Jane Doe"],
    ["in traits", {}, { traits: { first_name: "Jane", last_name: "Doe" } }, "Jane Doe"],
    [
      "in context.traits before traits",
      {},
      { context: { traits: jane }, traits: { name: "Joe" } },
      "Jane Doe",
    ],
    ["in the properties before both", { name: "Ann" }, { context: { traits: jane } }, "Ann"],
    ["behind a name that stands for nothing", { name: "\\N" }, { context: { traits: jane } }, "Jane Doe"],
    ["behind the name of a product", { name: "Mug", sku: "m-1" }, { context: { traits: jane } }, "Jane Doe"],
    ["beside the name of a product", { name: "Mug", price: 5, first_name: "Ann" }, {}, "Ann"],
    ["and not taken from a product", { name: "Mug", product_id: "7" }, {}, ""],
  ])("%s", (_, properties, rest, name) => expect(orderWith({ ...properties }, { ...rest }).name).toBe(name));
});

describe("a name is no advertising", () => {
  it.each([
    "Win https://spam.example/now",
    "http://spam.example",
    "www.spam",
    "spam.com",
    "Visit SPAM.COM today",
    "t.me/spam",
    "bit.ly/abc",
    "Jane <b>Doe</b>",
    "<script>",
    "1 > 0",
    "ftp://x",
    "spam-shop.co.uk",
  ])("%j is dropped", (name) => expect(orderWith({ name, surname: "Doe" }).name).toBe("Doe"));

  it.each([
    "St.John",
    "J.R. Tolkien",
    "Dr. Jane",
    "Jane Doe Jr.",
    "O'Neill",
    "Anne-Marie",
    "j.doe",
    "M. Night",
    "D.J.",
  ])("%j is kept", (name) => expect(orderWith({ name }).name).toBe(name));
});

describe("the total", () => {
  it.each<[object, number | null]>([
    [{ total: 27.5, revenue: 20, value: 1 }, 27.5],
    [{ revenue: 20, shipping: 5, tax: "2.50" }, 27.5],
    [{ revenue: "20,00", shipping: "€ 5" }, 25],
    [{ revenue: 0.1, tax: 0.2 }, 0.3],
    [{ revenue: 20 }, 20],
    [{ shipping: 5, tax: 2 }, null],
    [{ revenue: 20, shipping: "soon" }, null],
    [{ revenue: 20, shipping: "soon", grand_total: 27.5 }, 27.5],
    [{ revenue: 20, shipping: "" }, 20],
    [{ grand_total: "1,234.50", value: 7 }, 1234.5],
    [{ grandTotal: 27.5 }, 27.5],
    [{ value: 27.5 }, 27.5],
    [{ Total: "27.50" }, 27.5],
    [{ total: "", revenue: 20 }, 20],
    [{ total: "1,234" }, null],
    [{ total: -5 }, null],
    [{ total: "(5.00)" }, null],
    [{ subtotal: 20 }, null],
  ])("of %j is %j", (properties, total) => expect(orderWith({ ...properties }).total).toBe(total));

  it.each<[object, string | null]>([
    [{ total: { amount: "12.50", currency: "EUR" } }, "EUR"],
    [{ total: { amount: 12.5, currency: "USD" }, currency: "EUR" }, "USD"],
    [{ total: "€ 12", currency: "USD" }, "EUR"],
    [{ total: "$12", currency: "cad" }, "CAD"],
    [{ total: "1,234 USD", currency: "EUR" }, "EUR"],
    [{ revenue: "20 EUR", tax: 1 }, "EUR"],
  ])("of %j has the currency %j", (properties, currency) =>
    expect(orderWith({ ...properties }).currency).toBe(currency),
  );
});

describe("total and currency that cannot be used are left out", () => {
  it.each([
    [27.5, "usd", 27.5, "USD"],
    ["27.50", " EUR ", 27.5, "EUR"],
    [0, "JPY", 0, "JPY"],
    ["27,50", "€", 27.5, null],
    ["1,234", "EUR", null, "EUR"],
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
    [String(at), at],
    ["Sun, 14 Jun 2026 09:30:00 GMT", at],
    ["2026-06-14T11:30:00 +0200", at],
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

  it.each([
    [{ originalTimestamp: at, timestamp: null }, at],
    [{ timestamp: "1970-01-01T00:00:00.000Z", originalTimestamp: at }, at],
    [{ timestamp: "0001-01-01T00:00:00Z", originalTimestamp: at }, at],
    [{ timestamp: "03/04/2026", originalTimestamp: at }, at],
    [{ timestamp: "2099-01-01T00:00:00Z", originalTimestamp: at }, at],
    [{ timestamp: 0, originalTimestamp: "soon", sentAt: at }, at],
    [{ sentAt: at }, at],
    [{ timestamp: at, originalTimestamp: at - 1, sentAt: at - 2 }, at],
    // Not the time of arrival as a server notes it: a replay has a new one.
    [{ receivedAt: at }, null],
  ])("is the first of three times that can be used: %j", (times, orderedAt) => {
    expect(orderWith({}, times).orderedAt).toBe(orderedAt);
  });

  it.each([
    [{ timestamp: "1970-01-01T00:00:00.000Z" }],
    [{ timestamp: "0000-00-00 00:00:00" }],
    [{ timestamp: "yesterday", originalTimestamp: null }],
    [{ timestamp: 0, originalTimestamp: 0, sentAt: 0 }],
    [{ timestamp: {} }],
    [{ sentAt: "2099-01-01" }],
  ])("is its arrival when none can be used, and the answer says so: %j", (times) => {
    expect(readOrderOf(orderCompleted({ order_id: "1" }, times))).toMatchObject({
      skip: null,
      undated: true,
      order: { orderedAt: null },
      warning:
        "No time of the event can be used (timestamp, originalTimestamp, sentAt), so the time of its arrival counts.",
    });
  });

  it("is its arrival without a word when the event has no time", () => {
    const parsed = readOrderOf(orderCompleted({ order_id: "1" }));
    expect([parsed.warning, parsed.undated]).toEqual([undefined, undefined]);
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
