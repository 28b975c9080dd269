/** A ledger whose disk is full: nothing new is recorded, and what waits is still sent. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/domain/operation.ts";
import type { OrderState } from "../../src/domain/order.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { live, FailingTrustpilot, states } from "../support/failing-trustpilot.ts";
import {
  advance,
  configure,
  crash,
  DAY,
  HOUR,
  ledgerOf,
  orderIdsOfOneLedger,
  rowOf,
  runAlarm,
  sql,
  useLedger,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import { personalOf } from "../support/status.ts";

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

it("answers new orders with 503, sends those that wait, and takes orders again when there is space", async () => {
  const ids = orderIdsOfOneLedger("full", 40);
  const [waiting, underWay] = ids as [string, string];
  for (const id of [waiting, underWay]) await sendEvent(longOrder(id));
  const answered = Promise.withResolvers<void>();
  await answerFor(underWay, { delay: 1_500 });
  await limitGrowth(waiting, 6);
  const run = runAlarm(underWay).then(() => answered.resolve());
  await expect.poll(() => requestsFor(underWay)).toHaveLength(1);

  let unrecorded: string | undefined;
  for (const id of ids.slice(2)) {
    const { status } = await sendEvent(longOrder(id));
    if (status !== 503) continue;
    unrecorded = id;
    break;
  }
  expect(unrecorded).toBeDefined();
  expect((await sendEvent(longOrder(unrecorded!))).status).toBe(503);
  expect(await rowOf(unrecorded!)).toBeNull();
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
  expect((await sendEvent(longOrder(unrecorded!))).status).toBe(200);
  expect(await ledgerOf(waiting).troubles()).toMatchObject({ full: false });
});

/** Their sizes differ, so that whatever a write adds, some of them outgrow the page that they are on. */
const IDS = orderIdsOfOneLedger("refused", 40);
const [ID] = IDS as [string];
const ledger = () => ledgerOf(ID);
const EVEN = IDS.filter((_, index) => index % 2 === 0);

function claims(prefix = "", due = Date.now()): Operation[] {
  return IDS.map((id, index): Operation => {
    const orderId = prefix + id;
    const order = { ...personalOf(orderId), name: "A".repeat(25 * index), email: `${orderId}@example.com` };
    return { kind: "claim", order, skip: null, due };
  });
}

/** Ends the waiting orders, or lets them wait, as Trustpilot's answer says; those between are invited. */
async function answered(reply: FailingTrustpilot["order"]): Promise<void> {
  const trustpilot = new FailingTrustpilot().start();
  for (const id of IDS) if (!EVEN.includes(id)) trustpilot.orders[id] = reply;
  await live(ID, DAY);
}

const setState = (state: OrderState, due: number) =>
  sql(ID, "UPDATE orders SET state = ?, due = ?, attempts = 1", state, due);

const forget = () =>
  ledger().record([{ kind: "forget", customer: { userId: "secret-user" }, everywhere: true }]);

interface FailingWrite {
  /** What is there before the disk is full, beside orders that wait. */
  before?: () => Promise<unknown>;
  write: () => Promise<unknown>;
  after: Record<string, number>;
  /** No write failed: what it adds fits, or it gives back more than it takes. */
  fits?: true;
}

const DELIVERIES: Record<string, FailingWrite> = {
  "a lease and the answer 201": { write: () => answered(201), after: { invited: 40 } },
  "another try": { write: () => answered(503), after: { invited: 20, held: 20 } },
  "the answer 400": { write: () => answered(400), after: { invited: 20, failed: 20 } },
  "no answer": { write: () => answered("silent"), after: { invited: 20, unknown: 20 } },
  "a lease whose object is gone": {
    before: () => setState("sending", Date.now()),
    write: () => live(ID, HOUR),
    after: { unknown: 40 },
  },
  "a row that is damaged": {
    before: () => sql(ID, "UPDATE orders SET personal = '{' || personal"),
    write: () => live(ID, HOUR),
    after: { failed: 40 },
    fits: true,
  },
  "a cancellation while the request is out": {
    before: () => setState("sending", Date.now() + HOUR),
    write: () =>
      ledger().record(
        IDS.map((orderId) => ({ kind: "cancel", orderId, reason: "order_cancelled", refund: "all" })),
      ),
    after: { sending: 40 },
  },
  "a deletion while requests are out": {
    before: () => setState("sending", Date.now() + HOUR),
    write: forget,
    after: { sending: 40 },
  },
  "a deletion": { write: forget, after: { cancelled: 40 }, fits: true },
  "a pause": { write: () => ledger().pause("a".repeat(200), null), after: { held: 40 }, fits: true },
  "an operator's action": {
    before: () => setState("failed", Date.now() + DAY),
    write: () =>
      ledger().actOnAll({ state: "failed", from: 0, to: Date.now() }, "send-again", "jane.roe@example.com"),
    after: { held: 40 },
  },
  "a refund of a part": {
    write: () =>
      ledger().record(
        IDS.map((orderId, index) => ({
          kind: "cancel",
          orderId,
          reason: "order_refunded",
          refund: { amount: 1, key: index },
        })),
      ),
    after: { held: 40 },
  },
  duplicates: {
    write: async () => {
      for (let times = 0; times < 5; times++) await ledger().record(claims());
      await ledger().overview([]);
    },
    after: { held: 40 },
  },
};

/** New orders, or what else may wait for space. */
const NEWS: Record<string, (ledger: Ledger) => unknown> = {
  orders: (ledger) => ledger.record(claims("new-")),
  "orders that are found by e-mail": async (ledger) => {
    await configure(ID, { FIND_BY_EMAIL: "true" });
    return ledger.record(claims("new-"));
  },
  "orders that are rejected": (ledger) =>
    ledger.record(IDS.map((id) => ({ kind: "reject", orderId: `new-${id}`, reason: "email_missing" }))),
  "cancellations before their orders": (ledger) =>
    ledger.record(
      IDS.map((id) => ({ kind: "cancel", orderId: `new-${id}`, reason: "order_cancelled", refund: "all" })),
    ),
  reviews: (ledger) => {
    for (let number = 0; number < 400; number++) {
      const review = { id: `service:${number}`, stars: 5, language: "en", at: 1 };
      ledger.review({ kind: "created", reference: ID, review }, ID);
    }
  },
};

describe("a full disk", () => {
  const instance = () => runInDurableObject(ledger(), (instance) => instance);

  it.each(Object.entries(DELIVERIES))(
    "takes %s: nothing stops",
    async (_, { before, write, after, fits }) => {
      await ledger().record(claims());
      await before?.();
      await crash();
      await limitGrowth(ID, 0);
      const running = await instance();
      await write();
      expect(await instance()).toBe(running);
      expect(await states(ID)).toEqual(after);
      expect(await ledger().troubles()).toMatchObject({ full: !fits });
    },
  );

  it.each(Object.entries(NEWS))("takes no %s, and still sends what waits", async (_, write) => {
    await ledger().record(claims());
    await limitGrowth(ID, 0);
    const running = await instance();
    const written = runInDurableObject(ledger(), (ledger) => write(ledger));
    await expect(written).rejects.toThrow("nothing new is recorded");
    expect(await instance()).toBe(running);
    await answered(201);
    expect(await states(ID)).not.toHaveProperty("held");
  });
});
