import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Behaviour } from "../../scripts/stand-in/behaviour.ts";
import type { OrderState, Reason } from "../../src/domain/order.ts";
import {
  advance,
  alarmIn,
  configure,
  HOUR,
  listen,
  MINUTE,
  orderIdsOfOneLedger,
  rowOf,
  runAlarm,
  SECOND,
  START,
  useLedger,
  warmUp,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import { DAY } from "../../src/lib/time.ts";

useLedger();
beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
});

type Steps = NonNullable<Behaviour["next"]>;

/** One order, answered by `steps` in turn, after one run of the alarm. */
async function deliver(orderId: string, ...steps: Steps) {
  await answerFor(orderId, ...steps);
  await sendEvent(orderCompleted({ order_id: orderId, products: [{ sku: "A" }] }));
  await runAlarm(orderId);
  return rowOf(orderId);
}

const HTML = "<!doctype html><html><body><h1>Just a moment...</h1></body></html>";
const MEGABYTE = 1024 * 1024;

describe("an order ends at once", () => {
  it.each<[string, Steps, OrderState, Reason | null, number]>([
    ["invited, on 201", [{ status: 201 }], "invited", null, 1],
    ["invited, on 201 with a body of HTML", [{ status: 201, body: HTML }], "invited", null, 1],
    ["invited, on 201 with ten megabytes", [{ status: 201, bodyBytes: 10 * MEGABYTE }], "invited", null, 1],
    ["invited, on 201 whose body drips", [{ status: 201, fault: "drip" }], "invited", null, 1],
    ["invited, on 201 whose body is cut", [{ status: 201, fault: "cut" }], "invited", null, 1],
    ["invited, on 202 and then 201", [{ status: 202 }, { status: 201 }], "invited", null, 2],
    ["failed, on a second 202", [{ status: 202 }, { status: 202 }], "failed", "trustpilot_second_202", 2],
    ["failed, on 202 and then 400", [{ status: 202 }, { status: 400 }], "failed", "trustpilot_refused", 2],
    ["failed, on 400", [{ status: 400, body: '{"message":"no"}' }], "failed", "trustpilot_refused", 1],
    ["failed, on 403 with a page of HTML", [{ status: 403, body: HTML }], "failed", "trustpilot_refused", 1],
    [
      "failed, on 404 with ten megabytes",
      [{ status: 404, bodyBytes: 10 * MEGABYTE }],
      "failed",
      "trustpilot_refused",
      1,
    ],
    ["unknown, on 200", [{ status: 200, body: "[]" }], "unknown", "trustpilot_unconfirmed", 1],
    ["unknown, on 204", [{ status: 204 }], "unknown", "trustpilot_unconfirmed", 1],
    [
      "unknown, on a connection closed without an answer",
      [{ fault: "drop", create: true }],
      "unknown",
      "no_answer",
      1,
    ],
    ["unknown, on 202 and then no answer", [{ status: 202 }, { fault: "drop" }], "unknown", "no_answer", 2],
    ["unknown, on a bad gateway: it was sent", [{ status: 502, body: HTML }], "unknown", "no_answer", 1],
    ["unknown, on a time-out at a gateway", [{ status: 504 }], "unknown", "no_answer", 1],
    ["unknown, on no valid answer at Cloudflare's edge", [{ status: 520 }], "unknown", "no_answer", 1],
    ["unknown, on a time-out at Cloudflare's edge", [{ status: 524 }], "unknown", "no_answer", 1],
  ])("%s", async (name, steps, state, reason, requests) => {
    const orderId = `ends-${name.replaceAll(/\W+/g, "-")}`;
    expect(await deliver(orderId, ...steps)).toMatchObject({ state, reason, attempts: 1 });
    advance(DAY);
    await runAlarm(orderId);
    expect(await requestsFor(orderId)).toHaveLength(requests);
  });
});

describe("an order waits and is sent again", () => {
  it.each<[string, Steps[number]]>([
    ["on 408", { status: 408 }],
    ["on 425", { status: 425 }],
    ["on 429", { status: 429 }],
    ["on 500", { status: 500 }],
    ["on 500 with ten megabytes", { status: 500, bodyBytes: 10 * MEGABYTE }],
    ["on 503 with a page of HTML", { status: 503, body: HTML }],
    ["on 503 whose body drips", { status: 503, fault: "drip" }],
    ["on 522, which Cloudflare's edge answers when it finds no way", { status: 522 }],
  ])("%s", async (name, step) => {
    const orderId = `again-${name.replaceAll(/\W+/g, "-")}`;
    expect(await deliver(orderId, step)).toMatchObject({ state: "held", due: START + SECOND });
    expect(await alarmIn(orderId)).toBe(SECOND);
    advance(SECOND);
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "invited", attempts: 2, personal: null });
    expect(await requestsFor(orderId)).toHaveLength(2);
  });

  it("not before its time, however often the alarm runs", async () => {
    await deliver("again-early", { status: 503, headers: { "Retry-After": "3600" } });
    advance(HOUR - 1);
    for (let times = 0; times < 3; times++) await runAlarm("again-early");
    expect(await requestsFor("again-early")).toHaveLength(1);
  });

  it("through an outage of two weeks, and is invited once at its end", async () => {
    vi.mocked(Math.random).mockReturnValue(0.9);
    await deliver("again-days", ...Array.from({ length: 100 }, () => ({ status: 503 })));
    for (let tries = 0; tries < 100 && Date.now() < START + 14 * DAY; tries++) {
      advance((await alarmIn("again-days"))!);
      await runAlarm("again-days");
    }
    const failed = (await requestsFor("again-days")).length;
    expect(failed).toBeLessThan(70);
    const { state, history } = (await rowOf("again-days"))!;
    expect(state).toBe("held");
    expect(history.length, "a long outage makes no long history").toBeLessThan(failed);
    expect(history[0]).toMatchObject({ what: "received" });
    await answerFor("again-days");
    advance(8 * HOUR);
    await runAlarm("again-days");
    expect(await rowOf("again-days")).toMatchObject({ state: "invited", personal: null });
    const requests = await requestsFor("again-days");
    expect(requests).toHaveLength(failed + 1);
    expect(requests.filter(({ created }) => created)).toHaveLength(1);
  });
});

describe("Retry-After", () => {
  const date = (ms: number) => new Date(START + ms).toUTCString();

  it.each<[string, string, number]>([
    ["in seconds is waited for", "120", 2 * MINUTE],
    ["as a date is waited for", date(10 * MINUTE), 10 * MINUTE],
    ["of zero waits a second", "0", SECOND],
    ["that is negative is not heeded", "-30", SECOND],
    ["in the past is not heeded", date(-HOUR), SECOND],
    ["of a year is cut to a day", String((365 * DAY) / SECOND), DAY],
    ["of a date in a hundred years is cut to a day", "Mon, 01 Jan 2125 00:00:00 GMT", DAY],
    ["that is garbage is not heeded", "as soon as possible", SECOND],
  ])("%s", async (name, value, wait) => {
    const orderId = `asked-${name.replaceAll(/\W+/g, "-")}`;
    await deliver(orderId, { status: 429, headers: { "Retry-After": value } });
    expect(await rowOf(orderId)).toMatchObject({ state: "held", due: START + wait });
  });

  it("holds the whole ledger back: the other orders would be refused too", async () => {
    const [first, second] = orderIdsOfOneLedger("asked-all", 2) as [string, string];
    await deliver(first, { status: 429, headers: { "Retry-After": "120" } });
    await sendEvent(orderCompleted({ order_id: second }));
    await runAlarm(second);
    expect(await requestsFor(second)).toHaveLength(0);
    expect(await alarmIn(second)).toBe(2 * MINUTE);
    advance(2 * MINUTE);
    await runAlarm(second);
    expect(await rowOf(first)).toMatchObject({ state: "invited" });
    expect(await rowOf(second)).toMatchObject({ state: "invited" });
  });

  it("of one answer is not shortened by that of another that comes later", async () => {
    const [first, second] = orderIdsOfOneLedger("asked-longest", 2) as [string, string];
    await warmUp(first);
    await answerFor(first, { status: 429, headers: { "Retry-After": "3600" } });
    await answerFor(second, { status: 429, headers: { "Retry-After": "5" }, delay: 300 });
    for (const id of [first, second]) await sendEvent(orderCompleted({ order_id: id }));
    await runAlarm(first);
    expect(await requestsFor(second)).toHaveLength(1);
    expect(await alarmIn(first)).toBe(HOUR);
  });
});

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])("%i is not followed: the order has failed", async (status) => {
    const orderId = `redirect-${status}`;
    const headers = { Location: "/api/runtimeTestsKey1/invitation" };
    expect(await deliver(orderId, { status, headers })).toMatchObject({
      state: "failed",
      reason: "trustpilot_redirect",
    });
    expect(await requestsFor(orderId)).toHaveLength(1);
  });
});

describe("after 202, the second post", () => {
  it("carries products and productSkus", async () => {
    await deliver("second-post", { status: 202 });
    const [first, second] = await requestsFor("second-post");
    expect(second!.body).toMatchObject({ products: [{ sku: "A" }], productSkus: ["A"] });
    expect(second!.body).toMatchObject(first!.body);
  });

  it("carries both as empty lists when the order has no products", async () => {
    await answerFor("second-post-bare", { status: 202 });
    await sendEvent(orderCompleted({ order_id: "second-post-bare" }));
    await runAlarm("second-post-bare");
    const [first, second] = await requestsFor("second-post-bare");
    expect(first!.body).not.toHaveProperty("products");
    expect(second!.body).toMatchObject({ products: [], productSkus: [] });
  });

  it("is made anew with the next attempt when its own answer was a transient fault", async () => {
    await deliver("second-post-again", { status: 202 }, { status: 503 }, { status: 202 }, { status: 201 });
    advance(SECOND);
    await runAlarm("second-post-again");
    expect(await rowOf("second-post-again")).toMatchObject({ state: "invited", attempts: 2 });
    expect(await requestsFor("second-post-again")).toHaveLength(4);
  });
});

describe("when no connection can be made", () => {
  it("orders wait uncounted, the ledger says so, and all are sent when it can", async () => {
    const lines = listen();
    const ids = orderIdsOfOneLedger("unreachable", 8);
    for (const id of ids) await sendEvent(orderCompleted({ order_id: id }));
    await configure(ids[0]!, { TRUSTPILOT_API_URL: "http://127.0.0.1:1/api" });
    for (let times = 0; times < 3; times++) {
      await runAlarm(ids[0]!);
      advance((await alarmIn(ids[0]!))!);
    }
    for (const id of ids) expect(await rowOf(id)).toMatchObject({ state: "held", attempts: 0 });
    expect(lines().filter(({ reason }) => reason === "Trustpilot cannot be reached")).toHaveLength(3);
    await configure(ids[0]!, {});
    await runAlarm(ids[0]!);
    for (const id of ids) expect(await rowOf(id)).toMatchObject({ state: "invited", attempts: 1 });
  });

  it("the pause grows with each failure", async () => {
    vi.mocked(Math.random).mockReturnValue(1);
    await sendEvent(orderCompleted({ order_id: "unreachable-longer" }));
    await configure("unreachable-longer", { TRUSTPILOT_API_URL: "http://127.0.0.1:1/api" });
    const pauses: number[] = [];
    for (let times = 0; times < 4; times++) {
      await runAlarm("unreachable-longer");
      const pause = (await alarmIn("unreachable-longer"))!;
      pauses.push(pause / SECOND);
      advance(pause);
    }
    expect(pauses).toEqual([10, 20, 40, 80]);
  });
});

it("a ledger has at most five orders in flight: the sixth connection is for KV and the probe", async () => {
  const ids = orderIdsOfOneLedger("five", 20);
  for (const id of ids) await sendEvent(orderCompleted({ order_id: id }));
  let [out, most] = [0, 0];
  const real = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
    most = Math.max(most, ++out);
    const response = await real(...request);
    await scheduler.wait(5);
    out--;
    return response;
  });
  while ((await alarmIn(ids[0]!)) === 0) await runAlarm(ids[0]!);
  vi.mocked(globalThis.fetch).mockRestore();
  expect(most).toBe(5);
  for (const id of ids) expect(await rowOf(id)).toMatchObject({ state: "invited", attempts: 1 });
});
