/** In real time: the time-out of ten seconds is the subject. Both orders wait for it together. */
import { expect, it } from "vitest";
import { orderIdsOfOneLedger, rowOf, runAlarm, useLedger, warmUp } from "../support/ledger.ts";
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
