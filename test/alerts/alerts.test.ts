import { env } from "cloudflare:workers";
import { abortAllDurableObjects, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ledgerName, ledgerNames } from "../support/shard.ts";
import {
  alerts,
  configureAll,
  deliverNow,
  lookNow,
  lookWhenRung,
  nextLookIn,
  playWebhook,
  WEBHOOK,
  type Webhook,
} from "../support/alerts.ts";
import { orderCompleted, sendEvent, signedRequest } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import { nextMonth } from "../../src/domain/month.ts";
import { NO_REJECTIONS } from "../../src/domain/rejections.ts";
import { hourly } from "../../src/hourly.ts";
import { lookJson } from "../support/status.ts";
import { callWorker, URL_OF_SEGMENT } from "../support/worker.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Ahead of the real clock, so that no alarm fires unless a test says so. */
const START = Date.UTC(new Date().getUTCFullYear() + 1, 4, 10, 12);

const SETTINGS: Partial<Env> = {
  ALERT_WEBHOOK_URL: WEBHOOK,
  PUBLIC_URL: "https://invitations.example.com",
};

let webhook: Webhook;
let logged: string[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  webhook = playWebhook();
  logged = [];
  for (const level of ["log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void logged.push(String(line)));
  }
  await configureAll(SETTINGS);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await reset();
});

const ledgerOf = (orderId: string) => env.LEDGER.getByName(ledgerName(orderId));
const stateOf = async (orderId: string) => (await ledgerOf(orderId).find(orderId))?.state;
const advance = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

/** One order, received, answered with `status` and delivered as far as that goes. */
async function deliver(orderId: string, status: number): Promise<void> {
  await answerFor(orderId, { status });
  await sendEvent(orderCompleted({ order_id: orderId, name: "Jane", surname: "Doe" }));
  await deliverNow(ledgerOf(orderId));
}

/** Looks at its intervals for as long as `duration` and there is a reason to. */
async function lookFor(duration: number): Promise<void> {
  for (const end = Date.now() + duration; Date.now() < end;) {
    const wait = await nextLookIn();
    if (wait === null) return;
    advance(Math.max(0, wait));
    await lookNow();
  }
}

describe("the operator is told", () => {
  it("of orders that failed, with counts, a link and no personal data", async () => {
    for (const order of ["failed-1", "failed-2", "failed-3"]) await deliver(order, 400);
    await lookWhenRung();

    expect(webhook.received).toHaveLength(1);
    const { text, init } = webhook.received[0]!;
    expect(text).toContain("shop.example.com");
    expect(text).toContain("3 orders failed");
    expect(text).toContain("https://invitations.example.com/status");
    expect(text).not.toMatch(/jane|doe|@|failed-\d/i);
    expect(text).not.toContain(env.TRUSTPILOT_INTEGRATION_KEY);
    expect(text).not.toContain(env.SEGMENT_SHARED_SECRET);
    expect(init).toMatchObject({ method: "POST", headers: { "Content-Type": "application/json" } });
    expect(Object.keys(JSON.parse(init.body as string) as object)).toEqual(["text"]);
  });

  it("of unknown orders when they pile up, and not of four", async () => {
    const unknown = async (from: number, to: number) => {
      for (let number = from; number <= to; number++) await deliver(`unknown-${number}`, 200);
    };
    await unknown(1, 4);
    await lookWhenRung();
    // That Trustpilot confirms nothing is told at once.
    const told = () =>
      webhook.received
        .flatMap(({ text }) => text.split("\n"))
        .filter((line) => /unknown|may not/.test(line) && !/confirm/.test(line));
    expect(told()).toEqual([]);

    advance(5 * MINUTE);
    await unknown(5, 5);
    await lookWhenRung();
    expect(told()).toEqual([expect.stringContaining("5 orders may or may not")]);
  });

  it("once of a blocked domain that several ledgers find, and once when it is over", async () => {
    for (const order of ["blocked-1", "blocked-2", "blocked-3"]) await deliver(order, 252);
    await lookWhenRung();
    expect(webhook.received.map(({ text }) => text)).toEqual([
      expect.stringMatching(/has disabled the integration.*: 3 orders wait\./),
    ]);
    await lookFor(DAY);
    expect(webhook.received).toHaveLength(1);

    for (const name of ledgerNames()) await env.LEDGER.getByName(name).resume();
    for (const order of ["blocked-1", "blocked-2", "blocked-3"]) {
      await answerFor(order, { status: 201 });
      await runDurableObjectAlarm(ledgerOf(order));
    }
    await lookFor(DAY);
    expect(webhook.received.map(({ text }) => text).slice(1)).toEqual([
      expect.stringContaining("Resolved: no order is held back"),
    ]);
    expect(await nextLookIn()).toBeNull();
  });

  it("at 80 % of the month's allowance, at its end, and when there is one again", async () => {
    await configureAll({ ...SETTINGS, MONTHLY_LIMIT: "5" });
    for (const order of ["plan-1", "plan-2", "plan-3"]) await deliver(order, 201);
    expect(await nextLookIn()).toBeNull();
    await deliver("plan-4", 201);
    await lookWhenRung();
    expect(webhook.received.at(-1)?.text).toContain("4 of this month's 5");

    advance(HOUR);
    for (const order of ["plan-5", "plan-6"]) await deliver(order, 201);
    await lookWhenRung();
    expect(webhook.received.at(-1)?.text).toMatch(/used up: 1 order waits\./);

    await lookFor(DAY);
    vi.setSystemTime(nextMonth(START) - 1);
    await lookNow();
    expect(webhook.received).toHaveLength(2);
    await lookFor(DAY);
    expect(webhook.received).toHaveLength(3);
    expect(webhook.received.at(-1)?.text).toContain("Resolved: invitations are left again");
  });

  it("once of a dozen requests without valid credentials and rejected ones, and once when there are fewer", async () => {
    // Later than in any other test: the isolate remembers when it may report again.
    vi.setSystemTime(START + 300 * DAY);
    const unsigned = () => new Request(URL_OF_SEGMENT, { method: "POST", body: "{}" });
    // What files before this one have left to report must not be counted here.
    const ATTEMPTS = { getByName: () => ({ addRejections: () => Promise.resolve(NO_REJECTIONS) }) };
    await callWorker(unsigned(), { ...SETTINGS, ATTEMPTS });
    advance(MINUTE);
    for (let second = 0; second < 12; second++) {
      await callWorker(second < 5 ? unsigned() : signedRequest("oops"), SETTINGS);
      advance(1000);
    }
    await lookWhenRung();
    await lookFor(DAY);
    expect(webhook.received.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /5 requests without valid credentials and 7 events rejected in the last hour \(100 % of what arrived\)/,
      ),
      expect.stringContaining(
        "Resolved: fewer than a dozen requests and events were rejected within an hour.",
      ),
    ]);
  });

  it("once of silence that the hourly Cron notices, and once when an order arrives", async () => {
    const silence = "No order has arrived for 10 hours";
    for (let order = 0; order < 20; order++) {
      await deliver(`silence-${order}`, 201);
      advance(5 * HOUR);
    }
    const cron = () => hourly({ ...env, ...SETTINGS });
    // 95 hours lie between the first and the last, and five after it.
    await cron();
    expect(await nextLookIn()).toBeNull();
    advance(5 * HOUR);
    // An order without an address is none.
    await sendEvent(orderCompleted({ order_id: "silence-rejected", email: undefined }));
    await cron();
    await lookWhenRung();
    expect(webhook.received.map(({ text }) => text)).toEqual([expect.stringContaining(silence)]);
    expect(await lookJson("/status/overview")).toMatchObject({
      attention: expect.arrayContaining([
        expect.objectContaining({ title: expect.stringContaining(silence) as string }),
      ]) as unknown[],
    });
    await sendEvent(orderCompleted({ order_id: "silence-over" }));
    await lookFor(DAY);
    expect(webhook.received.map(({ text }) => text).slice(1)).toEqual([
      expect.stringContaining("Resolved: orders arrive again"),
    ]);
    const { attention } = await lookJson<{ attention: unknown[] }>("/status/overview");
    expect(JSON.stringify(attention)).not.toContain("No order has arrived");
  });

  it("in one message of all that came within a minute", async () => {
    await deliver("together-failed", 404);
    await deliver("together-blocked", 253);
    await lookWhenRung();
    expect(webhook.received).toHaveLength(1);
    expect(webhook.received[0]?.text).toMatch(/disabled[^]*1 order failed/);
  });

  it("that failures are over when the operator has sent the orders again", async () => {
    await deliver("again-1", 400);
    await lookWhenRung();
    await ledgerOf("again-1").act("again-1", "send-again");
    await runDurableObjectAlarm(ledgerOf("again-1"));
    expect(await stateOf("again-1")).toBe("invited");
    await lookFor(3 * HOUR);
    expect(webhook.received.map(({ text }) => text)).toEqual([
      expect.stringContaining("1 order failed"),
      expect.stringContaining("Resolved: no order is left that failed"),
    ]);
  });

  it("that failures are over when none was added for a day, without any action", async () => {
    await deliver("left-1", 400);
    await lookWhenRung();
    await lookFor(23 * HOUR);
    expect(webhook.received).toHaveLength(1);
    await lookFor(3 * HOUR);
    expect(webhook.received.at(-1)?.text).toContain("Resolved: no order is left that failed");
    expect(await stateOf("left-1")).toBe("failed");
  });
});

describe("the operator is not bothered", () => {
  it("with orders that are invited, tried again or skipped", async () => {
    await deliver("well-1", 201);
    await deliver("well-2", 503);
    expect(await nextLookIn()).toBeNull();
    expect(webhook.received).toEqual([]);
  });

  it("with a second message by a hundred rings and more failed orders in the hour", async () => {
    await deliver("often-1", 400);
    await lookWhenRung();
    for (let ring = 0; ring < 100; ring++) await alerts().look();
    // Not sooner than five minutes after the look before, however often it rings.
    expect(await nextLookIn()).toBe(5 * MINUTE);
    advance(5 * MINUTE);
    await deliver("often-2", 400);
    await lookNow();
    await lookFor(50 * MINUTE);
    expect(webhook.received).toHaveLength(1);
  });

  it("when ALERT_WEBHOOK_URL is not set: nothing is even called", async () => {
    const getByName = vi.fn();
    await configureAll({ MONTHLY_LIMIT: "1", ALERTS: { getByName } as unknown as Env["ALERTS"] });
    await deliver("silent-1", 201);
    await deliver("silent-2", 201);
    await configureAll({ ALERTS: { getByName } as unknown as Env["ALERTS"] });
    await deliver("silent-3", 400);
    await deliver("silent-4", 251);
    expect(await stateOf("silent-3")).toBe("failed");
    expect(getByName).not.toHaveBeenCalled();
    expect(webhook.received).toEqual([]);
  });

  it("any more when ALERT_WEBHOOK_URL is taken away: it forgets and stops looking", async () => {
    await deliver("gone-1", 400);
    await lookWhenRung();
    await configureAll({});
    await lookNow();
    expect(await nextLookIn()).toBeNull();

    await configureAll(SETTINGS);
    await alerts().look();
    await lookNow();
    expect(webhook.received).toHaveLength(2);
  });
});

describe("a restart in between", () => {
  it("does not tell again what has been told, and still tells the end", async () => {
    await deliver("restart-1", 252);
    await lookWhenRung();
    await abortAllDurableObjects();
    await configureAll(SETTINGS);
    await lookFor(3 * HOUR);
    expect(webhook.received).toHaveLength(1);

    await ledgerOf("restart-1").resume();
    await abortAllDurableObjects();
    await configureAll(SETTINGS);
    await lookFor(3 * HOUR);
    expect(webhook.received.map(({ text }) => text).slice(1)).toEqual([
      expect.stringContaining("Resolved: "),
    ]);
  });

  it("between the ring and the look loses nothing", async () => {
    await deliver("restart-2", 400);
    await expect.poll(nextLookIn).not.toBeNull();
    await abortAllDurableObjects();
    await configureAll(SETTINGS);
    await lookNow();
    expect(webhook.received).toHaveLength(1);
  });
});

describe("a webhook that is down", () => {
  it.each<[string, () => Response | Promise<Response>]>([
    ["answers 500", () => new Response("no", { status: 500 })],
    ["answers 404", () => new Response("no_service", { status: 404 })],
    [
      "redirects",
      () => new Response(null, { status: 307, headers: { Location: "https://elsewhere.example" } }),
    ],
    ["cannot be reached", () => Promise.reject(new TypeError(`no way to ${WEBHOOK}`))],
    ["takes too long", () => Promise.reject(new DOMException(`no answer from ${WEBHOOK}`, "TimeoutError"))],
  ])("and %s is asked again, and told how things stand by then", async (_, answer) => {
    webhook.answer = answer;
    await deliver("down-1", 400);
    await lookWhenRung();
    expect(webhook.received).toHaveLength(1);
    expect(webhook.received[0]?.init).toMatchObject({
      redirect: "manual",
      signal: expect.any(AbortSignal) as AbortSignal,
    });
    expect(await nextLookIn()).toBe(MINUTE);

    webhook.answer = () => new Response(null, { status: 204 });
    advance(MINUTE);
    await deliver("down-2", 400);
    await lookNow();
    expect(webhook.received.at(-1)?.text).toContain("2 orders failed");
    await lookFor(6 * HOUR);
    expect(webhook.received).toHaveLength(2);
    expect(logged.join("\n")).toContain('"log":"alert"');
    expect(logged.join("\n")).not.toContain("hooks.example.com");
  });

  it("is asked ever more rarely, and for a day only", async () => {
    webhook.answer = () => new Response(null, { status: 500 });
    await deliver("dead-1", 252);
    await lookWhenRung();
    await lookFor(HOUR);
    expect(webhook.received.length).toBeLessThanOrEqual(7);
    await lookFor(3 * DAY);
    expect(webhook.received.length).toBeLessThanOrEqual(32);
    expect(logged.filter((line) => line.includes("message given up"))).toHaveLength(1);

    // It was given up, not forgotten: the end is told.
    webhook.answer = () => new Response("ok");
    webhook.received.length = 0;
    await ledgerOf("dead-1").resume();
    await lookFor(DAY);
    expect(webhook.received.map(({ text }) => text)).toEqual([expect.stringContaining("Resolved: ")]);
  });
});

describe("an alert that fails never disturbs a delivery", () => {
  const never = new Promise<never>(() => {});

  it.each<[string, object]>([
    [
      "cannot be called",
      {
        getByName: () => {
          throw new Error("jane@example.com");
        },
      },
    ],
    ["throws", { getByName: () => ({ look: () => Promise.reject(new Error("jane@example.com")) }) }],
    ["never answers", { getByName: () => ({ look: () => never }) }],
  ])("when it %s", async (name, binding) => {
    await configureAll({ ...SETTINGS, ALERTS: binding as Env["ALERTS"], MONTHLY_LIMIT: "2" });
    await deliver(`undisturbed, 1, ${name}`, 400);
    await deliver(`undisturbed, 2, ${name}`, 201);
    await deliver(`undisturbed, 3, ${name}`, 200);
    expect(await stateOf(`undisturbed, 1, ${name}`)).toBe("failed");
    expect(await stateOf(`undisturbed, 2, ${name}`)).toBe("invited");
    expect(await stateOf(`undisturbed, 3, ${name}`)).toBe("unknown");
    expect(await requestsFor(`undisturbed, 2, ${name}`)).toHaveLength(1);
    expect(logged.join("\n")).not.toContain("jane");
  });

  it("and a ring that got lost is made up for by the next", async () => {
    const look = vi.fn().mockRejectedValueOnce(new Error("lost")).mockResolvedValue(undefined);
    const ALERTS = { getByName: () => ({ look }) } as unknown as Env["ALERTS"];
    await configureAll({ ...SETTINGS, ALERTS });
    const [first, second, third] = ordersOfOneLedger("ring", 3);
    await deliver(first!, 400);
    await deliver(second!, 400);
    expect(look).toHaveBeenCalledTimes(2);
    await deliver(third!, 400);
    expect(look).toHaveBeenCalledTimes(2);
  });

  it("and a ledger that cannot be asked does not hide what the others say", async () => {
    const broken = { troubles: () => Promise.reject(new Error("broken")) };
    const LEDGER = {
      getByName: (name: string) => (name === "v1-0" ? broken : env.LEDGER.getByName(name)),
    } as unknown as Env["LEDGER"];
    await configureAll({ ...SETTINGS, LEDGER });
    const order = ["seen-1", "seen-2", "seen-3"].find((id) => ledgerName(id) !== "v1-0")!;
    await deliver(order, 400);
    await lookWhenRung();
    expect(webhook.received).toHaveLength(1);
  });
});

function ordersOfOneLedger(prefix: string, count: number): string[] {
  const ids = Array.from({ length: 8 * 8 * count }, (_, number) => `${prefix}-${number}`);
  return ids.filter((id) => ledgerName(id) === ledgerName(ids[0]!)).slice(0, count);
}
