/** A Segment `delete` also erases at Trustpilot, where the transport can. */
import { listDurableObjectIds, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Step } from "../../scripts/stand-in/behaviour.ts";
import { BAD_REQUEST, FIREWALL, MISSING_ROLE } from "../../scripts/stand-in/faults.ts";
import { eraseAtTrustpilot, readErasures } from "../../src/bindings/trustpilot-erasures.ts";
import type { Tokens } from "../../src/tokens/tokens.ts";
import { meter, type Bill } from "../support/bill.ts";
import { spyOnConsole } from "../support/console.ts";
import {
  advance,
  configure,
  crash,
  HOUR,
  ledgerOf,
  MINUTE,
  orderIdsOfOneLedger,
  SECOND,
  sendEventTo,
  sql,
  stopClock,
} from "../support/ledger.ts";
import { orderCompleted } from "../support/segment.ts";
import { StandInAccount, TRANSPORT_CASES } from "../support/transports.ts";

const written = spyOnConsole();
const API = TRANSPORT_CASES.find(({ name }) => name === "invitations-api")!;

let account: StandInAccount;
let settings: Env;
beforeEach(() => {
  account = new StandInAccount();
  settings = { ...account.env(API), HOLD_DAYS: "7" };
  stopClock();
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const deletion = (who: object) => ({ type: "delete", ...who });
const erased = async () => (await account.account()).erased;

/** One run of the queue, as its alarm would. Objects of the tests have the deployment's settings unless told. */
async function runQueue(): Promise<void> {
  for (const id of await listDurableObjectIds(env.TOKENS)) {
    await runInDurableObject(env.TOKENS.get(id), (instance: Tokens) => {
      (instance as unknown as { env: Env }).env = settings;
    });
    await runDurableObjectAlarm(env.TOKENS.get(id));
  }
}

async function later(milliseconds: number): Promise<void> {
  advance(milliseconds);
  await runQueue();
}

/** An order that waits, in a ledger with the settings of the test. */
async function order(orderId: string, properties: object, root: object = {}): Promise<void> {
  await ledgerOf(orderId).find(orderId);
  await configure(orderId, settings);
  await sendEventTo(settings, { ...orderCompleted({ order_id: orderId, ...properties }), ...root });
}

/** Ends when the ledger of the order has handed over what it found. */
const handedOver = (orderId: string) =>
  vi.waitFor(async () => expect(await sql(orderId, "SELECT * FROM addresses")).toEqual([]));

describe("a deletion", () => {
  it("erases the address that it names, once, and keeps it only until then", async () => {
    const event = deletion({ userId: "user-1", context: { traits: { email: "jane@example.com" } } });
    const { answer } = await sendEventTo(settings, event);
    expect(answer.message).toContain("Trustpilot is asked to erase the address too.");
    await sendEventTo(settings, event);
    expect(await readErasures(settings)).toMatchObject({ waiting: 1, erased: 0, trouble: null });
    await later(3 * SECOND);
    await later(HOUR);
    expect(await erased()).toEqual(["jane@example.com"]);
    expect(await readErasures(settings)).toMatchObject({ waiting: 0, since: null, erased: 1, byHand: 0 });
  });

  it("erases the addresses of open orders, each once, also when the object stops before it has told", async () => {
    const [first, second] = orderIdsOfOneLedger("found", 2);
    await order(first!, { email: "one@example.com" }, { userId: "user-1" });
    await order(second!, { email: "Two@example.com" }, { userId: "user-1" });
    await order("elsewhere", { email: "two@example.com" }, { userId: "user-2" });
    await sendEventTo(
      settings,
      deletion({ userId: "user-1", context: { traits: { email: "two@example.com" } } }),
    );
    await handedOver(first!);
    expect(await readErasures(settings)).toMatchObject({ waiting: 2, byHand: 0 });
    await crash();
    await later(3 * SECOND);
    expect((await erased()).toSorted()).toEqual(["one@example.com", "two@example.com"]);
  });

  it("says in the answer and on record that a customer without a known address is left to a person", async () => {
    const { answer } = await sendEventTo(settings, deletion({ userId: "user-9" }));
    expect(answer.message).toContain("erase the customer at Trustpilot by hand");
    expect(await readErasures(settings)).toMatchObject({ waiting: 0, byHand: 1, lastByHand: Date.now() });
    await order("known", { email: "one@example.com" }, { userId: "user-1" });
    expect((await sendEventTo(settings, deletion({ userId: "user-1" }))).answer.message).toContain(
      "Trustpilot is asked to erase the address too.",
    );
    await handedOver("known");
    expect(await readErasures(settings)).toMatchObject({ waiting: 1, byHand: 1 });
  });

  it("is left to a person where the transport cannot erase, and no address is kept", async () => {
    const getTokens = vi.spyOn(env.TOKENS, "getByName");
    await sendEventTo({ HOLD_DAYS: "7" }, orderCompleted({ order_id: "plain", email: "one@example.com" }));
    const { answer } = await sendEventTo({}, deletion({ userId: "user-1", email: "one@example.com" }));
    expect(answer.message).toContain("delete the customer's data there too");
    expect(await sql("plain", "SELECT * FROM addresses")).toEqual([]);
    expect(getTokens).not.toHaveBeenCalled();
    expect(await readErasures(env)).toBeNull();
  });

  it("is answered 503 when the address cannot be kept, so that Segment sends it again", async () => {
    const TOKENS = { getByName: () => ({ erase: () => Promise.reject(new Error("away")) }) };
    const event = deletion({ userId: "user-1", email: "jane@example.com" });
    expect(await sendEventTo({ ...settings, TOKENS } as unknown as Env, event)).toMatchObject({
      status: 503,
    });
  });
});

describe("an erasure that Trustpilot does not take", () => {
  it.each<[string, Step, number, "outage" | "accountRefused"]>([
    ["for an outage", { status: 503 }, 31 * SECOND, "outage"],
    ["for the firewall", FIREWALL, 31 * SECOND, "outage"],
    ["for a lost answer", { fault: "drop" }, 31 * SECOND, "outage"],
    ["for asking too often", { status: 429, headers: { "Retry-After": "120" } }, 2 * MINUTE, "outage"],
    ["for a missing role", MISSING_ROLE, HOUR, "accountRefused"],
    ["for a wrong business unit", { status: 404 }, HOUR, "accountRefused"],
  ])("%s is tried again until it is done", async (_, step, wait, trouble) => {
    await account.behave({ calls: { erase: [step] } });
    await eraseAtTrustpilot(settings, ["jane@example.com"], 0);
    await later(3 * SECOND);
    expect(await readErasures(settings)).toMatchObject({ waiting: 1, erased: 0, trouble });
    await later(wait - 2 * SECOND);
    expect(await erased()).toEqual([]);
    await later(2 * SECOND);
    expect(await erased()).toEqual(["jane@example.com"]);
    expect(await readErasures(settings)).toMatchObject({ waiting: 0, erased: 1, trouble: null });
    expect(written().filter((line) => line.includes("@"))).toEqual([]);
  });

  it("because of one address does not keep the others from being erased", async () => {
    const addresses = Array.from({ length: 8 }, (_, number) => `customer-${number}@example.com`);
    // All of them, the half with the first, its half, and that one alone.
    await account.behave({ calls: { erase: [BAD_REQUEST, BAD_REQUEST, BAD_REQUEST, BAD_REQUEST] } });
    await eraseAtTrustpilot(settings, addresses, 0);
    await later(3 * SECOND);
    expect((await erased()).toSorted()).toEqual(addresses.slice(1));
    expect(await readErasures(settings)).toMatchObject({ waiting: 0, erased: 7, byHand: 1 });
  });

  it("is left to a person when TRANSPORT no longer can, and waits while the settings are wrong", async () => {
    await eraseAtTrustpilot(settings, ["jane@example.com"], 0);
    const before = settings;
    settings = { ...before, TRUSTPILOT_TAGS: "with space" };
    await later(3 * SECOND);
    expect(await readErasures(before)).toMatchObject({ waiting: 1, trouble: "outage" });
    settings = env;
    await later(HOUR);
    expect(await readErasures(before)).toMatchObject({ waiting: 0, erased: 0, byHand: 1 });
  });
});

it("5,000 deletions in one request cost a bounded number of calls, and one reading of the open orders", async () => {
  const calls = vi.spyOn(env.TOKENS, "getByName");
  const ids = orderIdsOfOneLedger("many", 3);
  for (const id of ids) await order(id, { email: `${id}@example.com` }, { userId: id });
  const events = Array.from({ length: 5_000 }, (_, number) =>
    deletion({ userId: ids[number] ?? `user-${number}`, email: `customer-${number}@example.com` }),
  );
  let bill: Bill | undefined;
  await runInDurableObject(ledgerOf(ids[0]!), (_, { storage }) => {
    ({ bill } = meter(storage));
  });
  await sendEventTo(settings, events);
  await handedOver(ids[0]!);
  expect(await readErasures(settings)).toMatchObject({ waiting: 5_003, byHand: 0 });
  expect(calls.mock.calls.length).toBeLessThan(20);
  expect(bill!.rowsRead).toBeLessThan(100);
  expect(bill!.rowsWritten).toBeLessThan(100);
  for (let run = 0; run < 4; run++) await later(3 * SECOND);
  expect(await readErasures(settings)).toMatchObject({ waiting: 0, erased: 5_003 });
  expect(new Set(await erased()).size).toBe(5_003);
});
