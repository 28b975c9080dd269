/**
 * What one order costs in operations that Cloudflare bills: the figures of docs/cost.md.
 */
import { env } from "cloudflare:workers";
import {
  createExecutionContext,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import app from "../../src/index.ts";
import { hourly } from "../../src/hourly.ts";
import { ledgerName } from "../support/shard.ts";
import type { EventAnswer } from "../../src/domain/event-answer.ts";
import { meter, type Bill } from "../support/bill.ts";
import { orderCompleted, sendEvent, signedRequest } from "../support/segment.ts";
import { HOUR, START } from "../support/ledger.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import type { Operation } from "../../src/domain/operation.ts";
import { PLAIN_ORDER } from "../support/events.ts";

const ORDER = "cost-1";

let bill: Bill;
const ledger = () => env.LEDGER.getByName(ledgerName(ORDER));

beforeEach(async () => {
  bill = await runInDurableObject(ledger(), (_, { storage }) => meter(storage).bill);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

describe("an order that is invited at once", () => {
  it("writes eight rows, its alarm included, and reads a few", async () => {
    await sendEvent(orderCompleted({ order_id: ORDER }));
    await expect.poll(() => env.ORDERS.get(`order:${ORDER}`)).not.toBeNull();

    expect(await requestsFor(ORDER)).toHaveLength(1);
    expect(bill.rowsWritten + bill.alarmsSet).toBe(8);
    expect(bill.rowsRead).toBeLessThanOrEqual(25);
  });

  it("reads one KV key, calls one ledger once, and wakes one alarm", async () => {
    const { calls } = await takeCounting(orderCompleted({ order_id: ORDER }));
    expect(calls).toEqual({ kvReads: 1, ledgerCalls: 1 });
    await expect.poll(() => env.ORDERS.get(`order:${ORDER}`)).not.toBeNull();
    expect(bill.alarmsSet).toBe(1);
  });
});

it("each retry writes five rows and an alarm, however many there were before", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  await answerFor(ORDER, { status: 500 }, { status: 500 }, { status: 500 });
  await sendEvent(orderCompleted({ order_id: ORDER }));
  const written: [rows: number, alarms: number][] = [];
  for (let attempts = 1; attempts <= 3; attempts++) {
    Object.assign(bill, { rowsRead: 0, rowsWritten: 0, alarmsSet: 0 });
    await runDurableObjectAlarm(ledger());
    expect(await ledger().find(ORDER)).toMatchObject({ state: "held", attempts });
    written.push([bill.rowsWritten, bill.alarmsSet]);
    await ledger().resume();
    vi.setSystemTime(Date.now() + HOUR);
  }
  vi.useRealTimers();
  expect(written).toEqual([
    [5, 1],
    [5, 1],
    [5, 1],
  ]);
});

it("the hourly Cron calls the registry and each ledger once, and writes nothing", async () => {
  await ledger().record([claimOf(ORDER)]);
  Object.assign(bill, { rowsWritten: 0, alarmsSet: 0 });
  const called: string[] = [];
  const counting = (of: "LEDGER" | "REGISTRY") => ({
    getByName: (name: string) => {
      called.push(of);
      return env[of].getByName(name);
    },
  });
  await hourly({ ...env, LEDGER: counting("LEDGER"), REGISTRY: counting("REGISTRY") } as unknown as Env);
  expect(called).toEqual(["REGISTRY", ...Array.from({ length: 8 }, () => "LEDGER")]);
  expect(bill).toMatchObject({ rowsWritten: 0, alarmsSet: 0 });
});

describe("a duplicate", () => {
  it("that KV knows costs one KV read and no call to a ledger", async () => {
    await env.ORDERS.put(`order:${ORDER}`, "invited");
    const { calls, answer } = await takeCounting(orderCompleted({ order_id: ORDER }));
    expect(answer.outcome).toBe("duplicate");
    expect(calls).toEqual({ kvReads: 1, ledgerCalls: 0 });
  });

  it("that only the Ledger knows costs one call, and writes nothing before it is answered", async () => {
    await ledger().record([claimOf(ORDER)]);
    Object.assign(bill, { rowsRead: 0, rowsWritten: 0, alarmsSet: 0 });
    const { calls, answer } = await takeCounting(orderCompleted({ order_id: ORDER }));
    expect(answer.outcome).toBe("duplicate");
    expect(calls).toEqual({ kvReads: 1, ledgerCalls: 1 });
    expect(bill).toMatchObject({ rowsRead: 0, rowsWritten: 0, alarmsSet: 0 });
  });
});

it("a hundred mixed events cost one bulk read of KV and one call for each ledger concerned", async () => {
  const events = Array.from({ length: 100 }, (_, n) =>
    n % 10 === 0 ? orderCompleted({ order_id: `cost-batch-${n}` }) : { type: "page", messageId: String(n) },
  );
  const ledgers = new Set(events.flatMap((_, n) => (n % 10 === 0 ? [ledgerName(`cost-batch-${n}`)] : [])));
  const { calls } = await takeCounting(events);
  expect(calls).toEqual({ kvReads: 1, ledgerCalls: ledgers.size });
});

/** Sends `body` and counts the operations that the request itself causes. */
async function takeCounting(body: unknown) {
  const calls = { kvReads: 0, ledgerCalls: 0 };
  const kv = new Proxy(env.ORDERS, {
    get: (target, name) => {
      if (name === "get") calls.kvReads += 1;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const namespace = {
    getByName: (name: string) => {
      calls.ledgerCalls += 1;
      return env.LEDGER.getByName(name);
    },
  } as unknown as typeof env.LEDGER;
  const ctx = createExecutionContext();
  const response = await app.fetch(signedRequest(body), { ...env, ORDERS: kv, LEDGER: namespace }, ctx);
  await waitOnExecutionContext(ctx);
  return { calls, answer: await response.json<EventAnswer>() };
}

function claimOf(orderId: string): Operation {
  return { kind: "claim", order: { ...PLAIN_ORDER, orderId }, skip: null, due: Date.now() + 3_600_000 };
}
