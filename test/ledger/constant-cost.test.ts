/**
 * What a ledger reads and writes does not grow with the orders that wait: rows are counted at three sizes. How long it
 * takes is the benchmark's business (`npm run bench`).
 */
import { lastDays } from "../../src/status/days.ts";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { LEDGER_CAPACITY, yearsUntilFull } from "../../src/domain/capacity.ts";
import type { Operation } from "../../src/domain/operation.ts";
import { COUNTED } from "../../src/ledger/order-list.ts";
import { CustomerDeletions } from "../../src/ledger/customer-deletions.ts";
import { SLICE } from "../../src/ledger/slices.ts";
import { measure } from "../support/bill.ts";
import { advance, DAY, HOUR, ledgerOf, rowOf, runAlarm, sql, useLedger } from "../support/ledger.ts";
import { requestsFor } from "../support/stand-in.ts";
import { pauseLedger, personalOf } from "../support/status.ts";
import { ledgerName } from "../support/shard.ts";

useLedger();

/** All tests ask its ledger. */
const ID = "constant-cost";
const ledger = () => ledgerOf(ID);

/** Puts `count` orders of as many customers into the ledger, whatever ledger their ids belong to. */
async function fill(count: number, state: "held" | "failed" | "invited" = "held"): Promise<void> {
  const now = Date.now();
  const due = { held: now - HOUR, failed: now + HOUR, invited: null }[state];
  const personal = `json_object('orderId', 'waiting-' || i, 'email', 'customer-' || i || '@example.com', 'name', '',
    'total', 20, 'currency', 'EUR', 'products', json_array(), 'customer', json_object('userId', 'user-' || i),
    'orderedAt', NULL)`;
  for (let first = 0; first < count; first += 20_000) {
    await sql(
      ID,
      `WITH RECURSIVE numbers (i) AS (SELECT CAST(?1 AS INTEGER) UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < ?2)
       INSERT INTO orders (order_id, state, reason, received, updated, due, attempts, history, personal)
       SELECT 'waiting-' || i, ?3, ?4, ?5 + i, ?5, ?6, 1, '[]', ${due === null ? "NULL" : personal} FROM numbers`,
      first,
      Math.min(first + 20_000, count),
      state,
      state === "failed" ? "trustpilot_refused" : null,
      now - 2 * HOUR,
      due,
    );
  }
}

const claim = (orderId: string, due = Date.now()): Operation => ({
  kind: "claim",
  order: personalOf(orderId),
  skip: null,
  due,
});

describe.each([0, 10_000, 100_000])("with %i orders waiting", (waiting) => {
  it("a claim reads at most ten rows, also during a pause, and a run of twelve at most 150", async () => {
    await fill(waiting);
    await pauseLedger(ledgerName(ID), { kind: "rateLimited", until: Date.now() + HOUR });
    const claimed = await measure(ledger(), (each) => each.record([claim(ID)]));
    expect(claimed.rowsRead).toBeLessThanOrEqual(10);
    expect(claimed.rowsWritten).toBeLessThanOrEqual(3);

    await ledger().resume();
    await ledger().record(Array.from({ length: 11 }, (_, n) => claim(`${ID}-${n}`)));
    const run = await measure(ledger(), (each) => each.alarm());
    expect(run.rowsRead).toBeLessThanOrEqual(150);
    expect(await sql(ID, "SELECT COUNT(*) AS sent FROM orders WHERE state = 'invited'")).toEqual([
      { sent: 12 },
    ]);
  });

  it("the overview reads the same once it has counted, and a page of waiting orders little more than its rows", async () => {
    await fill(waiting);
    await ledger().record([claim(ID)]);
    expect((await ledger().overview([])).open).toEqual({ held: waiting + 1 });
    const overview = await measure(ledger(), (each) => each.overview(lastDays(Date.now(), 30)));
    expect(overview.rowsRead).toBeLessThanOrEqual(10);
    const filter = {
      state: "held",
      reason: null,
      from: 0,
      to: Date.now(),
      before: null,
      after: null,
      prefix: "",
      limit: 51,
    } as const;
    const page = await measure(ledger(), (each) => each.list(filter));
    expect(page.rowsRead).toBeLessThanOrEqual(250 + COUNTED);
  });
});

describe("ten deletions among 100,000 waiting orders", () => {
  const customers = Array.from({ length: 10 }, (_, n) => ({ email: `Customer-${99_990 + n}@example.com` }));
  const forget = customers.map((customer): Operation => ({ kind: "forget", customer }));

  it("are acknowledged after one slice each, and then carried out slice by slice", async () => {
    await fill(100_000);
    const bill = await measure(ledger(), (each) => each.record(forget));
    expect(bill.mostRowsOfOneStatement).toBeLessThanOrEqual(SLICE);
    for (let n = 99_990; n < 100_000; n++)
      expect(await ledger().act(`waiting-${n}`, "send-now"), "stopped at once").toMatchObject({
        kind: "not-allowed",
      });
    await vi.waitFor(
      async () =>
        expect(await sql(ID, "SELECT COUNT(*) AS pending FROM deletions")).toEqual([{ pending: 0 }]),
      { timeout: 20_000 },
    );
    const erased = await sql(
      ID,
      `SELECT COUNT(*) AS orders FROM orders WHERE state = 'cancelled' AND reason = 'customer_deleted'
         AND erased IS NOT NULL AND personal IS NULL`,
    );
    expect(erased).toEqual([{ orders: 10 }]);
  });

  it("answer that the rest follows, and do so after a crash by the alarm alone", async () => {
    await fill(1_000);
    vi.spyOn(CustomerDeletions.prototype, "sweep").mockResolvedValueOnce();
    const last: Operation = { kind: "forget", customer: { userId: "user-999" } };
    expect(await ledger().record([last])).toEqual([
      { kind: "forgotten", cancelled: 0, beingSent: 0, orders: 0, complete: false },
    ]);
    await runAlarm(ID);
    expect(await rowInTable("waiting-999")).toMatchObject({ state: "cancelled" });
    expect(await rowInTable("waiting-998")).toMatchObject({ erased: null });
  });

  it("hold from the moment they are acknowledged: an order that is due is not sent before it has been read", async () => {
    await fill(SLICE + 1, "failed");
    vi.spyOn(CustomerDeletions.prototype, "sweep").mockResolvedValue();
    const [due, waiting] = [`${ID}-due`, `${ID}-waiting`];
    await ledger().record([claim(due), claim(waiting, Date.now() + HOUR)]);
    advance(1);
    await ledger().record([{ kind: "forget", customer: personalOf(due).customer }]);
    expect(await rowAt(due)).toMatchObject({ state: "held" });
    expect(await ledger().act(waiting, "send-now")).toMatchObject({ kind: "not-allowed" });
    await runAlarm(ID);
    expect(await rowAt(due)).toMatchObject({
      state: "cancelled",
      reason: "customer_deleted",
      personal: null,
    });
    expect(await requestsFor(due)).toHaveLength(0);
  });

  it.each([1, SLICE + 1])(
    "hold for all %i orders that came before, though a clock was set back since",
    async (count) => {
      await fill(count);
      advance(-DAY);
      await ledger().record([{ kind: "forget", customer: { userId: `user-${count - 1}` } }]);
      await vi.waitFor(async () =>
        expect(await rowInTable(`waiting-${count - 1}`)).toMatchObject({ state: "cancelled" }),
      );
    },
  );

  it("do not concern an order that the same customer places afterwards", async () => {
    await fill(SLICE + 1);
    await ledger().record([{ kind: "forget", customer: personalOf(ID).customer }, claim(ID)]);
    await runAlarm(ID);
    expect(await rowOf(ID)).not.toMatchObject({ state: "cancelled" });
  });
});

it("sending 2,000 failed orders again reads them in slices", async () => {
  await fill(2_000, "failed");
  const bill = await measure(ledger(), (each) =>
    each.actOnAll({ state: "failed", from: 0, to: Date.now() }, "send-again"),
  );
  expect(bill.mostRowsOfOneStatement).toBeLessThanOrEqual(SLICE);
  expect((await ledger().overview([])).open).toEqual({ held: 2_000 });
});

it("an order that has ended takes the bytes that the forecast reckons with", async () => {
  const size = () => runInDurableObject(ledger(), (_, { storage }) => storage.sql.databaseSize);
  const before = await size();
  await sql(
    ID,
    `WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 20000)
     INSERT INTO orders (order_id, state, received, updated, attempts, history)
     SELECT lower(hex(randomblob(12))), 'invited', ?1 + i, ?1 + i, 1, json_array(
       json_object('at', ?1 + i, 'what', 'received'),
       json_object('at', ?1 + i, 'what', 'attempt', 'status', 201, 'milliseconds', 140),
       json_object('at', ?1 + i, 'what', 'invited')) FROM numbers`,
    Date.now(),
  );
  const bytes = ((await size()) - before) / 20_000;
  const reckoned = LEDGER_CAPACITY / (yearsUntilFull(0, 1) * 365);
  expect(bytes).toBeLessThanOrEqual(reckoned);
  expect(bytes).toBeGreaterThan(reckoned * 0.7);
});

const rowAt = (orderId: string) => ledger().find(orderId);

async function rowInTable(orderId: string): Promise<unknown> {
  const [row] = await sql(ID, "SELECT state, erased FROM orders WHERE order_id = ?", orderId);
  return row;
}
