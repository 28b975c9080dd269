/** The counts of open orders that a ledger keeps in memory are those that it would count anew. */
import { reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { advance, crash, ledgerOf, orderIdsOfOneLedger, runAlarm, stopClock } from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor } from "../support/stand-in.ts";
import { DAY } from "../../src/lib/time.ts";
import { lastDays } from "../../src/status/days.ts";

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

it("after orders came, were sent, refused, tried again and cancelled, memory says what the table says", async () => {
  stopClock();
  const ids = orderIdsOfOneLedger("open", 6) as [string, string, string, string, string, string];
  const [invited, failed, retried, cancelled, sentAgain, late] = ids;
  const overview = async () => {
    const { open, daily } = await ledgerOf(invited).overview(lastDays(Date.now(), 2));
    return { open, daily };
  };
  expect((await overview()).open).toEqual({});

  await answerFor(failed, { status: 400 });
  await answerFor(sentAgain, { status: 400 });
  await answerFor(retried, { status: 500 });
  for (const order_id of [invited, failed, retried, sentAgain]) await sendEvent(orderCompleted({ order_id }));
  await runAlarm(invited);
  await ledgerOf(invited).act(sentAgain, "send-again");
  advance(DAY);
  await sendEvent(orderCompleted({ order_id: late }));
  await sendEvent(orderCompleted({ order_id: cancelled }));
  await ledgerOf(invited).act(cancelled, "cancel");

  const kept = await overview();
  expect(kept.open).toEqual({ failed: 1, held: 3 });
  await crash();
  expect(await overview()).toEqual(kept);
});
