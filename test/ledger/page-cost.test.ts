/**
 * What the pages read of a ledger does not grow with its orders: rows are counted for each question that a page asks,
 * with few orders and with many, in every state.
 */
import { describe, expect, it } from "vitest";
import { DAY } from "../../src/lib/time.ts";
import { Database } from "../../src/ledger/database.ts";
import { ordersOf, type ListFilter } from "../../src/ledger/order-list.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { runInDurableObject } from "cloudflare:test";
import { measure, meter } from "../support/bill.ts";
import { lastDays } from "../../src/status/days.ts";
import { ledgerOf, sql, useLedger } from "../support/ledger.ts";
import { pauseLedger } from "../support/status.ts";
import { ledgerName } from "../support/shard.ts";

useLedger();

const ID = "page-cost";
const ledger = () => ledgerOf(ID);
const SPAN = 30 * DAY;

/** Orders in all states, spread over thirty days; of one customer, with a review each, and all `A-1` at Trustpilot. */
async function fill(count: number): Promise<void> {
  const now = Date.now();
  await sql(
    ID,
    `WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < ?1),
       lots AS (SELECT i, (i * 7919) % 100 AS lot FROM numbers),
       orders_of AS (SELECT i, lot, CASE WHEN lot < 6 THEN 'held' WHEN lot < 10 THEN 'failed' WHEN lot < 14 THEN 'unknown'
         WHEN lot < 24 THEN 'skipped' WHEN lot < 28 THEN 'rejected' WHEN lot < 35 THEN 'cancelled' ELSE 'invited' END AS state
         FROM lots)
     INSERT INTO orders (order_id, state, reason, received, updated, due, since, attempts, history, personal)
     SELECT printf('order-%06d', i), state,
       CASE state WHEN 'failed' THEN 'trustpilot_refused' WHEN 'unknown' THEN 'no_answer' WHEN 'skipped' THEN 'too_old'
         WHEN 'rejected' THEN 'email_missing' WHEN 'cancelled' THEN 'order_cancelled' END,
       ?2 - CAST(?3 * (1.0 - i * 1.0 / ?1) AS INTEGER), ?2,
       CASE WHEN state = 'held' THEN ?2 - 1000 WHEN state IN ('failed', 'unknown') THEN ?2 + 2000000000 END,
       CASE WHEN lot = 0 THEN ?2 END, 1,
       json_array(json_object('at', 1, 'what', 'received'),
         json_object('at', 2, 'what', 'attempt', 'status', 400, 'milliseconds', 100, 'message', 'refused ' || (i % 7))),
       iif(state IN ('held', 'failed', 'unknown'), '{}', NULL) FROM orders_of`,
    count,
    now,
    SPAN,
  );
  await sql(ID, "INSERT INTO customers SELECT 'hash', received, order_id, NULL FROM orders");
  await sql(ID, "INSERT INTO reviews SELECT 'service:' || order_id, order_id, 5, 'en', received FROM orders");
  await sql(ID, "INSERT INTO aliases SELECT 'A-1', order_id FROM orders");
  await pauseLedger(ledgerName(ID), { kind: "operator", reason: "stocktaking", since: 0, until: null });
  // Counts once what is open, as at every start.
  await ledger().overview([]);
  await ledger().metrics();
}

const filterOf = (some: Partial<ListFilter>): ListFilter => ({
  state: null,
  reason: null,
  prefix: "",
  from: 0,
  to: Date.now(),
  before: null,
  after: null,
  limit: 51,
  ...some,
});
const list = (some: () => Partial<ListFilter>) => (of: Ledger) => of.list(filterOf(some()));
const middle = () => ({ received: Date.now() - SPAN / 2, orderId: "order" });

const QUESTIONS: [question: string, ask: (ledger: Ledger) => unknown, most: number][] = [
  ["the overview", (of) => of.overview(lastDays(Date.now(), 30)), 20],
  ["/metrics", (of) => of.metrics(), 20],
  ["the alerts", (of) => of.troubles(), 20],
  ["an order's page", (of) => of.look("order-000500"), 10],
  ["the search for an id", (of) => of.named("order-000500"), 10],
  ["the search for a reference that every order has", (of) => of.named("A-1"), 70],
  ["the search for what is not there", (of) => of.named("none"), 10],
  ["the latest orders", list(() => ({})), 350],
  ["older orders", list(() => ({ before: middle() })), 350],
  ["newer orders", list(() => ({ after: middle() })), 350],
  ["orders of one day", list(() => ({ from: middle().received, to: middle().received + DAY })), 350],
  ["a beginning that all ids share", list(() => ({ prefix: "order-", to: Number.MAX_SAFE_INTEGER })), 3_500],
  ["a beginning that ten ids share", list(() => ({ prefix: "order-00050" })), 80],
  ["a beginning that no id has", list(() => ({ prefix: "x" })), 10],
  ["a beginning and a state", list(() => ({ prefix: "order-", state: "failed" })), 3_500],
  ["held orders", list(() => ({ state: "held" })), 3_500],
  ["orders that are being sent", list(() => ({ state: "sending" })), 10],
  ["invited orders", list(() => ({ state: "invited" })), 600],
  ["failed orders", list(() => ({ state: "failed" })), 350],
  ["unknown orders", list(() => ({ state: "unknown" })), 350],
  ["skipped orders of a reason", list(() => ({ state: "skipped", reason: "too_old" })), 450],
  ["rejected orders", list(() => ({ state: "rejected" })), 350],
  ["cancelled orders, older ones", list(() => ({ state: "cancelled", before: middle() })), 350],
];

describe.each([1_000, 50_000])("with %i orders in a ledger", (count) => {
  it("each question that a page asks reads as few rows", async () => {
    await fill(count);
    const read: Record<string, number> = {};
    for (const [question, ask] of QUESTIONS) read[question] = (await measure(ledger(), ask)).rowsRead;
    const tooMany = QUESTIONS.filter(([question, , most]) => read[question]! > most);
    expect(tooMany.map(([question, , most]) => `${question}: ${read[question]} of ${most} rows`)).toEqual([]);
  });

  it("the search by e-mail reads the latest hundred orders of the customer", async () => {
    await fill(count);
    await runInDurableObject(ledger(), (_, { storage }) => {
      const database = new Database(storage);
      const { bill, stop } = meter(storage);
      expect(ordersOf(database, "hash")).toHaveLength(100);
      stop();
      expect(bill.rowsRead).toBeLessThanOrEqual(400);
    });
  });
});
