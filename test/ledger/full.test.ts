/** A ledger whose disk is full: nothing new is recorded, and what waits is still sent. */
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import {
  advance,
  HOUR,
  ledgerOf,
  orderIdsOfOneLedger,
  rowOf,
  runAlarm,
  useLedger,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";

useLedger();

/** Lets the ledger's database grow by `pages` more pages; `null`: without a limit. */
function limitGrowth(orderId: string, pages: number | null): Promise<void> {
  return runInDurableObject(ledgerOf(orderId), (_, { storage: { sql } }) => {
    const used = sql.databaseSize / 4096;
    (sql as unknown as { setMaxPageCountForTest: (count: number) => void }).setMaxPageCountForTest(
      pages === null ? 1e6 : used + pages,
    );
  });
}

const longOrder = (order_id: string) =>
  orderCompleted({
    order_id,
    products: Array.from({ length: 20 }, (_, n) => ({ product_id: `${n}`, name: "A".repeat(200) })),
  });

it("refuses new orders with 503, sends those that wait, and takes orders again when there is space", async () => {
  const ids = orderIdsOfOneLedger("full", 40);
  const [waiting, underWay] = ids as [string, string];
  for (const id of [waiting, underWay]) await sendEvent(longOrder(id));
  const answered = Promise.withResolvers<void>();
  await answerFor(underWay, { delay: 1_500 });
  await limitGrowth(waiting, 6);
  const run = runAlarm(underWay).then(() => answered.resolve());
  await expect.poll(() => requestsFor(underWay)).toHaveLength(1);

  let refused: string | undefined;
  for (const id of ids.slice(2)) {
    const { status } = await sendEvent(longOrder(id));
    if (status !== 503) continue;
    refused = id;
    break;
  }
  expect(refused).toBeDefined();
  expect((await sendEvent(longOrder(refused!))).status).toBe(503);
  expect(await rowOf(refused!)).toBeNull();
  expect(await ledgerOf(waiting).troubles()).toMatchObject({ full: true });

  await run;
  await answered.promise;
  for (let left = 0; left < 4; left++) {
    advance(HOUR);
    await runAlarm(waiting);
  }
  for (const id of [waiting, underWay])
    expect(await rowOf(id)).toMatchObject({ state: "invited", attempts: 1 });

  await limitGrowth(waiting, null);
  expect((await sendEvent(longOrder(refused!))).status).toBe(200);
  expect(await ledgerOf(waiting).troubles()).toMatchObject({ full: false });
});
