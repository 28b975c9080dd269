/** What one order's trouble costs the others of its ledger: as little as possible. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  advance,
  alarmIn,
  orderIdsOfOneLedger,
  rowOf,
  runAlarm,
  SECOND,
  sql,
  stopClock,
  warmUp,
} from "../support/ledger.ts";
import { orderCompleted, sendBatch, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

describe("while one order waits for Trustpilot's answer", () => {
  it("another that arrives is sent, and does not wait for it", async () => {
    const [slow, quick] = orderIdsOfOneLedger("pace-slow", 2) as [string, string];
    await warmUp(slow);
    await answerFor(slow, { delay: 8 * SECOND });
    await sendEvent(orderCompleted({ order_id: slow }));
    await expect.poll(() => requestsFor(slow)).toHaveLength(1);

    await sendEvent(orderCompleted({ order_id: quick }));
    await expect.poll(() => rowOf(quick), { timeout: 15 * SECOND }).toMatchObject({ state: "invited" });
    expect(await rowOf(slow)).toMatchObject({ state: "sending" });
  });
});

describe("a short Retry-After for an order that has failed often", () => {
  it("holds the others back for seconds, not for the hours that the order itself waits", async () => {
    stopClock();
    const [old, young] = orderIdsOfOneLedger("pace-asked", 2) as [string, string];
    await answerFor(old, { status: 429, headers: { "Retry-After": "1" } });
    await sendEvent(orderCompleted({ order_id: old }));
    await sql(old, "UPDATE orders SET attempts = 20 WHERE order_id = ?", old);
    vi.spyOn(Math, "random").mockReturnValue(1);
    await runAlarm(old);
    vi.restoreAllMocks();

    await sendEvent(orderCompleted({ order_id: young }));
    advance(10 * SECOND);
    await runAlarm(young);
    expect(await rowOf(young)).toMatchObject({ state: "invited" });
    expect(await rowOf(old)).toMatchObject({ state: "held", attempts: 21 });
  });
});

describe("when many orders are due at once", () => {
  it("one run sends no more than the platform allows in one invocation, and the next follows at once", async () => {
    stopClock();
    const orderIds = orderIdsOfOneLedger("pace-many", 25);
    const [first] = orderIds as [string];
    await sendBatch(orderIds.map((order_id) => orderCompleted({ order_id })));
    const invited = async () =>
      (await Promise.all(orderIds.map(rowOf))).filter((row) => row?.state === "invited");

    await runAlarm(first);
    expect(await invited()).toHaveLength(12);
    expect(await alarmIn(first)).toBe(0);

    await runAlarm(first);
    await runAlarm(first);
    expect(await invited()).toHaveLength(25);
    expect(await alarmIn(first)).toBeNull();
  });
});
