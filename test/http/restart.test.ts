import { afterAll, beforeAll, expect, it } from "vitest";
import type { Step } from "../../scripts/stand-in/behaviour.ts";
import { ledgerName, ledgerNames } from "../support/shard.ts";
import { order, standIn, KillableWorker } from "./support/worker.ts";

const KEY = "httpRestartKey01";
/** A lease lasts 30 s, and only its end tells that the answer will not be heard. */
const UNTIL_LEASES_END = { timeout: 50_000, interval: 500 };

let worker: KillableWorker;
beforeAll(async () => {
  worker = await KillableWorker.start(KEY);
});
afterAll(() => worker.remove());

async function createdFor(orderId: string): Promise<number> {
  const requests = await standIn.requests(KEY);
  return requests.filter(({ body, created }) => created && body["referenceId"] === orderId).length;
}

/** An order id for each ledger, so that none has to wait for another. */
function orderIdsOfEachLedger(): [string, string, string, string, string] {
  const ids = ledgerNames().map((name) => {
    let number = 0;
    while (ledgerName(`restart-${number}`) !== name) number++;
    return `restart-${number}`;
  });
  return ids as [string, string, string, string, string];
}

it("a killed Worker goes on by its alarms alone: what waited is invited, what was out is unknown", async () => {
  const [waits1, waits2, waits3, outCreated, outNot] = orderIdsOfEachLedger();
  const waiting = [waits1, waits2, waits3];
  const sent = [outCreated, outNot];
  await standIn.behave(KEY, {
    references: {
      ...Object.fromEntries(waiting.map((orderId): [string, Step[]] => [orderId, [{ status: 503 }]])),
      [outCreated]: [{ fault: "hang", create: true }],
      [outNot]: [{ fault: "hang", create: false }],
    },
  });

  for (const orderId of [...waiting, ...sent]) await worker.send(order(orderId));
  await expect.poll(async () => (await standIn.requests(KEY)).length).toBe(5);
  await expect
    .poll(() => worker.states(...waiting, ...sent))
    .toEqual(["held", "held", "held", "sending", "sending"]);
  await worker.kill();
  await worker.start();

  await expect
    .poll(() => worker.states(...waiting, ...sent), UNTIL_LEASES_END)
    .toEqual(["invited", "invited", "invited", "unknown", "unknown"]);
  expect(await Promise.all(waiting.map(createdFor))).toEqual([1, 1, 1]);
  expect(await Promise.all(sent.map(createdFor))).toEqual([1, 0]);
  const unknown = worker.stored().filter(({ state }) => state === "unknown");
  expect(unknown.map(({ reason }) => reason)).toEqual(["interrupted", "interrupted"]);

  // Segment tries again for hours, and may replay a year later.
  const again = await Promise.all([...waiting, ...sent].map((orderId) => worker.send(order(orderId))));
  expect(again.map(({ answer }) => answer.outcome)).toEqual(Array.from({ length: 5 }, () => "duplicate"));
  expect(await standIn.requests(KEY)).toHaveLength(8);
}, 70_000);

it("what was answered 200 the moment before the kill is on disk", async () => {
  const orderIds = Array.from({ length: 30 }, (_, number) => `durable-${number}`);
  await standIn.behave(KEY, { always: { status: 503, headers: { "Retry-After": "60" } } });
  const answers = await Promise.all(orderIds.map((orderId) => worker.send(order(orderId))));
  await worker.kill();
  expect(answers.map(({ status }) => status)).toEqual(orderIds.map(() => 200));
  const stored = new Set(worker.stored().map(({ orderId }) => orderId));
  expect(orderIds.filter((orderId) => !stored.has(orderId))).toEqual([]);
});
