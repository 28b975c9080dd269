/** KV may fail: orders go on without it. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import {
  advance,
  configure,
  kvWith,
  listen,
  MINUTE,
  orderIdsOfOneLedger,
  rowOf,
  runAlarm,
  sendEventTo,
  skipTimeouts,
  useLedger,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";

useLedger();

const fail = (message: string) => () => Promise.reject(new Error(message));
const never = () => new Promise<never>(() => {});
const thrown = () => {
  throw new Error("KV throws on the spot");
};

describe.each<[string, KVNamespace]>([
  ["is down", kvWith({ get: fail("KV GET failed: 500"), put: fail("KV PUT failed: 500") })],
  ["is over its daily limit", kvWith({ get: async () => null, put: fail("KV put() limit exceeded") })],
  ["never answers", kvWith({ get: never, put: never })],
  ["throws on the spot", kvWith({ get: thrown, put: thrown })],
  ["is not there", kvWith({})],
])("when KV %s", (name, ORDERS) => {
  const orderId = `kv-${name.replaceAll(" ", "-")}`;

  it("an order is taken, told apart from its duplicates and invited once", async () => {
    const lines = listen();
    const event = orderCompleted({ order_id: orderId });
    expect(await sendEventTo({ ORDERS }, event)).toMatchObject({
      status: 200,
      answer: { outcome: "accepted" },
    });
    expect(await sendEventTo({ ORDERS }, event)).toMatchObject({
      status: 200,
      answer: { outcome: "duplicate" },
    });
    await configure(orderId, { ORDERS });
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "invited" });
    expect(await sendEventTo({ ORDERS }, event)).toMatchObject({ answer: { outcome: "duplicate" } });
    expect(await requestsFor(orderId)).toHaveLength(1);
    if (name !== "never answers")
      await vi.waitFor(() => expect(lines().some(({ log }) => log === "kv")).toBe(true));
  });
});

describe("the seen cache", () => {
  it("has at most one write under way in a ledger: one that hangs takes no connection from the deliveries", async () => {
    const ids = orderIdsOfOneLedger("kv-hangs", 8);
    for (const id of ids) await sendEvent(orderCompleted({ order_id: id }));
    let writes = 0;
    const put = () => {
      writes += 1;
      return never();
    };
    await configure(ids[0]!, { ORDERS: kvWith({ put }) });
    const lines = listen();
    const later = orderIdsOfOneLedger("kv-hangs", 10).slice(8);
    await runAlarm(ids[0]!);
    for (const id of later) await sendEvent(orderCompleted({ order_id: id }));
    advance(MINUTE);
    await runAlarm(ids[0]!);
    for (const id of [...ids, ...later]) expect(await rowOf(id)).toMatchObject({ state: "invited" });
    expect(writes).toBe(1);
    expect(lines().filter(({ log }) => log === "kv")).toMatchObject([{ error: "TimeoutError" }]);
  });

  it("gives up a write that hangs after an order that is skipped, and the Worker's work ends", async () => {
    skipTimeouts();
    const lines = listen();
    const put = vi.fn(never);
    const ORDERS = kvWith({ get: async () => null, put });
    // It waits for all that the Worker does after its answer.
    const { answer } = await sendEventTo(
      { ORDERS },
      { ...orderCompleted({ order_id: "kv-skipped" }), timestamp: "2001-01-01T00:00:00Z" },
    );
    expect(answer).toMatchObject({ outcome: "skipped" });
    expect(put).toHaveBeenCalledOnce();
    expect(lines()).toContainEqual(expect.objectContaining({ log: "kv", error: "TimeoutError" }));
  });

  it("is written only when the ledger knows the order's end", async () => {
    const event = orderCompleted({ order_id: "kv-order" });
    await sendEvent(event);
    expect(await env.ORDERS.get("order:kv-order")).toBeNull();
    await runAlarm("kv-order");
    await expect.poll(() => env.ORDERS.get("order:kv-order")).toMatch(/^invited \d{4}-/);
  });

  it("has no personal data and no expiry", async () => {
    await sendEvent(orderCompleted({ order_id: "kv-plain", name: "Jane", surname: "Doe" }));
    await runAlarm("kv-plain");
    await expect.poll(() => env.ORDERS.get("order:kv-plain")).not.toBeNull();
    const { keys } = await env.ORDERS.list();
    expect(keys).toEqual([{ name: "order:kv-plain" }]);
    expect(await env.ORDERS.get("order:kv-plain")).not.toMatch(/jane|doe/i);
  });

  it("answers for the ledger: a known order does not reach it", async () => {
    await env.ORDERS.put("order:kv-known", "invited");
    const LEDGER = { getByName: () => expect.fail("the ledger was asked") } as unknown as typeof env.LEDGER;
    const { answer } = await sendEventTo({ LEDGER }, orderCompleted({ order_id: "kv-known" }));
    expect(answer).toEqual({ outcome: "duplicate", orderId: "kv-known" });
  });

  it("decides about a known order even if this copy cannot be invited: a duplicate that hears what is wrong with it", async () => {
    await env.ORDERS.put("order:kv-known-bare", "invited");
    const bare = (orderId: string) => orderCompleted({ order_id: orderId, email: undefined });
    expect((await sendEventTo({}, bare("kv-known-bare"))).answer).toEqual({
      outcome: "duplicate",
      orderId: "kv-known-bare",
      message: expect.stringContaining("without an email"),
    });
    expect((await sendEventTo({}, bare("kv-unknown-bare"))).answer).toMatchObject({
      outcome: "rejected",
      orderId: "kv-unknown-bare",
      message: expect.stringContaining("without an email"),
    });
  });

  it("is asked for no order that the event's integrations object turns off", async () => {
    await env.ORDERS.put("order:kv-turned-off", "invited");
    const event = orderCompleted({ order_id: "kv-turned-off" }, { integrations: { Trustpilot: false } });
    expect((await sendEventTo({}, event)).answer).toMatchObject({
      outcome: "skipped",
      orderId: "kv-turned-off",
    });
  });
});
