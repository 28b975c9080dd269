/** MONTHLY_LIMIT: the plan's invitations of a month. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Step } from "../../scripts/stand-in/behaviour.ts";
import {
  advance,
  alarmIn,
  configure,
  crash,
  HOUR,
  listen,
  MINUTE,
  orderIdsOfOneLedger,
  rowOf,
  runAlarm,
  skipTimeouts,
  START,
  stopClock,
  useLedger,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";

useLedger();
beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
});

/** The first of June, when START's month is over. */
const NEXT_MONTH = Date.UTC(new Date(START).getUTCFullYear(), 5);
const used = () => env.ALLOWANCE.getByName("v1").used(Date.now());

async function deliver(orderId: string, limit: number, ...steps: Step[]): Promise<void> {
  await answerFor(orderId, ...steps);
  await sendEvent(orderCompleted({ order_id: orderId }));
  await configure(orderId, { MONTHLY_LIMIT: String(limit) });
  await runAlarm(orderId);
}

describe("MONTHLY_LIMIT", () => {
  it("holds the orders above it back into the next month, over all ledgers, and then sends them", async () => {
    const lines = listen();
    const ids = Array.from({ length: 6 }, (_, index) => `limit-${index}`);
    for (const id of ids) await deliver(id, 4);
    const states = async () => Promise.all(ids.map(async (id) => (await rowOf(id))?.state));
    expect(await states()).toEqual(["invited", "invited", "invited", "invited", "held", "held"]);
    expect(await rowOf("limit-5")).toMatchObject({ attempts: 0 });
    expect(await alarmIn("limit-5"), "a raised limit is found within the hour").toBe(HOUR);
    expect(lines()).toContainEqual(
      expect.objectContaining({ log: "ledger", reason: "MONTHLY_LIMIT is used up" }),
    );

    advance(NEXT_MONTH - Date.now());
    for (const id of ids.slice(4)) {
      await configure(id, { MONTHLY_LIMIT: "4" });
      await runAlarm(id);
    }
    expect(await states()).toEqual(Array.from(ids, () => "invited"));
    expect(await used()).toBe(2);
  });

  it("that has been raised counts as soon as it is deployed", async () => {
    await deliver("limit-raise-0", 1);
    await deliver("limit-raise-1", 1);
    expect(await rowOf("limit-raise-1")).toMatchObject({ state: "held" });
    await crash();
    await configure("limit-raise-1", { MONTHLY_LIMIT: "2" });
    await runAlarm("limit-raise-1");
    expect(await rowOf("limit-raise-1")).toMatchObject({ state: "invited" });
  });

  it.each<[string, Step, number]>([
    ["created costs one", { status: 201 }, 1],
    ["lost costs one: it may exist", { fault: "drop" }, 1],
    ["ambiguous costs one: it may exist", { status: 200 }, 1],
    ["refused costs none", { status: 400 }, 0],
    ["that waits for another try costs none", { status: 503 }, 0],
    ["of a blocked shop costs none", { status: 251 }, 0],
  ])("an invitation %s", async (name, step, cost) => {
    await deliver(`limit-${name.length}`, 10, step);
    expect(await used()).toBe(cost);
  });

  it("warns once a month when 80 % are used, also when the count goes up and down there", async () => {
    const lines = listen();
    const warnings = () => lines().filter(({ log }) => log === "allowance");
    for (let index = 0; index < 3; index++) await deliver(`warn-${index}`, 5);
    expect(warnings()).toEqual([]);
    await deliver("warn-failed", 5, { status: 400 });
    await deliver("warn-3", 5);
    await deliver("warn-4", 5);
    expect(warnings()).toEqual([expect.objectContaining({ level: "warn", used: 4, limit: 5 })]);
  });

  it("that is lowered below what has been used warns and sends nothing more", async () => {
    for (let index = 0; index < 3; index++) await deliver(`lower-${index}`, 50);
    await deliver("lower-3", 2);
    expect(await used()).toBe(3);
    expect(await rowOf("lower-3")).toMatchObject({ state: "held" });
  });

  it.each([
    ["cannot be asked", () => Promise.reject(new Error("away"))],
    ["does not answer", () => new Promise<never>(() => {})],
  ])("%s: the orders wait a minute instead of overdrawing the plan", async (how, take) => {
    skipTimeouts();
    const [orderId] = orderIdsOfOneLedger(`limit-${how.slice(0, 3)}`, 1) as [string];
    const away = { getByName: () => ({ take }) };
    await sendEvent(orderCompleted({ order_id: orderId }));
    await configure(orderId, { MONTHLY_LIMIT: "9", ALLOWANCE: away as unknown as typeof env.ALLOWANCE });
    await runAlarm(orderId);
    expect(await requestsFor(orderId)).toHaveLength(0);
    expect(await alarmIn(orderId)).toBe(MINUTE);
    advance(MINUTE);
    await configure(orderId, { MONTHLY_LIMIT: "9" });
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "invited" });
  });

  /** The real allowance; `afterTake` happens once a token has been taken. */
  const allowanceWith = (afterTake: () => unknown) =>
    ({
      getByName: (name: string) => {
        const stub = env.ALLOWANCE.getByName(name);
        const take = async (limit: number, now: number) => {
          const taken = await stub.take(limit, now);
          await afterTake();
          return taken;
        };
        return { take, giveBack: (now: number) => stub.giveBack(now) };
      },
    }) as unknown as typeof env.ALLOWANCE;

  it("an order that is cancelled while it is counted costs none", async () => {
    await sendEvent(orderCompleted({ order_id: "limit-cancelled" }));
    const properties = { order_id: "limit-cancelled" };
    const ALLOWANCE = allowanceWith(() => sendEvent({ type: "track", event: "Order Cancelled", properties }));
    await configure("limit-cancelled", { MONTHLY_LIMIT: "9", ALLOWANCE });
    await runAlarm("limit-cancelled");
    expect(await rowOf("limit-cancelled")).toMatchObject({ state: "cancelled" });
    expect(await requestsFor("limit-cancelled")).toHaveLength(0);
    expect(await used()).toBe(0);
  });

  it("what is given back after midnight goes to the month that it was taken from", async () => {
    stopClock(NEXT_MONTH - MINUTE);
    await deliver("limit-june-0", 9);
    await answerFor("limit-june-1", { status: 400 });
    await sendEvent(orderCompleted({ order_id: "limit-june-1" }));
    const ALLOWANCE = allowanceWith(() => advance(HOUR));
    await configure("limit-june-1", { MONTHLY_LIMIT: "9", ALLOWANCE });
    await runAlarm("limit-june-1");
    expect(await rowOf("limit-june-1")).toMatchObject({ state: "failed" });
    expect(await env.ALLOWANCE.getByName("v1").used(NEXT_MONTH - MINUTE)).toBe(1);
    expect(await used()).toBe(0);
  });

  it("the newest order goes first: one that has waited for months is of less use", async () => {
    const ids = orderIdsOfOneLedger("limit-newest", 3);
    for (const id of ids) {
      await sendEvent(orderCompleted({ order_id: id }));
      advance(MINUTE);
    }
    await configure(ids[0]!, { MONTHLY_LIMIT: "1" });
    await runAlarm(ids[0]!);
    const states = await Promise.all(ids.map(async (id) => (await rowOf(id))?.state));
    expect(states).toEqual(["held", "held", "invited"]);
  });

  it("without it nothing is counted", async () => {
    await sendEvent(orderCompleted({ order_id: "limit-none" }));
    await runAlarm("limit-none");
    expect(await used()).toBe(0);
  });

  it("a month ends at midnight UTC", async () => {
    stopClock(NEXT_MONTH - HOUR);
    await deliver("limit-midnight-0", 1);
    await deliver("limit-midnight-1", 1);
    expect(await alarmIn("limit-midnight-1")).toBe(HOUR);
  });
});
