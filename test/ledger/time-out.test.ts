/** The time-out of ten seconds; the first test is in real time, and both its orders wait together. */
import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { REQUEST_TIMEOUT } from "../../src/trustpilot/exchange.ts";
import { ledgerOf, orderIdsOfOneLedger, rowOf, runAlarm, useLedger, warmUp } from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";

useLedger();

it("a request without an answer ends after ten seconds as unknown, a dripping list of blocked hosts as blocked", async () => {
  const [hanging, dripping] = orderIdsOfOneLedger("time-out", 2) as [string, string];
  await warmUp(hanging);
  await answerFor(hanging, { fault: "hang", create: true });
  await answerFor(dripping, { status: 251, fault: "drip" });
  for (const id of [hanging, dripping]) await sendEvent(orderCompleted({ order_id: id }));
  await runAlarm(hanging);
  expect(await rowOf(hanging)).toMatchObject({ state: "unknown", reason: "no_answer" });
  expect(await rowOf(dripping)).toMatchObject({ state: "held", attempts: 0 });
  for (const id of [hanging, dripping]) expect(await requestsFor(id)).toHaveLength(1);
});

it("the time for an answer starts when the lease is on disk: the request does not leave before", async () => {
  await sendEvent(orderCompleted({ order_id: "time-out-sync" }));
  await runInDurableObject(ledgerOf("time-out-sync"), async (ledger, { storage }) => {
    const onDisk = Promise.withResolvers<void>();
    const syncing = vi.spyOn(storage, "sync").mockReturnValue(onDisk.promise);
    const timers = vi.spyOn(globalThis, "setTimeout");
    const started = () => timers.mock.calls.filter(([, time]) => time === REQUEST_TIMEOUT).length;
    const run = ledger.alarm();
    await expect.poll(() => syncing.mock.calls).toHaveLength(1);
    expect(started()).toBe(0);
    onDisk.resolve();
    await run;
    expect(started()).toBe(1);
  });
  expect(await rowOf("time-out-sync")).toMatchObject({ state: "invited" });
});
