/**
 * The object stops, the alarm is lost, or something inside throws. `abortAllDurableObjects` is the crash: unlike
 * an eviction it does not wait for the request that is out, so what is on disk then is what a real crash leaves.
 */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { lastDays } from "../../src/status/days.ts";
import {
  advance,
  alarmIn,
  configure,
  crash,
  kvSays,
  kvWith,
  ledgerOf,
  listen,
  MINUTE,
  orderIdsOfOneLedger,
  rowOf,
  runAlarm,
  sendEventTo,
  sql,
  START,
  useLedger,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import { DAY } from "../../src/lib/time.ts";
import { REQUEST_TIMEOUT } from "../../src/trustpilot/exchange.ts";
import { PLAIN_ORDER } from "../support/events.ts";

useLedger();

/** Accepts an order and crashes when its request has reached Trustpilot, before any answer. */
async function crashWhileSending(orderId: string): Promise<void> {
  await answerFor(orderId, { fault: "hang", create: true });
  await sendEvent(orderCompleted({ order_id: orderId }));
  const run = runAlarm(orderId).catch(() => {});
  await expect.poll(() => requestsFor(orderId)).toHaveLength(1);
  await crash();
  await run;
}

describe("a crash between the request and its answer", () => {
  it("leaves the order leased on disk, for longer than two requests can take", async () => {
    await crashWhileSending("crash-leased");
    const row = await rowOf("crash-leased");
    expect(row).toMatchObject({ state: "sending", attempts: 1 });
    expect(row!.due! - Date.now()).toBeGreaterThan(2 * REQUEST_TIMEOUT);
  });

  it("makes the order unknown when the lease ends, and sends nothing a second time", async () => {
    await crashWhileSending("crash-wait");
    await runAlarm("crash-wait");
    expect(await rowOf("crash-wait")).toMatchObject({ state: "sending" });
    advance(MINUTE);
    await runAlarm("crash-wait");
    expect(await rowOf("crash-wait")).toMatchObject({ state: "unknown", reason: "interrupted" });
    advance(DAY);
    await runAlarm("crash-wait");
    expect(await requestsFor("crash-wait")).toHaveLength(1);
    await expect.poll(() => kvSays("crash-wait")).toContain("unknown");
  });

  it('sends the order again with ON_UNKNOWN = "resend"', async () => {
    await crashWhileSending("crash-resend");
    advance(MINUTE);
    await configure("crash-resend", { ON_UNKNOWN: "resend" });
    await runAlarm("crash-resend");
    expect(await rowOf("crash-resend")).toMatchObject({ state: "held", attempts: 1 });
    advance(MINUTE);
    await runAlarm("crash-resend");
    expect(await rowOf("crash-resend")).toMatchObject({ state: "invited", attempts: 2, personal: null });
    expect(await requestsFor("crash-resend")).toHaveLength(2);
  });

  it("forgets the customer at once when a cancellation had been noted", async () => {
    await answerFor("crash-cancel", { fault: "hang" });
    await sendEvent(orderCompleted({ order_id: "crash-cancel" }));
    const run = runAlarm("crash-cancel").catch(() => {});
    await expect.poll(() => requestsFor("crash-cancel")).toHaveLength(1);
    await sendEvent({ type: "track", event: "Order Cancelled", properties: { order_id: "crash-cancel" } });
    await crash();
    await run;
    advance(MINUTE);
    await runAlarm("crash-cancel");
    expect(await rowOf("crash-cancel")).toMatchObject({ state: "unknown", due: null, personal: null });
  });

  it("does not keep the other orders of the ledger waiting", async () => {
    const [first, second] = orderIdsOfOneLedger("crash-others", 2) as [string, string];
    await crashWhileSending(first);
    await sendEvent(orderCompleted({ order_id: second }));
    await runAlarm(second);
    expect(await rowOf(second)).toMatchObject({ state: "invited" });
  });
});

describe("a write that fails half-way", () => {
  /** The next write of the day's counts fails, which comes after that of the order. */
  const failOnce = (orderId: string) =>
    runInDurableObject(ledgerOf(orderId), (_, { storage: { sql } }) => {
      const exec = sql.exec.bind(sql);
      const failing = vi.spyOn(sql, "exec").mockImplementation(((query: string, ...bindings: unknown[]) => {
        if (!query.startsWith("INSERT INTO daily")) return exec(query, ...bindings);
        failing.mockRestore();
        throw new Error("disk I/O error");
      }) as SqlStorage["exec"]);
    });
  const daily = async (orderId: string) =>
    Object.entries((await ledgerOf(orderId).overview(lastDays(Date.now(), 2))).daily);

  it("of an order's end is undone and written by the next run: the page counts what the table holds", async () => {
    const orderId = "half-written";
    await sendEvent(orderCompleted({ order_id: orderId }));
    await failOnce(orderId);
    await runAlarm(orderId);
    expect([(await rowOf(orderId))!.state, await daily(orderId)]).toEqual(["sending", [["waiting", [0, 1]]]]);
    advance(MINUTE);
    await runAlarm(orderId);
    expect([(await rowOf(orderId))!.state, await daily(orderId)]).toEqual(["invited", [["invited", [0, 1]]]]);
    expect(await requestsFor(orderId)).toHaveLength(1);
  });

  it("of a new order is undone, and Segment sends it again", async () => {
    const orderId = "half-recorded";
    const tooOld = orderCompleted(
      { order_id: orderId },
      { timestamp: new Date(START - 900 * DAY).toISOString() },
    );
    await failOnce(orderId);
    expect((await sendEventTo({}, tooOld)).status).toBe(503);
    expect([await rowOf(orderId), await daily(orderId)]).toEqual([null, []]);
    expect((await sendEvent(tooOld)).answer.outcome).toBe("skipped");
    expect(await daily(orderId)).toEqual([["skipped:too_old", [0, 1]]]);
  });
});

describe("an answer that cannot be written", () => {
  it.each(["wait", "resend"])(
    "with ON_UNKNOWN = %j is kept and written later; its lease is never judged as lost meanwhile",
    async (ON_UNKNOWN) => {
      const [orderId, other] = orderIdsOfOneLedger(`unsettled-${ON_UNKNOWN}`, 2) as [string, string];
      await sendEvent(orderCompleted({ order_id: orderId }));
      await configure(orderId, { ON_UNKNOWN });
      await runInDurableObject(ledgerOf(orderId), (_, { storage }) => {
        const exec = storage.sql.exec.bind(storage.sql);
        vi.spyOn(storage.sql, "exec").mockImplementation(((query: string, ...values: SqlStorageValue[]) => {
          if (query.startsWith("UPDATE") && values.includes("invited") && values.includes(orderId))
            throw new Error("disk I/O error");
          return exec(query, ...values);
        }) as SqlStorage["exec"]);
      });
      await runAlarm(orderId);
      await sendEvent(orderCompleted({ order_id: other }));
      for (let runs = 0; runs < 5; runs++) {
        expect(await rowOf(orderId)).toMatchObject({ state: "sending", attempts: 1 });
        expect(await alarmIn(orderId)).toBeLessThanOrEqual(MINUTE);
        advance(MINUTE);
        await runAlarm(orderId);
      }
      expect(await rowOf(other)).toMatchObject({ state: "invited" });

      vi.restoreAllMocks();
      await runAlarm(orderId);
      expect(await rowOf(orderId)).toMatchObject({ state: "invited", reason: null, personal: null });
      expect(await requestsFor(orderId)).toHaveLength(1);
    },
  );
});

describe("an object that stops while an order waits", () => {
  it.each([
    ["crash", () => crash()],
    ["eviction", (orderId: string) => evictDurableObject(ledgerOf(orderId))],
  ])("by %s sends it once afterwards", async (how, stop) => {
    const orderId = `crash-waiting-${how}`;
    await sendEvent(orderCompleted({ order_id: orderId }));
    await stop(orderId);
    expect(await runAlarm(orderId)).toBe(true);
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "invited", attempts: 1 });
    expect(await requestsFor(orderId)).toHaveLength(1);
  });
});

describe("a lost alarm", () => {
  it("is set again with the next order while the object lives on", async () => {
    const [first, second] = orderIdsOfOneLedger("alarm-lost-live", 2) as [string, string];
    await sendEvent(orderCompleted({ order_id: first }));
    await runInDurableObject(ledgerOf(first), (_, { storage }) => storage.deleteAlarm());
    advance(MINUTE);
    await sendEvent(orderCompleted({ order_id: second }));
    expect(await alarmIn(first)).not.toBeNull();
  });

  it("is set when an operation throws after others were recorded, and when setting it failed before", async () => {
    const [first, second] = orderIdsOfOneLedger("alarm-throws", 2) as [string, string];
    const claim = (orderId: string) =>
      ({ kind: "claim", order: { ...PLAIN_ORDER, orderId }, skip: null, due: Date.now() }) as const;
    const broken = { kind: "claim", order: null } as never;
    await runInDurableObject(ledgerOf(first), (ledger) =>
      expect(ledger.record([claim(first), broken])).rejects.toThrow(),
    );
    expect(await alarmIn(first)).not.toBeNull();
    await runAlarm(first);
    await runInDurableObject(ledgerOf(first), async (ledger, { storage }) => {
      vi.spyOn(storage, "setAlarm").mockRejectedValueOnce(new Error("no alarm"));
      await expect(ledger.record([claim(second)])).rejects.toThrow("no alarm");
    });
    await ledgerOf(second).record([claim(`${second}-later`)]);
    expect(await alarmIn(second)).not.toBeNull();
  });

  it("is set again when the object starts, and the order is sent", async () => {
    await sendEvent(orderCompleted({ order_id: "alarm-lost" }));
    await runInDurableObject(ledgerOf("alarm-lost"), (_, { storage }) => storage.deleteAlarm());
    expect(await runAlarm("alarm-lost")).toBe(false);
    await crash();
    await rowOf("alarm-lost");
    expect(await runAlarm("alarm-lost")).toBe(true);
    expect(await rowOf("alarm-lost")).toMatchObject({ state: "invited" });
  });

  it("is not set at the start of a ledger that has nothing to do", async () => {
    await sendEvent(orderCompleted({ order_id: "alarm-idle" }));
    await runAlarm("alarm-idle");
    expect(await rowOf("alarm-idle")).toMatchObject({ state: "invited" });
    await crash();
    expect(await alarmIn("alarm-idle")).toBeNull();
  });
});

describe("the alarm", () => {
  it("does not throw when neither its own time nor another try can be set", async () => {
    await sendEvent(orderCompleted({ order_id: "alarm-unset", email: "jane@example.com" }));
    await answerFor("alarm-unset", { status: 503 });
    await runInDurableObject(ledgerOf("alarm-unset"), async (ledger, { storage }) => {
      const setting = vi.spyOn(storage, "setAlarm").mockRejectedValue(new Error("no alarm"));
      await expect(ledger.alarm()).resolves.toBeUndefined();
      expect(setting).toHaveBeenCalledTimes(2);
    });
  });

  it("is brought forward by an order that is due earlier, and put off by none that is due later", async () => {
    const [late, early, later] = orderIdsOfOneLedger("alarm-order", 3) as [string, string, string];
    const alarms = [];
    for (const [orderId, days] of [
      [late, 3],
      [early, 1],
      [later, 2],
    ] as const) {
      const order = { ...PLAIN_ORDER, orderId };
      await ledgerOf(orderId).record([{ kind: "claim", order, skip: null, due: Date.now() + days * DAY }]);
      alarms.push(await alarmIn(orderId));
    }
    expect(alarms).toEqual([3 * DAY, DAY, DAY]);
  });

  it("survives a database in which every statement fails, comes back after a minute and then delivers", async () => {
    const lines = listen();
    await sendEvent(orderCompleted({ order_id: "alarm-sql" }));
    await sql("alarm-sql", "ALTER TABLE orders RENAME TO elsewhere");
    await expect(runAlarm("alarm-sql")).resolves.toBe(true);
    expect(lines()).toContainEqual(expect.objectContaining({ log: "ledger", error: "Error" }));
    expect(await alarmIn("alarm-sql")).toBe(MINUTE);
    await sql("alarm-sql", "ALTER TABLE elsewhere RENAME TO orders");
    advance(MINUTE);
    await runAlarm("alarm-sql");
    expect(await rowOf("alarm-sql")).toMatchObject({ state: "invited" });
  });

  it("goes on with the other orders when twelve rows cannot be read, and tries those once a minute", async () => {
    const lines = listen();
    const ids = orderIdsOfOneLedger("alarm-row", 14);
    const [broken, fixed] = ids as [string, string];
    for (const id of ids) {
      await sendEvent(orderCompleted({ order_id: id }));
      advance(1);
    }
    const damaged = ids.slice(0, 12);
    for (const id of damaged) await sql(id, "UPDATE orders SET history = '[' WHERE order_id = ?", id);
    await expect(runAlarm(broken)).resolves.toBe(true);
    await runAlarm(broken);
    for (const id of ids.slice(12)) expect(await rowOf(id)).toMatchObject({ state: "invited" });
    expect(lines()).toContainEqual(expect.objectContaining({ log: "ledger", orderId: broken }));
    expect(await alarmIn(broken)).toBe(MINUTE);
    await sql(fixed, "UPDATE orders SET history = '[]' WHERE order_id = ?", fixed);
    advance(MINUTE);
    await runAlarm(broken);
    expect(await rowOf(fixed)).toMatchObject({ state: "invited" });
  });

  it.each([
    ["history", "held", "failed"],
    ["personal", "held", "failed"],
    ["history", "sending", "unknown"],
  ])(
    "ends an order whose %s cannot be read, found %s, as %s after three attempts",
    async (column, state, end) => {
      const [broken, other] = orderIdsOfOneLedger(`alarm-${column}-${state}`, 2) as [string, string];
      await sendEvent(orderCompleted({ order_id: broken }));
      await sql(broken, `UPDATE orders SET ${column} = '{', state = ? WHERE order_id = ?`, state, broken);
      for (let attempt = 1; attempt <= 3; attempt++) {
        expect(await rowOf(broken)).toMatchObject({ state, damaged: true });
        await runAlarm(broken);
        advance(MINUTE);
      }
      expect(await rowOf(broken)).toMatchObject({
        state: end,
        reason: "damaged",
        personal: null,
        history: [{ what: end, reason: "damaged" }],
      });
      expect(await ledgerOf(broken).troubles()).toMatchObject({ lately: { [end]: 1 }, damaged: 1 });
      await sendEvent(orderCompleted({ order_id: other }));
      await runAlarm(other);
      expect(await rowOf(other)).toMatchObject({ state: "invited" });
      expect(await requestsFor(broken)).toHaveLength(0);
    },
  );

  it("is not kept from the overview by a duplicate of an order that cannot be read", async () => {
    await sendEvent(orderCompleted({ order_id: "alarm-duplicate" }));
    await sql("alarm-duplicate", "UPDATE orders SET history = '[', personal = '{'");
    expect((await sendEvent(orderCompleted({ order_id: "alarm-duplicate" }))).answer.outcome).toBe(
      "duplicate",
    );
    expect((await ledgerOf("alarm-duplicate").overview([])).open).toEqual({ held: 1 });
    expect(await rowOf("alarm-duplicate")).toMatchObject({ damaged: true });
  });

  it("goes on with what is due when a row that only waits to be erased cannot be read", async () => {
    const [broken, next] = orderIdsOfOneLedger("alarm-erase", 2) as [string, string];
    await answerFor(broken, { status: 400 });
    await sendEvent(orderCompleted({ order_id: broken }));
    await runAlarm(broken);
    await sql(broken, "UPDATE orders SET history = '[' WHERE order_id = ?", broken);
    advance(31 * DAY);
    await sendEvent(orderCompleted({ order_id: next }));
    await expect(runAlarm(next)).resolves.toBe(true);
    expect(await rowOf(next)).toMatchObject({ state: "invited" });
  });

  it("survives a fetch that throws on the spot: what was sent is unknown", async () => {
    await sendEvent(orderCompleted({ order_id: "alarm-fetch" }));
    const fetching = vi.spyOn(globalThis, "fetch").mockImplementation((_, init) => {
      if (init?.method === "HEAD") return Promise.resolve(new Response());
      throw new TypeError("no fetch");
    });
    await expect(runAlarm("alarm-fetch")).resolves.toBe(true);
    fetching.mockRestore();
    expect(await rowOf("alarm-fetch")).toMatchObject({ state: "unknown", reason: "no_answer" });
  });

  it("survives a KV that throws on the spot", async () => {
    await sendEvent(orderCompleted({ order_id: "alarm-kv" }));
    const put = () => {
      throw new Error("no KV");
    };
    await configure("alarm-kv", { ORDERS: kvWith({ put }) });
    await expect(runAlarm("alarm-kv")).resolves.toBe(true);
    expect(await rowOf("alarm-kv")).toMatchObject({ state: "invited" });
  });

  it("that runs twice at the same time sends each order once", async () => {
    const ids = orderIdsOfOneLedger("alarm-twice", 8);
    for (const id of ids) await sendEvent(orderCompleted({ order_id: id }));
    await runInDurableObject(ledgerOf(ids[0]!), (ledger) =>
      Promise.all([ledger.alarm(), ledger.alarm(), ledger.alarm()]),
    );
    for (const id of ids) {
      expect(await rowOf(id)).toMatchObject({ state: "invited", attempts: 1 });
      expect(await requestsFor(id)).toHaveLength(1);
    }
  });
});
