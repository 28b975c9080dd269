import { afterAll, beforeAll, expect, it } from "vitest";
import { startStandIn, type StandIn } from "../../scripts/lib/stand-in.ts";
import { freePort } from "../../scripts/lib/workerd.ts";
import { order, TestWorker } from "./support/worker.ts";

const KEY = "httpOutageKey001";
const ORDERS = ["outage-1", "outage-2", "outage-3", "outage-4", "outage-5"];
/** After the second knock in vain a ledger waits up to twenty seconds. */
const UNTIL_NEXT_KNOCK = { timeout: 45_000, interval: 250 };

let port: number;
let trustpilot: StandIn;
let worker: TestWorker;
beforeAll(async () => {
  port = await freePort();
  trustpilot = await startStandIn(port);
  worker = await TestWorker.start(KEY, { TRUSTPILOT_API_URL: trustpilot.apiUrl });
});
afterAll(async () => {
  await worker.remove();
  await trustpilot.stop();
});

const knocksInVain = () => worker.log.filter((line) => line.includes("Trustpilot cannot be reached"));

it("while nothing listens at Trustpilot orders wait, none becomes unknown, and all are invited after", async () => {
  // Invited before, so that there is a connection which could be used again.
  await Promise.all(ORDERS.map((orderId) => worker.send(order(`before-${orderId}`))));
  const before = ORDERS.map((orderId) => `before-${orderId}`);
  await expect.poll(() => worker.states(...before)).toEqual(before.map(() => "invited"));

  await trustpilot.stop();
  await Promise.all(ORDERS.map((orderId) => worker.send(order(orderId))));
  await expect.poll(() => knocksInVain().length, UNTIL_NEXT_KNOCK).toBeGreaterThan(0);
  expect(worker.states(...ORDERS)).toEqual(ORDERS.map(() => "held"));
  expect(worker.stored().filter(({ orderId }) => ORDERS.includes(orderId))).toSatisfy(
    (rows: { attempts: number }[]) => rows.every(({ attempts }) => attempts === 0),
  );

  trustpilot = await startStandIn(port);
  await expect.poll(() => worker.states(...ORDERS), UNTIL_NEXT_KNOCK).toEqual(ORDERS.map(() => "invited"));
  const references = (await trustpilot.requests(KEY)).map(({ body }) => String(body["referenceId"]));
  expect(references.toSorted()).toEqual(ORDERS);
}, 90_000);
