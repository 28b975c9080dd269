import { allowedActions } from "../../src/domain/actions.ts";
import { hash32 } from "../../src/lib/hash.ts";
import { describe, expect, it } from "vitest";
import {
  advance,
  alarmIn,
  crash,
  HOUR,
  ledgerOf,
  rowOf,
  runAlarm,
  sendEventTo,
  START,
  useLedger,
} from "../support/ledger.ts";
import { orderCompleted, sendBatch, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import { DAY } from "../../src/lib/time.ts";

useLedger();

const HOLD = { HOLD_DAYS: "7" };
const order = (orderId: string, rest: object = {}) =>
  orderCompleted({ order_id: orderId, total: 100 }, { ...rest });
const cancelled = (orderId: string) => ({
  type: "track",
  event: "Order Cancelled",
  properties: { order_id: orderId },
});
const refunded = (orderId: string, properties: object = {}) => ({
  type: "track",
  event: "Order Refunded",
  properties: { order_id: orderId, ...properties },
});

describe("HOLD_DAYS", () => {
  it("keeps the invitation back for so many days after the order, over a crash too", async () => {
    await sendEventTo(HOLD, order("hold-days", { timestamp: new Date(START - 2 * DAY).toISOString() }));
    expect(await alarmIn("hold-days")).toBe(5 * DAY);
    advance(5 * DAY - 1);
    await runAlarm("hold-days");
    await crash();
    expect(await rowOf("hold-days")).toMatchObject({ state: "held", attempts: 0 });
    advance(1);
    await runAlarm("hold-days");
    expect(await rowOf("hold-days")).toMatchObject({ state: "invited" });
  });

  it.each<[string, string | undefined, number]>([
    ["counts from the arrival when the order has no time", undefined, 7],
    [
      "counts from the arrival when the order's time is in the future",
      new Date(START + 99 * DAY).toISOString(),
      7,
    ],
    ["is over at once when the order is older than that", new Date(START - 8 * DAY).toISOString(), 0],
  ])("%s", async (name, timestamp, days) => {
    const orderId = `hold-${name.length}`;
    await sendEventTo(HOLD, order(orderId, { timestamp }));
    expect(await alarmIn(orderId)).toBe(days * DAY);
  });

  it("is fixed when the order arrives: a duplicate changes nothing", async () => {
    await sendEventTo(HOLD, order("hold-fixed"));
    advance(DAY);
    expect((await sendEvent(order("hold-fixed"))).answer.outcome).toBe("duplicate");
    expect(await rowOf("hold-fixed")).toMatchObject({ due: START + 7 * DAY });
  });
});

describe("while an order waits", () => {
  it.each<[string, (orderId: string) => object]>([
    ["Order Cancelled", cancelled],
    ["Order Refunded without an amount", (orderId) => refunded(orderId)],
    ["Order Refunded with the whole amount", (orderId) => refunded(orderId, { total: 100 })],
    ["Order Refunded with the whole amount as a text", (orderId) => refunded(orderId, { total: "100.00" })],
  ])("%s cancels it for good", async (name, event) => {
    const orderId = `cancels-${name.replaceAll(" ", "-")}`;
    await sendEventTo(HOLD, order(orderId));
    expect((await sendEvent(event(orderId))).answer.outcome).toBe("accepted");
    expect(await rowOf(orderId)).toMatchObject({ state: "cancelled", due: null, personal: null });
    advance(8 * DAY);
    await runAlarm(orderId);
    expect((await sendEvent(order(orderId))).answer.outcome).toBe("duplicate");
    expect(await requestsFor(orderId)).toHaveLength(0);
  });

  it.each<[string, object]>([
    ["of a part", { total: 99.98 }],
    ["of some products, without an amount", { products: [{ sku: "A" }] }],
    ["of nothing", { total: 0 }],
  ])("a refund %s does not cancel it", async (name, properties) => {
    const orderId = `part-${name.replaceAll(/\W/g, "-")}`;
    await sendEventTo(HOLD, order(orderId));
    expect((await sendEvent(refunded(orderId, properties))).answer.outcome).toBe("ignored");
    expect(await rowOf(orderId)).toMatchObject({ state: "held" });
  });

  const half = (orderId: string, messageId: string | null, timestamp = "2026-06-01T00:00:00Z") => ({
    ...refunded(orderId, { total: 50 }),
    messageId,
    timestamp,
  });

  it.each<[string, object, object]>([
    ["two messages", half("halves", "r-1"), half("halves", "r-2")],
    ["two times", half("halves", null), half("halves", null, "2026-06-02T00:00:00Z")],
    [
      "a negative amount",
      half("halves", "r-1"),
      { ...refunded("halves", { amount: "-50,00" }), messageId: "r-2" },
    ],
  ])("two halves, by %s, cancel it, and each counts once", async (_, one, other) => {
    await sendEventTo(HOLD, order("halves"));
    for (const event of [one, one]) {
      const { answer } = await sendEvent(event);
      expect(answer).toMatchObject({ outcome: "ignored", message: "A partial refund cancels nothing." });
    }
    expect(await rowOf("halves")).toMatchObject({ state: "held", refunds: [{ amount: 50 }] });
    expect((await sendEvent(other)).answer.outcome).toBe("accepted");
    expect(await rowOf("halves")).toMatchObject({ state: "cancelled", reason: "order_refunded" });
  });

  it("an amount cannot cancel it when the order's total is not known", async () => {
    await sendEventTo(HOLD, orderCompleted({ order_id: "part-no-total" }));
    expect((await sendEvent(refunded("part-no-total", { total: 100 }))).answer.outcome).toBe("ignored");
  });
});

describe("before its order", () => {
  it.each<[string, (orderId: string) => object]>([
    ["a cancellation", cancelled],
    ["a refund of everything", (orderId) => refunded(orderId)],
    [
      "a refund of the amount that the order turns out to cost",
      (orderId) => refunded(orderId, { total: 100 }),
    ],
  ])("%s keeps it from being invited", async (name, event) => {
    const orderId = `before-${name.length}`;
    expect((await sendEvent(event(orderId))).answer.outcome).toBe("accepted");
    advance(HOUR);
    expect((await sendEvent(order(orderId))).answer.outcome).toBe("skipped");
    expect((await sendEvent(order(orderId))).answer.outcome).toBe("duplicate");
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "cancelled", personal: null });
    expect(await requestsFor(orderId)).toHaveLength(0);
  });

  it("a refund of a part does not", async () => {
    await sendEvent(refunded("before-part", { total: 40 }));
    expect((await sendEvent(order("before-part"))).answer.outcome).toBe("accepted");
    await runAlarm("before-part");
    expect(await rowOf("before-part")).toMatchObject({ state: "invited" });
  });

  it("two halves do, and the same half twice does not", async () => {
    const half = (orderId: string, messageId: string) => ({ ...refunded(orderId, { total: 50 }), messageId });
    for (const id of ["r-1", "r-2", "r-1"]) await sendEvent(half("before-halves", id));
    expect((await sendEvent(order("before-halves"))).answer.outcome).toBe("skipped");
    for (const id of ["r-1", "r-1"]) await sendEvent(half("before-half-twice", id));
    expect((await sendEvent(order("before-half-twice"))).answer.outcome).toBe("accepted");
    await sendEvent(half("before-half-twice", "r-1"));
    const row = await rowOf("before-half-twice");
    expect(row).not.toMatchObject({ state: "cancelled" });
  });

  it("a refund of a part and then a cancellation does", async () => {
    await sendEvent(refunded("before-both", { total: 40 }));
    await sendEvent(cancelled("before-both"));
    await sendEvent(refunded("before-both", { total: 40 }));
    expect((await sendEvent(order("before-both"))).answer.outcome).toBe("skipped");
  });

  it("in the same batch, the order of the events decides nothing", async () => {
    const { events } = await sendBatch([
      cancelled("batch-before"),
      order("batch-before"),
      order("batch-after"),
      cancelled("batch-after"),
    ]);
    expect(events.map(({ outcome }) => outcome)).toEqual(["accepted", "skipped", "accepted", "accepted"]);
    for (const id of ["batch-before", "batch-after"]) {
      await runAlarm(id);
      expect(await rowOf(id)).toMatchObject({ state: "cancelled" });
    }
  });
});

describe("while its request is out, a cancellation", () => {
  /** Cancels while the answer `step` is on its way. */
  async function cancelWhileSending(orderId: string, step: object) {
    await answerFor(orderId, { ...step, delay: 300 });
    await sendEvent(order(orderId));
    const run = runAlarm(orderId);
    await expect.poll(() => requestsFor(orderId)).toHaveLength(1);
    const { answer } = await sendEvent(cancelled(orderId));
    await run;
    return answer;
  }

  it.each<[string, object, string, string | null]>([
    ["comes too late when the invitation is created", { status: 201 }, "invited", null],
    [
      "takes effect when the request gets a 503: it is not tried again",
      { status: 503 },
      "cancelled",
      "order_cancelled",
    ],
    [
      "takes effect when the request gets a 429: it is not tried again",
      { status: 429 },
      "cancelled",
      "order_cancelled",
    ],
    [
      "leaves an order that gets no answer unknown, and it cannot be sent again",
      { fault: "drop" },
      "unknown",
      "no_answer",
    ],
  ])("%s; the answer promises no more, and the history has it", async (_, step, state, reason) => {
    const orderId = `during-${hash32(JSON.stringify(step))}`;
    const answer = await cancelWhileSending(orderId, step);
    expect(answer).toMatchObject({
      outcome: "accepted",
      message: expect.stringContaining("cancelled only if this attempt fails"),
    });
    const row = (await rowOf(orderId))!;
    expect(row).toMatchObject({ state, reason, personal: null, due: null });
    const noted = { what: "cancel-noted", reason: "order_cancelled" };
    expect(row.history).toContainEqual(expect.objectContaining(noted));
    expect(allowedActions(row, null)).toEqual(state === "unknown" ? ["mark-sent"] : []);
    advance(DAY);
    await runAlarm(orderId);
    expect(await requestsFor(orderId)).toHaveLength(1);
  });

  it("that comes twice is noted once", async () => {
    await answerFor("during-twice", { status: 201, delay: 300 });
    await sendEvent(order("during-twice"));
    const run = runAlarm("during-twice");
    await expect.poll(() => requestsFor("during-twice")).toHaveLength(1);
    for (let times = 0; times < 2; times++) await sendEvent(cancelled("during-twice"));
    await run;
    const { history } = (await rowOf("during-twice"))!;
    expect(history.filter(({ what }) => what === "cancel-noted")).toHaveLength(1);
  });
});

describe("after its end, a cancellation", () => {
  it("of an invited order is too late, and says so", async () => {
    await sendEvent(order("after-invited"));
    await runAlarm("after-invited");
    const { answer } = await sendEvent(cancelled("after-invited"));
    expect(answer).toMatchObject({ outcome: "ignored", message: expect.stringMatching(/^Too late/) });
    expect(await rowOf("after-invited")).toMatchObject({ state: "invited" });
  });

  it("of a failed order keeps it from being sent again", async () => {
    await answerFor("after-failed", { status: 400 });
    await sendEvent(order("after-failed"));
    await runAlarm("after-failed");
    await sendEvent(cancelled("after-failed"));
    expect(await rowOf("after-failed")).toMatchObject({ state: "cancelled", personal: null });
    expect(await ledgerOf("after-failed").act("after-failed", "send-again")).toMatchObject({
      kind: "not-allowed",
    });
  });

  it("of an unknown order is too late, says so, and keeps it from being sent again", async () => {
    await answerFor("after-unknown", { status: 200 });
    await sendEvent(order("after-unknown"));
    await runAlarm("after-unknown");
    const { answer } = await sendEvent(cancelled("after-unknown"));
    expect(answer).toMatchObject({ outcome: "ignored", message: expect.stringMatching(/^Too late/) });
    expect(await rowOf("after-unknown")).toMatchObject({ state: "unknown", personal: null });
    expect(await ledgerOf("after-unknown").act("after-unknown", "send-again")).toMatchObject({
      kind: "not-allowed",
    });
  });
});

it("an order keeps its id as it was sent beside its identity, and is found by either", async () => {
  await sendEventTo(HOLD, order("#sent-1"));
  await sendEvent(cancelled("\u202dsent-1\u202c"));
  expect(await rowOf("sent-1")).toMatchObject({
    orderId: "sent-1",
    sentOrderId: "#sent-1",
    state: "cancelled",
  });
  await sendEvent(cancelled("#sent-2"));
  await sendEventTo(HOLD, order("#sent-2"));
  expect(await rowOf("sent-2")).toMatchObject({ sentOrderId: "#sent-2", state: "cancelled" });
  await sendEventTo(HOLD, order("sent-3"));
  expect(await rowOf("sent-3")).toMatchObject({ sentOrderId: null });
});

it("an order without a usable time counts from its arrival, and its history says so", async () => {
  await sendEventTo(HOLD, order("undated", { timestamp: "1970-01-01T00:00:00Z" }));
  const row = await rowOf("undated");
  expect(row?.history.map(({ what }) => what)).toEqual(["received", "undated"]);
  expect(row?.due).toBe(START + 7 * DAY);
});
