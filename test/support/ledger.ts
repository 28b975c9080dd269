/**
 * Drives the ledgers from a test: the clock, the alarm, the configuration, the crash.
 *
 * With the clock ahead of the real one no alarm fires by itself, so each run happens when the test says so.
 */
import { env } from "cloudflare:workers";
import {
  abortAllDurableObjects,
  createExecutionContext,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { afterEach, beforeEach, vi } from "vitest";
import app from "../../src/index.ts";
import { TIMEOUT } from "../../src/bindings/objects.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { ledgerName } from "./shard.ts";
import type { EventAnswer } from "../../src/domain/event-answer.ts";
import { orderCompleted, sendEvent, signedRequest } from "./segment.ts";
import type { OrderRow } from "../../src/domain/row.ts";

export { DAY, HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";

/** Tenth of May of next year: certainly ahead of the real clock, and far from the end of a month. */
export const START = Date.UTC(new Date().getUTCFullYear() + 1, 4, 10, 12);

/** Each test of the file has a clock that stands still, and ledgers without orders. */
export function useLedger(): void {
  beforeEach(() => stopClock());
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.useRealTimers();
    await reset();
  });
}

/** Stops the clock; `vi.useRealTimers()` undoes it. */
export function stopClock(at: number = START): void {
  vi.useFakeTimers({ toFake: ["Date"], now: at });
}

export function advance(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds);
}

/** A new stub each time: one that has seen its object die stays broken. */
export function ledgerOf(orderId: string): DurableObjectStub<Ledger> {
  return env.LEDGER.getByName(ledgerName(orderId));
}

export async function rowOf(orderId: string): Promise<OrderRow | null> {
  return ledgerOf(orderId).find(orderId);
}

/** Runs the alarm of the order's ledger. @returns whether one was set */
export function runAlarm(orderId: string): Promise<boolean> {
  return runDurableObjectAlarm(ledgerOf(orderId));
}

/** When the alarm of the order's ledger is set for, in ms from now. */
export function alarmIn(orderId: string): Promise<number | null> {
  return runInDurableObject(ledgerOf(orderId), async (_, { storage }) => {
    const alarm = await storage.getAlarm();
    return alarm === null ? null : alarm - Date.now();
  });
}

/** Runs statements on the ledger's own database. */
export function sql(orderId: string, statement: string, ...bindings: SqlStorageValue[]) {
  return runInDurableObject(ledgerOf(orderId), (_, { storage }) =>
    storage.sql.exec(statement, ...bindings).toArray(),
  );
}

/**
 * Lets the ledger of these orders send five at once, as one that has been at work does: invites three of its own.
 *
 * @param orderId of an order that has not been sent to the Worker yet
 */
export async function warmUp(orderId: string): Promise<void> {
  const ids: string[] = [];
  for (let number = 0; ids.length < 3; number++) {
    const id = `${orderId}-warm-${number}`;
    if (ledgerName(id) === ledgerName(orderId)) ids.push(id);
  }
  for (const id of ids) await sendEvent(orderCompleted({ order_id: id }));
  await runAlarm(orderId);
}

/** A KV whose methods are replaced by `methods`. */
export function kvWith(methods: Partial<Record<"get" | "put", () => unknown>>): KVNamespace {
  return methods as unknown as KVNamespace;
}

/** Gives the order's ledger other settings or bindings, until its object stops. */
export function configure(orderId: string, settings: Partial<Env>): Promise<void> {
  return runInDurableObject(ledgerOf(orderId), (instance) => {
    (instance as unknown as { env: Env }).env = { ...env, ...settings };
  });
}

/** Lets time-outs of our own objects pass at once, until `vi.restoreAllMocks()`. */
export function skipTimeouts(): void {
  const wait = scheduler.wait.bind(scheduler);
  vi.spyOn(scheduler, "wait").mockImplementation((milliseconds, options) =>
    wait(milliseconds === TIMEOUT ? 20 : milliseconds, options),
  );
}

/** All objects stop at once, with whatever they have in hand: only what is on disk is left. */
export const crash = abortAllDurableObjects;

/** Sends one event to a Worker with other settings or bindings. */
export async function sendEventTo(
  settings: Partial<Env>,
  event: unknown,
): Promise<{ status: number; answer: EventAnswer }> {
  const context = createExecutionContext();
  const response = await app.fetch(signedRequest(event), { ...env, ...settings }, context);
  const answer = await response.json<EventAnswer>();
  await waitOnExecutionContext(context);
  return { status: response.status, answer };
}

/** What has been logged since the spy was set, parsed. Call before what is to be heard. */
export function listen(): () => Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  for (const level of ["log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line: unknown) => {
      lines.push({ level, ...(JSON.parse(String(line)) as object) });
    });
  }
  return () => lines;
}

/** `count` order ids that start with `prefix` and live in one ledger. */
export function orderIdsOfOneLedger(prefix: string, count: number): string[] {
  const ids: string[] = [];
  for (let number = 0; ids.length < count; number++) {
    const id = `${prefix}-${number}`;
    if (ids.length === 0 || ledgerName(id) === ledgerName(ids[0]!)) ids.push(id);
  }
  return ids;
}

/** What KV remembers of an order. To be polled: the ledger does not wait for KV. */
export async function kvSays(orderId: string): Promise<string | null> {
  return env.ORDERS.get(`order:${orderId}`);
}
