/** A Durable Object that cannot be reached: the Ledger by the Worker, the Audiences by both. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  advance,
  alarmIn,
  configure,
  listen,
  MINUTE,
  rowOf,
  runAlarm,
  sendEventTo,
  skipTimeouts,
  useLedger,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";

useLedger();

/** A ledger whose first `times` calls throw `error`; counts the stubs that were asked for. */
function ledgerThatThrows(error: Error, times: number) {
  const namespace = {
    stubs: 0,
    getByName(name: string) {
      namespace.stubs++;
      if (namespace.stubs > times) return env.LEDGER.getByName(name);
      return { record: () => Promise.reject(error) };
    },
  };
  return { LEDGER: namespace as unknown as typeof env.LEDGER, stubs: () => namespace.stubs };
}

const broken = (flags: object) => Object.assign(new Error("Network connection lost."), flags);
const retryable = broken({ retryable: true });

describe("when the Ledger cannot be reached", () => {
  it("a fault that may pass is tried once more, on a new stub, and the order is taken", async () => {
    const { LEDGER, stubs } = ledgerThatThrows(retryable, 1);
    const { status, answer } = await sendEventTo({ LEDGER }, orderCompleted({ order_id: "away-once" }));
    expect([status, answer.outcome, stubs()]).toEqual([200, "accepted", 2]);
    expect(await rowOf("away-once")).toMatchObject({ state: "held" });
  });

  it.each<[string, Error, number]>([
    ["a fault that stays is tried twice", retryable, 2],
    ["an overloaded object is not asked again", broken({ retryable: true, overloaded: true }), 1],
    [
      "an object that says only in its message that it is overloaded is not asked again",
      Object.assign(new Error("Durable Object is overloaded. Too many requests queued."), {
        retryable: true,
      }),
      1,
    ],
    ["a fault that a second try cannot fix is not tried again", broken({}), 1],
  ])("%s, and Segment hears 503", async (_, error, tries) => {
    const { LEDGER, stubs } = ledgerThatThrows(error, Infinity);
    const { status } = await sendEventTo({ LEDGER }, orderCompleted({ order_id: "away-503" }));
    expect([status, stubs()]).toEqual([503, tries]);
    expect(await rowOf("away-503")).toBeNull();
    expect(await env.ORDERS.get("order:away-503")).toBeNull();
  });

  it("what Segment sends again later is taken then", async () => {
    const event = orderCompleted({ order_id: "away-later" });
    await sendEventTo(ledgerThatThrows(retryable, Infinity), event);
    expect((await sendEvent(event)).answer.outcome).toBe("accepted");
    await runAlarm("away-later");
    expect(await requestsFor("away-later")).toHaveLength(1);
  });

  it("the log names the class of the error and nothing of the order", async () => {
    const lines = listen();
    const { LEDGER } = ledgerThatThrows(new RangeError("jane@example.com is in the message"), Infinity);
    await sendEventTo({ LEDGER }, orderCompleted({ order_id: "away-log" }));
    expect(lines()).toContainEqual(
      expect.objectContaining({ status: 503, reason: "ledger unreachable: RangeError" }),
    );
    expect(JSON.stringify(lines())).not.toContain("jane");
  });
});

describe("when the Audiences cannot be reached at the time of sending", () => {
  const audiencesWith = (audiencesOf: () => Promise<string[][]>) =>
    ({ getByName: () => ({ audiencesOf }) }) as unknown as typeof env.AUDIENCES;
  const AUDIENCES = audiencesWith(() => Promise.reject(retryable));
  const rules = { EXCLUDE_AUDIENCES: "do_not_ask" };

  it.each([
    ["throw", AUDIENCES],
    ["do not answer", audiencesWith(() => new Promise(() => {}))],
  ])(
    "because they %s, the order waits a minute: no customer who opted out is invited",
    async (how, AUDIENCES) => {
      skipTimeouts();
      const orderId = `audiences-${how.slice(0, 2)}`;
      const lines = listen();
      await sendEventTo({ ...rules, AUDIENCES }, orderCompleted({ order_id: orderId }));
      await configure(orderId, { ...rules, AUDIENCES });
      await runAlarm(orderId);
      expect(await rowOf(orderId)).toMatchObject({ state: "held", attempts: 0 });
      expect(await requestsFor(orderId)).toHaveLength(0);
      expect(await alarmIn(orderId)).toBe(MINUTE);
      expect(lines()).toContainEqual(
        expect.objectContaining({ log: "ledger", reason: "audiences cannot be reached" }),
      );
      advance(MINUTE);
      await configure(orderId, rules);
      await runAlarm(orderId);
      expect(await rowOf(orderId)).toMatchObject({ state: "invited" });
    },
  );

  it("they are not needed without a rule", async () => {
    await sendEventTo({ AUDIENCES }, orderCompleted({ order_id: "audiences-unused" }));
    await configure("audiences-unused", { AUDIENCES });
    await runAlarm("audiences-unused");
    expect(await rowOf("audiences-unused")).toMatchObject({ state: "invited" });
  });
});

describe("a ledger that finds the configuration wrong", () => {
  it("waits, names the setting in the log, and sends a minute after it was fixed", async () => {
    const lines = listen();
    await sendEvent(orderCompleted({ order_id: "misconfigured" }));
    await configure("misconfigured", { ON_UNKNOWN: "perhaps", TRUSTPILOT_INTEGRATION_KEY: "" });
    await runAlarm("misconfigured");
    expect(await rowOf("misconfigured")).toMatchObject({ state: "held", attempts: 0 });
    expect(await requestsFor("misconfigured")).toHaveLength(0);
    expect(lines()).toContainEqual(
      expect.objectContaining({ log: "config", problems: ["ON_UNKNOWN", "TRUSTPILOT_INTEGRATION_KEY"] }),
    );
    expect(await alarmIn("misconfigured")).toBe(MINUTE);
    advance(MINUTE);
    await configure("misconfigured", {});
    await runAlarm("misconfigured");
    expect(await rowOf("misconfigured")).toMatchObject({ state: "invited" });
  });
});
