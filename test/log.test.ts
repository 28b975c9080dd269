import { createExecutionContext, reset, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import app from "../src/index.ts";
import { errorName, log, type LogLine } from "../src/log.ts";
import { spyOnConsole } from "./support/console.ts";
import { configure, DAY, runAlarm, SECOND, START, stopClock } from "./support/ledger.ts";
import { orderCompleted, sign, signedRequest } from "./support/segment.ts";
import { answerFor } from "./support/stand-in.ts";
import { callWorker, URL_OF_SEGMENT, type Settings } from "./support/worker.ts";

const lines = spyOnConsole();
beforeEach(() => {
  // Refusals are logged once a second, and each test wants its own.
  stopClock((start += 2 * SECOND));
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** A year later than other files: lines are held back against the clock, which they leave ahead. */
let start = START + 366 * DAY;

const ADDRESS = '7 of "jane roe"@example.com, jane%40example.com';

const TELLTALES = {
  email: "telltale.mail@example.com",
  name: "Telltale-Name",
  surname: "Telltale-Surname",
  product: "Telltale-Product",
  userId: "telltale-user",
  anonymousId: "telltale-browser",
  city: "Telltale-City",
};
const customer = { userId: TELLTALES.userId, anonymousId: TELLTALES.anonymousId };
const { email, name, surname } = TELLTALES;
const telltaleOrder = (order_id: unknown, rest: object = {}) =>
  orderCompleted(
    { order_id, email, name, surname, products: [{ name: TELLTALES.product }] },
    { ...customer, context: { traits: { email, city: TELLTALES.city } }, ...rest },
  );

/** Everything that must never stand in a line: what customers are, and what opens doors. */
function secretsOf(signature = "no signature"): string[] {
  return [
    ...Object.values(TELLTALES),
    env.TRUSTPILOT_INTEGRATION_KEY!,
    env.SEGMENT_SHARED_SECRET!,
    signature,
    "@example.com",
  ];
}

async function send(body: unknown, settings: Settings = {}): Promise<string> {
  const request = signedRequest(body);
  await callWorker(request, settings);
  return request.headers.get("X-Signature")!;
}

function expectNoTelltale(signature?: string): void {
  const written = lines().join("\n").toLowerCase();
  expect(written, "something was written at all").not.toBe("");
  for (const secret of secretsOf(signature)) expect(written).not.toContain(secret.toLowerCase());
}

describe("no line holds an e-mail, a name, a key or a signature when", () => {
  const AWAY = { getByName: () => ({ record: () => Promise.reject(new Error(`no route to ${email}`)) }) };
  it.each<[string, unknown, Settings]>([
    ["an order is taken", telltaleOrder("log-1"), {}],
    ["an order is skipped", telltaleOrder("log-2", { timestamp: "2001-01-01T00:00:00Z" }), {}],
    ["an order is rejected", telltaleOrder({ [email]: name }), {}],
    ["the id is an e-mail address", telltaleOrder(email), {}],
    ["the id holds an e-mail address", telltaleOrder(`order of ${email} <7>`), {}],
    [
      "the id is an e-mail address and the address is missing",
      { ...telltaleOrder(email), properties: { order_id: email } },
      {},
    ],
    ["an order comes twice in a batch", [telltaleOrder("log-3"), telltaleOrder("log-3")], {}],
    [
      "a membership is noted",
      { type: "identify", ...customer, traits: { staff: true, email } },
      { EXCLUDE_AUDIENCES: "staff" },
    ],
    ["a customer is deleted", { type: "delete", userId: email, anonymousId: TELLTALES.anonymousId }, {}],
    ["an order is cancelled", { ...telltaleOrder(email), event: "Order Cancelled" }, {}],
    ["the type is an address", { type: email }, {}],
    ["the event's name is an address", { type: "track", event: email }, {}],
    ["the body is no event", email, {}],
    ["the ledger is away", telltaleOrder("log-4"), { LEDGER: AWAY }],
    ["KV is away", telltaleOrder("log-5"), { ORDERS: { get: () => Promise.reject(new Error(email)) } }],
    ["the configuration is wrong", telltaleOrder("log-6"), { SHOP_ORIGIN: email, HOLD_DAYS: "secret" }],
  ])("%s", async (_, body, settings) => expectNoTelltale(await send(body, settings)));

  it("the body is no JSON", async () => {
    expectNoTelltale(await send(`{"email":"${email}",}`));
  });

  it("the signature is wrong", async () => {
    const signature = sign("another body");
    const headers = { "X-Signature": signature, Authorization: `Bearer ${env.TRUSTPILOT_INTEGRATION_KEY!}` };
    const body = JSON.stringify(telltaleOrder("log-7"));
    await callWorker(new Request(`${URL_OF_SEGMENT}?key=${email}`, { method: "POST", headers, body }));
    expectNoTelltale(signature);
  });

  it("a dry run shows what would be sent, for an id that is an e-mail address", async () => {
    await configure(email, { DRY_RUN: "true" });
    await send(telltaleOrder(email));
    await runAlarm(email);
    expect(lines().join()).toContain('"log":"dry-run"');
    const written = lines().join("\n");
    for (const secret of [email, name, surname, TELLTALES.userId]) expect(written).not.toContain(secret);
  });

  it("Trustpilot refuses the invitation and quotes it", async () => {
    await answerFor("log-refused", { status: 400, body: JSON.stringify({ email, name }) });
    await send(telltaleOrder("log-refused"));
    await runAlarm("log-refused");
    expect(lines().join()).toContain('"state":"failed"');
    expectNoTelltale();
  });
});

describe("a line is", () => {
  it("one JSON object, with the order's id and the outcome", async () => {
    await send(orderCompleted({ order_id: "log-line" }));
    const event = lines()
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find((line) => line["log"] === "event");
    expect(event).toEqual({
      log: "event",
      outcome: "accepted",
      type: "track",
      orderId: "log-line",
      milliseconds: expect.any(Number),
    });
  });

  it("one line, whatever the order's id holds", async () => {
    await send(orderCompleted({ order_id: 'x\r\n{"log":"event","outcome":"accepted"}\u2028' }));
    for (const line of lines()) expect(line).not.toMatch(/[\r\n]/);
  });

  it("a warning for a rejected event, an error when the configuration is wrong", async () => {
    await send({ type: "track" });
    expect(lines("warn")).toHaveLength(1);
    await send({ type: "track" }, { HOLD_DAYS: "soon" });
    expect(lines("error")).toEqual(['{"log":"config","problems":["HOLD_DAYS"]}']);
  });
});

describe("the lines of events that bring nothing new", () => {
  const ignored = () => lines("log").filter((line) => line.includes('"ignored"'));

  it("are written together, each as one JSON object on a line of its own", async () => {
    const types = ["page", "screen", "group"];
    await Promise.all(types.map((type) => send({ type })));
    expect(ignored()).toHaveLength(1);
    const objects = ignored()[0]!
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(objects).toEqual(
      types.map((type) => ({ log: "event", outcome: "ignored", type, milliseconds: expect.any(Number) })),
    );
  });

  it("are all written, however many there are, a few hundred at once at the most", async () => {
    await send(Array.from({ length: 500 }, () => ({ type: "page" })));
    const counts = ignored().map((written) => written.split("\n").length);
    expect(counts).toEqual([200, 200, 100]);
  });

  it("are written again after a quiet time", async () => {
    await send({ type: "page" });
    stopClock((start += 2 * SECOND));
    await send({ type: "page" });
    expect(ignored()).toHaveLength(2);
  });

  it("are those of ignored events and of duplicates; the others are written before the answer", async () => {
    await env.ORDERS.put("order:log-known", "invited");
    const context = createExecutionContext();
    const events = [
      { type: "page" },
      orderCompleted({ order_id: "log-known" }),
      orderCompleted({ order_id: "log-new" }),
      orderCompleted({ order_id: "log-old" }, { timestamp: "2001-01-01T00:00:00Z" }),
      orderCompleted({}),
    ];
    const outcomes = () =>
      lines()
        .join("\n")
        .match(/(?<="outcome":")\w+/g);
    await app.fetch(signedRequest(events), env, context);
    expect(outcomes()).toEqual(["accepted", "skipped", "rejected"]);
    await waitOnExecutionContext(context);
    expect(outcomes()).toEqual(["accepted", "skipped", "rejected", "ignored", "duplicate"]);
  });
});

it("addresses are hidden in any text of a line, also in what a dry run shows", () => {
  log({
    log: "dry-run",
    orderId: "jane@example.com",
    invitation: { referenceId: "of jane@example.com!", tags: ["x@y"] },
  });
  expect(lines("log")).toEqual([
    '{"log":"dry-run","orderId":"…@…","invitation":{"referenceId":"of …@…","tags":["…@…"]}}',
  ]);
});

it.each<LogLine>([
  { log: "event", outcome: "accepted", type: ADDRESS, orderId: ADDRESS, shop: ADDRESS, milliseconds: 1 },
  { log: "action", path: ADDRESS, status: 200, done: ADDRESS, shop: ADDRESS, user: ADDRESS },
  { log: "request", status: 503, reason: ADDRESS },
  {
    log: "delivery",
    orderId: ADDRESS,
    state: "failed",
    attempt: 1,
    status: null,
    milliseconds: 1,
    message: ADDRESS,
    reason: ADDRESS,
  },
  { log: "ledger", ledger: ADDRESS, reason: ADDRESS, orderId: ADDRESS, error: ADDRESS },
  { log: "erasure", reason: ADDRESS, shop: ADDRESS },
  { log: "alert", reason: ADDRESS, error: ADDRESS },
  { log: "kv", reason: ADDRESS, error: ADDRESS },
  { log: "config", problems: [ADDRESS] },
  { log: "error", error: ADDRESS },
])("no field of a line lets an address through: $log", (line) => {
  log(line, "warn");
  expect(lines("warn").join()).toMatch(/…@…/);
  expect(lines().join()).not.toContain("example");
});

it.each([
  [new TypeError("jane@example.com"), "TypeError"],
  [new DOMException("jane@example.com", "AbortError"), "AbortError"],
  ["jane@example.com", "string"],
  [undefined, "undefined"],
])("of an error only its class is logged: %s", (error, shown) => expect(errorName(error)).toBe(shown));
