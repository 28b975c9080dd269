/** Details on which a promise rests and which no other test would miss. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { changeFor } from "../../src/domain/actions.ts";
import type { Operation } from "../../src/domain/operation.ts";
import type { OrderRow } from "../../src/domain/row.ts";
import { ended } from "../../src/domain/row.ts";
import { readConfig } from "../../src/config/config.ts";
import { openTransport } from "../../src/bindings/open-transport.ts";
import { claim, FailingTrustpilot, states } from "../support/failing-trustpilot.ts";
import {
  advance,
  alarmIn,
  configure,
  crash,
  DAY,
  HOUR,
  ledgerOf,
  listen,
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
import { personalOf } from "../support/status.ts";
import { LONGEST_LEASE } from "../../src/ledger/lease.ts";
import { apiSettings } from "../support/transports.ts";

useLedger();

describe("an operator's word", () => {
  it.each([
    ["send-now", 9_000],
    ["send-now", 1_000],
    ["send-again", 9_000],
  ] as const)("%s starts the age of an order due at %i anew and forgets why it had ended", (action, due) => {
    const row = { state: "failed", reason: "trustpilot_refused", due, since: 1 } as OrderRow;
    const change = changeFor(action, row, 5_000);
    expect(change).toMatchObject({ state: "held", reason: null });
    expect(change.since ?? change.due).toBe(5_000);
  });
});

describe("a paused ledger", () => {
  it("wakes when a lease ends: what is in doubt does not wait for the pause", async () => {
    await answerFor("paused-lease", { fault: "hang" });
    await sendEvent(orderCompleted({ order_id: "paused-lease" }));
    const run = runAlarm("paused-lease").catch(() => {});
    await expect.poll(() => requestsFor("paused-lease")).toHaveLength(1);
    await crash();
    await run;
    await ledgerOf("paused-lease").pause("a reason", null);
    await runInDurableObject(ledgerOf("paused-lease"), (_, { storage }) => storage.deleteAlarm());
    await crash();
    const lease = (await rowOf("paused-lease"))!.due!;
    expect(await alarmIn("paused-lease")).toBeLessThanOrEqual(lease - Date.now());
    advance(lease - Date.now());
    await runAlarm("paused-lease");
    expect((await rowOf("paused-lease"))!.state).toBe("unknown");
  });

  it("wakes at once for a deletion that is under way", async () => {
    const ids = orderIdsOfOneLedger("paused-deletion", 300);
    await claim(...ids);
    await ledgerOf(ids[0]!).pause("a reason", null);
    const forget: Operation = { kind: "forget", customer: { userId: "another-customer" } };
    const alarm = await runInDurableObject(ledgerOf(ids[0]!), async (ledger, { storage }) => {
      await storage.deleteAlarm();
      advance(HOUR);
      await ledger.record([forget]);
      return storage.getAlarm();
    });
    expect(alarm).toBe(Date.now());
  });
});

describe("an invitation of the month's plan", () => {
  /** The real allowance, with `meanwhile` before its answer. */
  async function overhear(orderId: string, meanwhile: () => Promise<unknown>): Promise<() => number[]> {
    const given: number[] = [];
    const real = () => env.ALLOWANCE.getByName("v1");
    const overheard = {
      take: async (limit: number, now: number) => {
        const answer = await real().take(limit, now);
        await meanwhile();
        return answer;
      },
      giveBack: async (takenAt: number) => {
        given.push(takenAt);
        await real().giveBack(takenAt);
      },
    };
    const ALLOWANCE = { getByName: () => overheard } as unknown as Env["ALLOWANCE"];
    await configure(orderId, { MONTHLY_LIMIT: "10", ALLOWANCE });
    return () => given;
  }

  it("is given back when the order is cancelled before its request leaves", async () => {
    const orderId = "plan-cancelled";
    await sendEvent(orderCompleted({ order_id: orderId }));
    const cancelled = { type: "track", event: "Order Cancelled", properties: { order_id: orderId } };
    await overhear(orderId, () => sendEventTo({}, cancelled));
    await runAlarm(orderId);
    expect((await rowOf(orderId))!.state).toBe("cancelled");
    expect(await requestsFor(orderId)).toHaveLength(0);
    expect(await env.ALLOWANCE.getByName("v1").used(Date.now())).toBe(0);
  });

  it("is given back to the month of which it was taken", async () => {
    const orderId = "plan-month";
    const endOfMonth = Date.UTC(new Date(START).getUTCFullYear(), 5) - 1;
    await sendEvent(orderCompleted({ order_id: orderId }));
    advance(endOfMonth - Date.now());
    vi.spyOn(globalThis, "fetch").mockImplementation(async (_, init) => {
      if (init?.method !== "HEAD") advance(DAY);
      return new Response(null, { status: init?.method === "HEAD" ? 404 : 503 });
    });
    const given = await overhear(orderId, async () => {});
    await runAlarm(orderId);
    expect(given()).toEqual([endOfMonth]);
  });
});

it("a duplicate that cannot be noted keeps no page from its answer", async () => {
  const orderId = "unnoted";
  await claim(orderId);
  await claim(orderId);
  const logged = listen();
  await sql(orderId, "ALTER TABLE daily RENAME TO daily_away");
  expect(await rowOf(orderId)).toMatchObject({ orderId });
  expect(logged()).toContainEqual(
    expect.objectContaining({ log: "ledger", reason: "duplicates were not noted" }),
  );
  await sql(orderId, "ALTER TABLE daily_away RENAME TO daily");
});

it.each([
  ["integration-key", {}],
  ["invitations-api", apiSettings("lease")],
] as const)("a lease outlasts the longest attempt with %s", async (name, settings) => {
  const orderId = `lease-${name}`;
  const checked = readConfig({ ...env, ...settings });
  if (!checked.ok) throw new Error("the settings are wrong");
  const { attemptTimeout } = openTransport(checked.config, env);
  let leased: OrderRow | null = null;
  await sendEvent(orderCompleted({ order_id: orderId }));
  await configure(orderId, settings);
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    if ((url as string).endsWith("accesstoken")) return Response.json({ access_token: "token" });
    if (init?.method === "HEAD") return new Response(null, { status: 404 });
    leased = await rowOf(orderId);
    return new Response(null, { status: 201 });
  });
  await runAlarm(orderId);
  expect(leased).toMatchObject({ state: "sending" });
  expect(leased!.due! - Date.now()).toBeGreaterThan(attemptTimeout);
  // The orders that are being sent are looked for within this time.
  expect(leased!.due! - Date.now()).toBeLessThanOrEqual(LONGEST_LEASE);
});

it("the request leaves, and its ten seconds begin, only when the lease is on disk", async () => {
  const orderId = "synced";
  const trustpilot = new FailingTrustpilot().start();
  await claim(orderId);
  await runInDurableObject(ledgerOf(orderId), async (ledger, { storage }) => {
    const disk = Promise.withResolvers<void>();
    const sync = vi.spyOn(storage, "sync").mockReturnValue(disk.promise);
    const run = ledger.alarm();
    await vi.waitUntil(() => sync.mock.calls.length === 1, { interval: 1 });
    await scheduler.wait(5);
    expect(trustpilot.total).toBe(0);
    disk.resolve();
    await run;
  });
  expect(trustpilot.total).toBe(1);
});

describe("no answer's body is left unread and open", () => {
  it.each([200, 201, 202, 251, 302, 400, 401, 429, 500, 502])("%i", async (status) => {
    let [opened, ended] = [0, 0];
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
      opened += 1;
      const endless = new ReadableStream({
        pull: (stream) => stream.enqueue(new Uint8Array(1024)),
        cancel: () => void (ended += 1),
      });
      return new Response(endless, { status });
    });
    const checked = readConfig(env);
    if (!checked.ok) throw new Error("the tests' own settings are wrong");
    await openTransport(checked.config, env).prepare(personalOf("body")).send();
    expect([opened, ended]).toEqual(status === 202 ? [2, 2] : [1, 1]);
  });
});

it.each([
  [100, 20],
  [20, 100],
  [60, 40],
])("refunds of %i and %i before their order of 100 add up: it is not invited", async (...amounts) => {
  const orderId = `early-${amounts.join("-")}`;
  for (const refund_amount of amounts) {
    const properties = { order_id: orderId, refund_amount };
    await sendEvent({
      type: "track",
      event: "Order Refunded",
      messageId: `refund-${refund_amount}`,
      properties,
    });
  }
  const { answer } = await sendEvent(orderCompleted({ order_id: orderId, total: 100 }));
  expect(answer.outcome).toBe("skipped");
});

it.each([
  ["the order that has waited longest goes first", {}, [0, 1, 2]],
  ["under an allowance the newest order goes first", { MONTHLY_LIMIT: "10" }, [2, 1, 0]],
])("%s", async (_, settings, expected) => {
  const ids = orderIdsOfOneLedger(`turn-${expected.join("")}`, 3);
  const trustpilot = new FailingTrustpilot().start();
  for (const id of ids) {
    await claim(id);
    advance(1_000);
  }
  await configure(ids[0]!, settings);
  await runAlarm(ids[0]!);
  expect([...trustpilot.posts.keys()]).toEqual(expected.map((index) => ids[index]));
});

it("an alarm that can never be set does not make the alarm throw", async () => {
  const trustpilot = new FailingTrustpilot().start();
  await claim("no-alarm");
  await runInDurableObject(ledgerOf("no-alarm"), async (ledger, { storage }) => {
    vi.spyOn(storage, "setAlarm").mockRejectedValue(new Error("no alarm"));
    trustpilot.order = 503;
    await expect(ledger.alarm()).resolves.toBeUndefined();
  });
  expect(await states("no-alarm")).toEqual({ held: 1 });
});

it("the order of a deleted customer stays cancelled, and the customer's next order is invited", async () => {
  const order = (order_id: string) => orderCompleted({ order_id }, { userId: "came-back" });
  await sendEvent(order("deleted-then"));
  await sendEvent({ type: "delete", userId: "came-back" });
  expect((await sendEvent(order("deleted-then"))).answer.outcome).toBe("duplicate");
  expect((await sendEvent(order("ordered-after"))).answer.outcome).toBe("accepted");
  for (const id of ["deleted-then", "ordered-after"]) await runAlarm(id);
  expect(await rowOf("deleted-then")).toMatchObject({ ...ended("cancelled", "customer_deleted") });
  expect((await rowOf("ordered-after"))!.state).toBe("invited");
  expect(await sql("deleted-then", "SELECT 1 FROM orders WHERE personal IS NOT NULL")).toEqual([]);
});
