/** What `wrangler tail` shows of everything that can happen to an order: enough to follow it, and no personal data. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { send } from "../../scripts/lib/segment.ts";
import { order, SECRET, standIn, KillableWorker } from "./support/worker.ts";

const KEY = "httpLogTestsKey1";
const PASSWORD = "the password of the status page";
const CUSTOMER = {
  email: "Wilhelmina.Quist+shop@example.com",
  name: "Wilhelmina",
  surname: "Quist",
  products: [{ sku: "SECRET-GIFT", name: "A surprise", url: "https://shop.example.com/surprise" }],
};
const PERSONAL = /wilhelmina|quist|example\.com|surprise|secret-gift/i;

let worker: KillableWorker;
beforeAll(async () => {
  worker = await KillableWorker.start(KEY, { STATUS_PASSWORD: PASSWORD });
});
afterAll(() => worker.remove());

it("the log follows each order and names no customer, no product, no key and no secret", async () => {
  await standIn.behave(KEY, {
    references: {
      refused: [{ status: 400, body: `${CUSTOMER.email} is not an address` }],
      busy: [{ status: 503, body: CUSTOMER.email, headers: { "Retry-After": "1" } }],
      dropped: [{ fault: "drop", create: true }],
      moved: [{ status: 302, headers: { Location: `/${CUSTOMER.email}` } }],
      twice202: [{ status: 202 }, { status: 202 }],
    },
  });
  const ends = {
    plain: "invited",
    refused: "failed",
    dropped: "unknown",
    moved: "failed",
    twice202: "failed",
  };
  for (const orderId of [...Object.keys(ends), "plain"]) await worker.send(order(orderId, CUSTOMER));
  // A shop that makes order ids of addresses.
  await worker.send(order(`${CUSTOMER.email}-7`, CUSTOMER));
  await worker.send([order("in-a-batch", CUSTOMER), order("plain", CUSTOMER)]);
  await worker.send(order("", CUSTOMER));
  await worker.send({ type: "track", event: CUSTOMER.email, properties: CUSTOMER });
  await worker.send({ type: CUSTOMER.email, properties: CUSTOMER });
  await worker.send({ type: "identify", traits: CUSTOMER });
  await worker.send(`{"type":"track","email":"${CUSTOMER.email}"`);
  await send(`${worker.origin}/segment`, JSON.stringify(order("forged", CUSTOMER)), "another secret");
  await fetch(`${worker.origin}/segment?email=${CUSTOMER.email}`, {
    headers: { Authorization: `Bearer ${KEY}` },
  });
  await fetch(`${worker.origin}/${CUSTOMER.email}/${KEY}`);
  await expect.poll(() => worker.states(...Object.keys(ends))).toEqual(Object.values(ends));
  await worker.send(order("busy", CUSTOMER));
  await expect.poll(() => worker.states("busy")).toEqual(["held"]);
  await worker.send({
    type: "track",
    event: "Order Cancelled",
    properties: { order_id: "busy", ...CUSTOMER },
  });
  await worker.send({ type: "delete", userId: CUSTOMER.email, context: null, integrations: [] });
  await worker.kill();
  await worker.start();
  expect((await fetch(`${worker.origin}/health`)).status).toBe(200);

  const states = new Map(
    worker.log
      .map((line) => JSON.parse(line) as { log: string; orderId: string; state: string })
      .filter(({ log }) => log === "delivery")
      .map(({ orderId, state }) => [orderId, state]),
  );
  expect(Object.fromEntries(states)).toMatchObject(ends);
  const telling = worker.log.filter((line) => PERSONAL.test(line) || hasSecret(line));
  expect(telling).toEqual([]);

  const headers = { Authorization: `Basic ${btoa(`colleague:${PASSWORD}`)}` };
  const health = await fetch(`${worker.origin}/status/health`, { headers });
  const { version } = (await health.json()) as { version: string };
  const starts = worker.log.filter((line) => line.includes('"log":"start"'));
  expect(starts.map((line) => JSON.parse(line) as unknown)).toEqual([{ log: "start", version }]);
});

function hasSecret(line: string): boolean {
  return [KEY, SECRET, PASSWORD, standIn.apiUrl].some((secret) => line.includes(secret));
}
