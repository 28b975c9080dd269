import { reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { spyOnConsole } from "../support/console.ts";
import { signedRequest } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";
import { answerOf } from "../support/worker.ts";

const send = async (text: string) => answerOf(await exports.default.fetch(signedRequest(text)));

const lines = spyOnConsole();
afterEach(reset);
afterEach(() => expect(lines("error")).toEqual([]));

const DEPTH = 10_000;
const deep = (open: string, close: string) => open.repeat(DEPTH) + close.repeat(DEPTH);
const arrays = deep("[", "]");
const objects = `${'{"a":'.repeat(DEPTH)}1${"}".repeat(DEPTH)}`;

/** An order with `extra` in its properties and `rest` beside them, as text: JSON can say more than an object. */
const order = (id: string, extra = "", rest = "") =>
  `{"type":"track","event":"Order Completed","properties":{"order_id":"${id}","email":"jane@example.com"${extra}}${rest}}`;

describe("the order is taken in spite of", () => {
  it.each([
    ["10,000 nested arrays as products", order("hostile-1", `,"products":${arrays}`)],
    [
      "10,000 nested objects as a product's name",
      order("hostile-2", `,"products":[{"sku":"s","name":${objects}}]`),
    ],
    ["10,000 nested objects as context", order("hostile-3", "", `,"context":${objects}`)],
    ["10,000 nested arrays as integrations", order("hostile-4", "", `,"integrations":${arrays}`)],
    [
      "10,000 nested objects as userId",
      order("hostile-5", "", `,"userId":${objects},"anonymousId":${arrays}`),
    ],
    [
      "__proto__ everywhere",
      order("hostile-6", ',"__proto__":{"order_id":"no"}', ',"__proto__":{"type":"page"}'),
    ],
    [
      "constructor everywhere",
      order(
        "hostile-7",
        ',"constructor":{"prototype":{"email":"no"}}',
        ',"constructor":null,"toString":7,"hasOwnProperty":1',
      ),
    ],
    [
      "__proto__ as every part",
      order(
        "hostile-8",
        ',"products":[{"__proto__":[]}]',
        ',"context":{"__proto__":null},"integrations":{"__proto__":{"All":false}}',
      ),
    ],
    [
      "1e400 as total and price",
      order("hostile-9", ',"total":1e400,"products":[{"sku":"s","price":-1e400}]'),
    ],
    ["1e400 as timestamp", order("hostile-10", "", ',"timestamp":1e400')],
    [
      "lone surrogates in names",
      order("hostile-11", String.raw`,"name":"\ud800","surname":"\udc00x","products":[{"name":"\ud800"}]`),
    ],
    [
      "line breaks in names",
      order(
        "hostile-12",
        String.raw`,"name":"Jane\r\nBcc: joe@example.com","products":[{"name":"a\r\nb","url":"https://x.example/\r\na"}]`,
      ),
    ],
    ["NUL in names", order("hostile-13", String.raw`,"name":"\u0000","products":[{"sku":"\u0000s"}]`)],
    ["a million spaces", `${" ".repeat(1_000_000)}${order("hostile-14")}`],
    ["a name of a million characters", order("hostile-15", `,"name":"${"x".repeat(1_000_000)}"`)],
    ["100,000 products", order("hostile-16", `,"products":[${"{},".repeat(99_999)}{}]`)],
    [
      "100,000 fields",
      order("hostile-17", `,${Array.from({ length: 100_000 }, (_, field) => `"field${field}":1`).join(",")}`),
    ],
    [
      "an address that keeps a regular expression busy",
      order("hostile-18", "", `,"userId":"${"a@".repeat(50_000)}"`),
    ],
    ["an escaped name of a field", order("hostile-19").replace('"email"', String.raw`"em\u0061il"`)],
  ])("%s", async (_, text) => {
    expect(await send(text)).toMatchObject({ status: 200, outcome: "accepted" });
  });

  it("a name with line breaks reaches Trustpilot in one line", async () => {
    await send(order("hostile-name", String.raw`,"name":"Jane\r\nBcc: joe","surname":"\ud800\u0000"`));
    await expect.poll(() => requestsFor("hostile-name")).toHaveLength(1);
    expect((await requestsFor("hostile-name"))[0]!.body["recipientName"]).toBe("Jane Bcc: joe \ufffd");
  });

  it.each([
    [String.raw`hostile\r\n-break`, "hostile-break", "hostile--break"],
    [String.raw`hostile\u0000-nul`, "hostile-nul", "hostile--nul"],
  ])("an id with control characters (%s), known and sent without them", async (written, orderId, sent) => {
    expect(await send(order(written))).toEqual({ status: 200, outcome: "accepted", orderId });
    await expect.poll(() => requestsFor(sent)).toHaveLength(1);
  });
});

describe("it is said what is wrong with", () => {
  it.each<[string, string, string]>([
    ["null", "null", "Not an event"],
    ["a text", '"track"', "Not an event"],
    ["a number", "7", "Not an event"],
    ["a huge number", "1e400", "Not an event"],
    ["true", "true", "Not an event"],
    ["an empty object", "{}", "type is missing"],
    ["10,000 nested objects", objects, "type is missing"],
    ["an id of 1e400", order("x").replace('"x"', "1e400"), "too large"],
    ["an id of -1e400", order("x").replace('"x"', "-1e400"), "too large"],
    ["an id of 10,000 nested arrays", order("x").replace('"x"', arrays), "neither a text nor a number"],
    ["an id that is a lone surrogate", order(String.raw`\ud800`), "broken Unicode"],
    [
      "properties in the prototype",
      '{"type":"track","event":"Order Completed","__proto__":{"properties":{"order_id":1}}}',
      "without an order_id",
    ],
    [
      "an address that is a lone surrogate",
      order("x").replace("jane@", String.raw`\ud800@`),
      "email is no valid address",
    ],
    [
      "an address with a line break",
      order("x").replace("jane@", String.raw`\"a\r\nb\"@`),
      "email is no valid address",
    ],
    ["10,000 nested arrays cut short", arrays.slice(0, -1), "not JSON"],
    ["a single bracket", "[", "not JSON"],
  ])("%s", async (_, text, message) => {
    expect(await send(text)).toMatchObject({
      status: 400,
      outcome: "rejected",
      message: expect.stringContaining(message),
    });
  });

  it("10,000 nested arrays: one element, which is no event", async () => {
    expect(await send(arrays)).toEqual({
      status: 200,
      events: [{ index: 0, outcome: "rejected", message: expect.stringContaining("Not an event") }],
    });
  });
});

it("of a key that is written twice the last one counts, as in every parser of JSON", async () => {
  const text = order("hostile-first", ',"order_id":"hostile-last"');
  expect(await send(text)).toEqual({ status: 200, outcome: "accepted", orderId: "hostile-last" });
});

it("no prototype has been changed by any of it", () => {
  expect(({} as Record<string, unknown>)["order_id"]).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(env.SEGMENT_SHARED_SECRET).toBe("the shared secret of the tests");
});
