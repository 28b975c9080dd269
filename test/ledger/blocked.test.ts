/** Trustpilot has disabled the integration for the shop's domain: 251, 252 or 253. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import {
  advance,
  alarmIn,
  configure,
  crash,
  HOUR,
  ledgerOf,
  listen,
  orderIdsOfOneLedger,
  rowOf,
  runAlarm,
  useLedger,
  warmUp,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import { DAY } from "../../src/lib/time.ts";

useLedger();

const HOSTS = JSON.stringify(["shop.example.com"]);

/** Two orders of one ledger; the first is answered with `status`, which stops the ledger. */
async function blockWith(status: number, prefix: string): Promise<[string, string]> {
  const [first, second] = orderIdsOfOneLedger(prefix, 2) as [string, string];
  await answerFor(first, { status, body: HOSTS });
  await sendEvent(orderCompleted({ order_id: first }));
  await runAlarm(first);
  return [first, second];
}

describe.each([251, 252, 253])("the answer %i", (status) => {
  it("stops the whole ledger, for new orders too, and the log tells once", async () => {
    const lines = listen();
    const [first, second] = await blockWith(status, `blocked-${status}`);
    expect((await sendEvent(orderCompleted({ order_id: second }))).answer.outcome).toBe("accepted");
    for (let days = 0; days < 3; days++) {
      advance(DAY);
      await runAlarm(first);
    }
    expect(await rowOf(first)).toMatchObject({ state: "held", attempts: 0 });
    expect(await rowOf(second)).toMatchObject({ state: "held", attempts: 0 });
    expect(await requestsFor(first)).toHaveLength(1);
    expect(await requestsFor(second)).toHaveLength(0);
    const told = lines().filter(({ log, level }) => log === "ledger" && level === "error");
    expect(told).toEqual([expect.objectContaining({ reason: expect.stringContaining(String(status)) })]);
  });
});

describe("a ledger that is stopped", () => {
  it("goes on when the operator resumes it", async () => {
    const [first, second] = await blockWith(251, "blocked-resume");
    await sendEvent(orderCompleted({ order_id: second }));
    await ledgerOf(first).resume();
    await runAlarm(first);
    for (const id of [first, second])
      expect(await rowOf(id)).toMatchObject({ state: "invited", attempts: 1 });
  });

  it("stays stopped over a restart with the same SHOP_ORIGIN", async () => {
    const [first] = await blockWith(251, "blocked-restart");
    await crash();
    advance(DAY);
    await runAlarm(first);
    expect(await requestsFor(first)).toHaveLength(1);
  });

  it("goes on by itself within an hour after a restart with another SHOP_ORIGIN", async () => {
    const [first] = await blockWith(251, "blocked-origin");
    // As if another origin had been deployed when the ledger was stopped: the deployed one is "another" then.
    await runInDurableObject(ledgerOf(first), (_, { storage }) => {
      const [pause] = storage.kv.get<object[]>("pauses")!;
      storage.kv.put("pauses", [{ ...pause, host: "former.example.com" }]);
    });
    expect(await alarmIn(first)).toBeLessThanOrEqual(HOUR);
    await crash();
    advance(HOUR);
    await runAlarm(first);
    expect(await rowOf(first)).toMatchObject({ state: "invited" });
  });

  it("cannot be started by another pause that comes to an end", async () => {
    const [first, second] = orderIdsOfOneLedger("blocked-other", 2) as [string, string];
    await warmUp(first);
    await answerFor(first, { status: 251, body: HOSTS });
    await answerFor(second, { status: 429, headers: { "Retry-After": "60" }, delay: 300 });
    for (const id of [first, second]) await sendEvent(orderCompleted({ order_id: id }));
    await runAlarm(first);
    await configure(first, { ON_UNKNOWN: "perhaps" });
    advance(HOUR);
    await runInDurableObject(ledgerOf(first), (ledger) => ledger.alarm());
    await configure(first, {});
    advance(DAY);
    await runAlarm(first);
    expect(await requestsFor(first)).toHaveLength(1);
    expect(await requestsFor(second)).toHaveLength(1);
  });

  it("still takes cancellations and still erases", async () => {
    const [first] = await blockWith(251, "blocked-cancel");
    await sendEvent({ type: "track", event: "Order Cancelled", properties: { order_id: first } });
    expect(await rowOf(first)).toMatchObject({ state: "cancelled", personal: null });
  });
});
