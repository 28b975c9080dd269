/** What would make known orders look new is noticed before the first order: see src/registry. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { hourly } from "../../src/hourly.ts";
import { FORMAT, type ShopRecord } from "../../src/domain/shop-record.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { Registry } from "../../src/registry/registry.ts";
import { advance, crash, DAY, ledgerOf, rowOf, runAlarm, sendEventTo, useLedger } from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import { personalOf } from "../support/status.ts";

useLedger();

const registry = () => env.REGISTRY.getByName("v1");
const DEFAULT: ShopRecord = { shop: null, ledgers: 8, jurisdiction: null, format: FORMAT };
const storage = (orderId: string) =>
  runInDurableObject(ledgerOf(orderId), (_, { storage }) => Object.fromEntries(storage.kv.list()));

describe("the first order of a ledger", () => {
  it("records the shop, once", async () => {
    const register = vi.spyOn(Registry.prototype, "register");
    await sendEvent(orderCompleted({ order_id: "first" }));
    await sendEvent(orderCompleted({ order_id: "first" }));
    await crash();
    await sendEvent(orderCompleted({ order_id: "first" }));
    expect(register).toHaveBeenCalledTimes(1);
    expect(await registry().shops()).toEqual([DEFAULT]);
    expect(await storage("first")).toMatchObject({ name: expect.stringMatching(/^v1-\d$/), setup: DEFAULT });
  });

  it.each<[string, Partial<ShopRecord>, string]>([
    ["number of ledgers", { ledgers: 64 }, 'LEDGERS is "8", but orders have been recorded with "64"'],
    [
      "jurisdiction",
      { jurisdiction: "eu" },
      'JURISDICTION is not set, but orders have been recorded with "eu"',
    ],
    ["format", { format: 7 }, "Deploy the version that it was started with"],
  ])(
    "is answered 503 with what to do when the %s has changed, and nothing is recorded",
    async (_, other, why) => {
      await registry().register({ ...DEFAULT, ...other });
      const answer = await sendEventTo({}, orderCompleted({ order_id: "changed" }));
      expect(answer).toMatchObject({ status: 503, answer: { message: expect.stringContaining(why) } });
      expect(await rowOf("changed")).toBeNull();
      expect(await ledgerOf("changed").troubles()).toMatchObject({ whyClosed: expect.stringContaining(why) });
    },
  );

  it("is answered 503 when the registry cannot be reached, and recorded when it can", async () => {
    vi.spyOn(Registry.prototype, "register").mockImplementationOnce(() => {
      throw new Error("away");
    });
    expect((await sendEventTo({}, orderCompleted({ order_id: "away" }))).status).toBe(503);
    expect((await sendEventTo({}, orderCompleted({ order_id: "away" }))).status).toBe(200);
  });
});

describe("a ledger that has orders", () => {
  const expectClosed = async (orderId: string, keys: Record<string, unknown>) => {
    await sendEvent(orderCompleted({ order_id: orderId }));
    await runInDurableObject(ledgerOf(orderId), (_, { storage: { kv } }) => {
      for (const [key, value] of Object.entries(keys))
        if (value === undefined) kv.delete(key);
        else kv.put(key, value);
    });
    await crash();
    expect((await sendEventTo({}, orderCompleted({ order_id: orderId }))).status).toBe(503);
    await runAlarm(orderId);
    expect(await requestsFor(orderId)).toHaveLength(0);
  };

  it("is closed with another number of ledgers", () =>
    expectClosed("setup", { setup: { ...DEFAULT, ledgers: 16 } }));
  it("is closed under another name", () => expectClosed("renamed", { name: "shop:uk:v1-0" }));
  it("is closed when it has never stored its name", () => expectClosed("nameless", { name: undefined }));

  it("is of its own shop when it is woken by its id", async () => {
    const named = env.LEDGER.getByName("shop:gone:v1-0");
    const order = { ...personalOf("by-id"), orderId: "by-id" };
    await named.record([{ kind: "claim", order, skip: null, due: Date.now() }]);
    await crash();
    const byId = env.LEDGER.get(env.LEDGER.idFromString(named.id.toString()));
    await runInDurableObject(byId, (ledger) => ledger.alarm());
    expect(await requestsFor("by-id")).toHaveLength(0);
    expect(await byId.find("by-id")).toMatchObject({ state: "held", attempts: 0 });
  });
});

describe("every hour", () => {
  const HEARTBEAT_URL = "https://heartbeat.example.com/secret";
  const heartbeats = () => {
    const { fetch } = globalThis;
    return vi
      .spyOn(globalThis, "fetch")
      .mockImplementation((input, init) =>
        input === HEARTBEAT_URL ? Promise.resolve(new Response()) : fetch(input, init),
      );
  };
  const beats = (spy: ReturnType<typeof heartbeats>) =>
    spy.mock.calls.filter(([input]) => input === HEARTBEAT_URL).length;

  it("an alarm that was lost is set again, also of a shop that was removed", async () => {
    const removed = env.LEDGER.getByName("shop:gone:v1-0");
    const order = { ...personalOf("removed"), orderId: "removed" };
    await removed.record([{ kind: "claim", order, skip: null, due: Date.now() }]);
    await sendEvent(orderCompleted({ order_id: "hourly" }));
    const ledgers = [removed, ledgerOf("hourly")];
    for (const ledger of ledgers) await runInDurableObject(ledger, (_, { storage }) => storage.deleteAlarm());
    await hourly(env);
    for (const ledger of ledgers)
      expect(await runInDurableObject(ledger, (_, { storage }) => storage.getAlarm())).not.toBeNull();
  });

  it("the heartbeat is called while all is well, and not while an order has failed", async () => {
    const spy = heartbeats();
    await sendEvent(orderCompleted({ order_id: "beat" }));
    await hourly({ ...env, HEARTBEAT_URL });
    expect(beats(spy)).toBe(1);
    await answerFor("beat", { status: 400 });
    await runAlarm("beat");
    await hourly({ ...env, HEARTBEAT_URL });
    await hourly({ ...env, HEARTBEAT_URL, MONTHLY_LIMIT: "none" });
    expect(beats(spy)).toBe(1);
  });

  it.each(["LEDGER", "ATTEMPTS", "ALERTS"] as const)(
    "no heartbeat is called while %s does not answer; the others are woken, and the alerts look",
    async (binding) => {
      const spy = heartbeats();
      await sendEvent(orderCompleted({ order_id: "away" }));
      const look = vi.fn(() => Promise.resolve());
      const settings = { ...env, HEARTBEAT_URL, ALERT_WEBHOOK_URL: "https://hooks.example.com/secret" };
      const ALERTS = { getByName: () => ({ look, observeSilences: () => Promise.resolve() }) };
      let first = true;
      const broken = {
        getByName: (name: string) => {
          if (binding !== "LEDGER" || first) {
            first = false;
            if (binding === "ALERTS") return { look, observeSilences: () => Promise.reject(new Error()) };
            return {
              wake: () => Promise.reject(new Error()),
              recentRejections: () => Promise.reject(new Error()),
            };
          }
          return env.LEDGER.getByName(name);
        },
      };
      const wake = vi.spyOn(Ledger.prototype, "wake");
      await hourly({ ...settings, ALERTS, [binding]: broken } as unknown as Env);
      expect(wake).toHaveBeenCalledTimes(binding === "LEDGER" ? 7 : 8);
      expect(look).toHaveBeenCalledTimes(1);
      expect(beats(spy)).toBe(0);
    },
  );
});

it("a deletion reaches the ledgers of a shop that was removed", async () => {
  const removed = env.LEDGER.getByName("shop:gone:v1-3");
  const order = { ...personalOf("removed-3"), orderId: "removed-3" };
  await removed.record([{ kind: "claim", order, skip: null, due: Date.now() + DAY }]);
  await sendEvent({ type: "delete", userId: "secret-user" });
  expect(await removed.find("removed-3")).toMatchObject({ state: "cancelled", personal: null });
});

it("waiting orders of a shop that was removed end without a key, and do not wake its ledger every minute", async () => {
  const removed = env.LEDGER.getByName("shop:gone:v1-5");
  const order = { ...personalOf("removed-5"), orderId: "removed-5" };
  await removed.record([{ kind: "claim", order, skip: null, due: Date.now() }]);
  const alarm = () => runInDurableObject(removed, (ledger) => ledger.alarm());
  for (let run = 0; run < 12; run++) {
    await alarm();
    advance(60 * 60_000);
  }
  await alarm();
  const next = await runInDurableObject(removed, (_, { storage }) => storage.getAlarm());
  expect(next! - Date.now()).toBeGreaterThan(30 * 60_000);
  advance(31 * DAY);
  await alarm();
  expect(await removed.find("removed-5")).toMatchObject({ state: "skipped", personal: null });
});

describe("with several shops, a cancellation that names no shop", () => {
  const SHOPS = { uk: { affiliation: "Example UK" } };
  const shops = { SHOPS, TRUSTPILOT_INTEGRATION_KEY_UK: "runtimeTestsKeyUk" } as unknown as Partial<Env>;
  const cancelled = (order_id: string, properties: object) => ({
    type: "track",
    event: "Order Cancelled",
    properties: { order_id, ...properties },
  });
  const outcomeOf = async (event: unknown) => (await sendEventTo(shops, event)).answer.outcome;

  it("and no customer is not noted for an order to come", async () => {
    expect(await outcomeOf(cancelled("shopless-1", {}))).toBe("ignored");
    expect(await outcomeOf(orderCompleted({ order_id: "shopless-1" }))).toBe("accepted");
  });

  it("is noted for an order of the same customer, and not for another shop's of the same id", async () => {
    expect(await outcomeOf(cancelled("shopless-2", { email: "Jane@example.com" }))).toBe("accepted");
    const order = { order_id: "shopless-2", email: "jane@example.com" };
    const other = { order_id: "shopless-2", email: "other@example.com", affiliation: "Example UK" };
    expect(await outcomeOf(orderCompleted(order))).toBe("skipped");
    expect(await outcomeOf(orderCompleted(other))).toBe("accepted");
  });

  it("cancels an order that waits", async () => {
    await sendEventTo(shops, orderCompleted({ order_id: "shopless-3" }));
    expect(await outcomeOf(cancelled("shopless-3", {}))).toBe("accepted");
    expect(await rowOf("shopless-3")).toMatchObject({ state: "cancelled" });
  });
});
