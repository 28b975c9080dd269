/** Every wait ends, and an operator who sends an order starts its wait anew. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { Pause } from "../../src/domain/pause.ts";
import { ledgerName } from "../support/shard.ts";
import {
  advance,
  alarmIn,
  configure,
  DAY,
  HOUR,
  ledgerOf,
  MINUTE,
  orderIdsOfOneLedger,
  rowOf,
  runAlarm,
  sendEventTo,
  sql,
  useLedger,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import { pauseLedger } from "../support/status.ts";

useLedger();

const ENDLESS = 4e12;
const PAUSES: Pause[] = [
  { kind: "operator", reason: "a reason", since: 0, until: null },
  { kind: "blocked", host: "shop.example.com", since: 0 },
  { kind: "rateLimited", until: ENDLESS },
  { kind: "outage", failure: "error", failures: 9, since: 0, until: ENDLESS },
];

const usedUp = { getByName: () => ({ take: async () => false }) } as unknown as typeof env.ALLOWANCE;

it.each<[string, Pause | null, Partial<Env>]>([
  ...PAUSES.map((pause): [string, Pause, Partial<Env>] => [pause.kind, pause, {}]),
  ["allowance", null, { MONTHLY_LIMIT: "5", ALLOWANCE: usedUp }],
  ["misconfigured", null, { ON_UNKNOWN: "perhaps" }],
])(
  "a wait of more than MAX_WAIT_DAYS ends during a pause (%s), by the alarm that the ledger sets itself",
  async (kind, pause, settings) => {
    const orderId = `waits-${kind}`;
    await sendEvent(orderCompleted({ order_id: orderId }));
    if (pause !== null) await pauseLedger(ledgerName(orderId), pause);
    await configure(orderId, settings);
    advance(30 * DAY);
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "held", attempts: 0 });
    expect(await alarmIn(orderId)).toBeLessThanOrEqual(HOUR);
    advance(HOUR);
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({
      state: "skipped",
      reason: "waited_too_long",
      personal: null,
    });
    expect(await requestsFor(orderId)).toHaveLength(0);
  },
);

it.each(["MAX_WAIT_DAYS", "MAX_ORDER_AGE_DAYS"])(
  "no wait ends by the default of %s while its own value cannot be read",
  async (name) => {
    const orderId = `waits-unreadable-${name}`;
    await sendEvent(orderCompleted({ order_id: orderId }));
    await configure(orderId, { MAX_WAIT_DAYS: "60", MAX_ORDER_AGE_DAYS: "60", [name]: "6O" });
    advance(31 * DAY);
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "held" });
    expect(await alarmIn(orderId)).toBe(MINUTE);
    await configure(orderId, { MAX_WAIT_DAYS: "60", MAX_ORDER_AGE_DAYS: "60" });
    advance(HOUR);
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "invited" });
  },
);

it.each([
  ["send-now", "held", { status: 503 }],
  ["send-again", "unknown", { fault: "drop" }],
] as const)(
  "%s counts the wait from then on and forgets why the order waited: a 503 after it is tried again",
  async (action, state, step) => {
    const orderId = `waits-${action}`;
    await answerFor(orderId, step, { status: 503 });
    await sendEvent(orderCompleted({ order_id: orderId }));
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state });
    advance(29 * DAY);
    expect(await ledgerOf(orderId).act(orderId, action)).toMatchObject({ kind: "done" });
    await ledgerOf(orderId).resume();
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "held", reason: null, attempts: 2 });
    advance(29 * DAY);
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "invited", attempts: 3 });
  },
);

it("a hold does not count as waiting: an order that is held for long is sent when it is due", async () => {
  const settings = { HOLD_DAYS: "90", MAX_WAIT_DAYS: "2" };
  await sendEventTo(settings, orderCompleted({ order_id: "waits-hold" }));
  await configure("waits-hold", settings);
  advance(90 * DAY);
  await runAlarm("waits-hold");
  expect(await rowOf("waits-hold")).toMatchObject({ state: "invited" });
});

it("a paused ledger is woken when a lease ends, long before its pause does", async () => {
  const [leased, held] = orderIdsOfOneLedger("waits-lease", 2) as [string, string];
  for (const id of [leased, held]) await sendEvent(orderCompleted({ order_id: id }));
  const due = Date.now() + MINUTE;
  await sql(
    leased,
    "UPDATE orders SET state = 'sending', due = ?, attempts = 1 WHERE order_id = ?",
    due,
    leased,
  );
  await pauseLedger(ledgerName(leased), PAUSES[0]!);
  await runInDurableObject(ledgerOf(leased), (ledger) => ledger.alarm());
  expect(await alarmIn(leased)).toBe(MINUTE);
  advance(MINUTE);
  await runAlarm(leased);
  expect(await rowOf(leased)).toMatchObject({ state: "unknown", reason: "interrupted" });
  expect(await rowOf(held)).toMatchObject({ state: "held", attempts: 0 });
});

it("of many orders that are due, those that became due first are sent first", async () => {
  const ids = orderIdsOfOneLedger("waits-first", 13);
  for (const id of ids) {
    await sendEvent(orderCompleted({ order_id: id }));
    advance(1);
  }
  await runAlarm(ids[0]!);
  const states = await Promise.all(ids.map(async (id) => (await rowOf(id))?.state));
  expect(states).toEqual([...Array.from({ length: 12 }, () => "invited"), "held"]);
});

it("an order's history stays short, however many duplicates come in a second and in a year", async () => {
  const order = orderCompleted({ order_id: "waits-history" });
  await sendEvent(order);
  const row = await rowOf("waits-history");
  const claim = { kind: "claim", order: row!.personal!, skip: null, due: Date.now() } as const;
  const lengths: number[] = [];
  for (let second = 0; second < 10; second++) {
    await ledgerOf("waits-history").record(Array.from({ length: 1_000 }, () => claim));
    lengths.push((await rowOf("waits-history"))!.history.length);
  }
  expect(lengths[0]).toBe(1 + 10);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(30);
  expect(lengths.at(-1)).toBe(30);
});
