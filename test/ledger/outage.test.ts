/** What happens to all orders at once when Trustpilot fails: the bounds that docs/failure-modes.md promises. */
import { runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  alarmIn,
  configure,
  crash,
  DAY,
  HOUR,
  ledgerOf,
  listen,
  MINUTE,
  orderIdsOfOneLedger,
  rowOf,
  runAlarm,
  SECOND,
  useLedger,
  warmUp,
} from "../support/ledger.ts";
import { claim, FailingTrustpilot, live, states, type Reply } from "../support/failing-trustpilot.ts";

let trustpilot: FailingTrustpilot;

useLedger();
beforeEach(() => {
  trustpilot = new FailingTrustpilot().start();
});

/** Sixty waiting orders of a ledger that has been at work, so that five leave at once when the outage begins. */
async function sixtyOrders(prefix: string): Promise<string[]> {
  const ids = orderIdsOfOneLedger(prefix, 60);
  await warmUp(ids[0]!);
  await claim(...ids);
  return ids;
}

const IN_FLIGHT = 5;

describe("a brown-out of a day", () => {
  it.each<Reply>(["silent", 504])(
    "in which orders get %s and probes nothing makes at most two orders unknown beyond those in flight",
    async (reply) => {
      const [first] = (await sixtyOrders(`brown-out-${reply}`)) as [string];
      Object.assign(trustpilot, { probesLeft: 1, order: reply });
      await live(first, DAY);
      const { unknown = 0, held } = await states(first);
      expect(unknown).toBeLessThanOrEqual(IN_FLIGHT + 2);
      expect(held).toBe(60 - unknown);
      Object.assign(trustpilot, { probesLeft: Infinity, order: 201 });
      await live(first, 2 * HOUR);
      expect(await states(first)).toMatchObject({ unknown, invited: 60 - unknown + 3 });
    },
  );

  it.each<Reply>(["silent", 524, 200])(
    "in which orders get %s and probes are answered makes at most six orders unknown beyond those in flight",
    async (reply) => {
      const [first] = (await sixtyOrders(`half-out-${reply}`)) as [string];
      trustpilot.order = reply;
      await live(first, DAY);
      const { unknown = 0 } = await states(first);
      expect(unknown).toBeLessThanOrEqual(IN_FLIGHT + 6);
      trustpilot.order = 201;
      await live(first, DAY);
      expect(await states(first)).toMatchObject({ unknown, invited: 60 - unknown + 3 });
    },
  );

  it("that objects are restarted in has the same bound", async () => {
    const [first] = (await sixtyOrders("brown-out-restart")) as [string];
    trustpilot.order = "silent";
    for (let hours = 0; hours < 24; hours++) {
      await live(first, HOUR);
      await crash();
    }
    expect((await states(first))["unknown"]).toBeLessThanOrEqual(IN_FLIGHT + 6);
  });

  it("has the same bound however often the operator resumes: each resume tests one order", async () => {
    const [first] = (await sixtyOrders("brown-out-resume")) as [string];
    trustpilot.order = "silent";
    await live(first, MINUTE);
    const before = trustpilot.total;
    for (let times = 1; times <= 3; times++) {
      await ledgerOf(first).resume();
      await runAlarm(first);
      expect(trustpilot.total).toBe(before + times);
    }
    expect(await alarmIn(first), "and the wait goes on growing").toBe(HOUR);
  });
});

describe("an outage at 1,000 orders a day", { timeout: 90_000 }, () => {
  /** The orders that one of eight ledgers gets in six hours, rounded up. */
  const SIX_HOURS = 32;

  it.each<[string, number, Partial<FailingTrustpilot>]>([
    ["five days with 500 for orders", 5, { order: 500 }],
    ["two days with silence for orders", 2, { order: "silent" }],
    ["two days with 503 for orders and probes", 2, { order: 503, probe: 503 }],
  ])(
    "of %s writes at most 5,000 rows a day beyond intake, and drains gradually",
    async (name, days, failing) => {
      const ids = orderIdsOfOneLedger(name.replaceAll(" ", "-"), days * 4 * SIX_HOURS);
      const [first] = ids as [string];
      const written = await meter(first);
      Object.assign(trustpilot, failing);
      for (let day = 0; day < days; day++) {
        let beyondIntake = 0;
        for (let quarter = 0; quarter < 4; quarter++) {
          await claim(...ids.splice(0, SIX_HOURS));
          const before = written();
          await live(first, 6 * HOUR);
          beyondIntake += written() - before;
        }
        expect(beyondIntake * 8, `day ${day + 1}`).toBeLessThanOrEqual(5_000);
      }
      Object.assign(trustpilot, { order: 201, probe: 404, mostInFlight: 0 });
      const inFlight = [];
      await ledgerOf(first).resume();
      for (let runs = 0; runs < 3; runs++) {
        trustpilot.mostInFlight = 0;
        const before = trustpilot.total;
        await runAlarm(first);
        expect(trustpilot.total - before).toBe(12);
        inFlight.push(trustpilot.mostInFlight);
      }
      expect(inFlight).toEqual([5, 5, 5]);
    },
  );
});

describe("a refused key", () => {
  it.each<Reply>([401, 302])("(%s) fails two orders of a ledger and holds the others", async (reply) => {
    const [first] = (await sixtyOrders(`key-${reply}`)) as [string];
    trustpilot.order = reply;
    const lines = listen();
    await runAlarm(first);
    expect(await states(first)).toEqual({ invited: 3, failed: 2, held: 58 });
    expect(trustpilot.total - 3).toBeLessThanOrEqual(IN_FLIGHT);
    expect(await alarmIn(first), "tested hourly").toBe(HOUR);

    const before = trustpilot.total;
    await live(first, DAY);
    for (let times = 0; times < 5; times++) {
      await ledgerOf(first).resume();
      await runAlarm(first);
    }
    await crash();
    await live(first, DAY);
    expect(trustpilot.total - before, "an hourly test, and one for each resume").toBeLessThanOrEqual(
      24 + 5 + 24,
    );
    expect(await states(first)).toEqual({ invited: 3, failed: 2, held: 58 });
    expect(lines()).toContainEqual(
      expect.objectContaining({ reason: expect.stringContaining("refuses the Integration Key") }),
    );

    trustpilot.order = 201;
    await ledgerOf(first).resume();
    await live(first, MINUTE);
    expect(await states(first)).toEqual({ invited: 61, failed: 2 });
  });

  it("that only one order meets, as when a firewall objects to it, does not stop the others", async () => {
    const [odd, ...others] = orderIdsOfOneLedger("key-odd", 20) as [string, ...string[]];
    await claim(odd, ...others);
    trustpilot.orders[odd] = 403;
    await live(odd, MINUTE);
    expect(await states(odd)).toEqual({ failed: 1, invited: 19 });
  });
});

describe("an order that always gets a 500", { timeout: 90_000 }, () => {
  it("is tried less than twenty times on its first day and ends after MAX_WAIT_DAYS; the others go out", async () => {
    const [odd, ...others] = orderIdsOfOneLedger("odd", 13) as [string, ...string[]];
    trustpilot.orders[odd] = 500;
    await claim(odd, others[0]!);
    await live(odd, DAY);
    expect(trustpilot.posts.get(odd)).toBeLessThan(20);
    for (const id of others.slice(1)) {
      await claim(id);
      await live(odd, 3 * DAY);
    }
    expect(await rowOf(odd)).toMatchObject({ state: "skipped", reason: "waited_too_long", personal: null });
    expect(await states(odd)).toEqual({ skipped: 1, invited: 12 });
    // Six times a day on average, at random times: a bound that chance does not reach.
    expect(trustpilot.posts.get(odd)).toBeLessThan(250);
  });
});

describe('ON_UNKNOWN = "resend"', () => {
  it("sends an order three times at most, however long it lasts and however often the operator resumes", async () => {
    const [orderId] = orderIdsOfOneLedger("resend", 1) as [string];
    await claim(orderId);
    await configure(orderId, { ON_UNKNOWN: "resend" });
    trustpilot.order = "silent";
    for (let hours = 0; hours < 5 * 24; hours++) {
      await live(orderId, HOUR);
      if (hours % 5 === 0) await ledgerOf(orderId).resume();
    }
    expect(trustpilot.posts.get(orderId)).toBe(3);
    expect(await rowOf(orderId)).toMatchObject({ state: "unknown", reason: "no_answer", resends: 2 });
    await ledgerOf(orderId).act(orderId, "send-again");
    await live(orderId, 5 * DAY);
    expect(trustpilot.posts.get(orderId), "the operator grants one more").toBe(4);
    expect(await rowOf(orderId)).toMatchObject({ state: "unknown" });
  });
});

describe("slow start", () => {
  /** The most in flight while the ledger sends `count` orders. */
  async function mostInFlight(ids: string[]): Promise<number> {
    trustpilot.mostInFlight = 0;
    await claim(...ids);
    await runAlarm(ids[0]!);
    return trustpilot.mostInFlight;
  }

  it("begins with one order, doubles with each success up to five, and goes on there in the next run", async () => {
    const ids = orderIdsOfOneLedger("slow-start", 60);
    const counts = [];
    for (const count of [1, 1, 2, 10, 10]) counts.push(await mostInFlight(ids.splice(0, count)));
    expect(counts).toEqual([1, 1, 2, 5, 5]);
    await crash();
    expect(await mostInFlight(ids.splice(0, 1))).toBe(1);
  });

  it("begins again after a failure", async () => {
    const ids = orderIdsOfOneLedger("slow-again", 30);
    await warmUp(ids[0]!);
    trustpilot.order = 500;
    await mostInFlight(ids.splice(0, 1));
    trustpilot.order = 201;
    expect(await mostInFlight(ids.splice(0, 1))).toBe(1);
  });
});

it("after a request without a response, Trustpilot is probed before the next order", async () => {
  const ids = orderIdsOfOneLedger("probe-again", 3);
  trustpilot.orders[ids[0]!] = "silent";
  await claim(...ids);
  const heads = vi.mocked(globalThis.fetch).mock;
  await runAlarm(ids[0]!);
  const methods = heads.calls.map(([, init]) => init?.method);
  expect(methods).toEqual(["HEAD", "POST", "HEAD", "POST", "POST"]);
});

it("a probe that does not end is given five seconds, and counts as no answer", async () => {
  vi.mocked(globalThis.fetch).mockImplementation(
    (_, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))),
      ),
  );
  const timer = vi.spyOn(globalThis, "setTimeout").mockImplementationOnce(((
    run: () => void,
    time: number,
  ) => {
    expect(time).toBe(5 * SECOND);
    queueMicrotask(run);
    return 0;
  }) as unknown as typeof setTimeout);
  const [orderId] = orderIdsOfOneLedger("probe-hangs", 1) as [string];
  await claim(orderId);
  await runAlarm(orderId);
  timer.mockRestore();
  expect(await rowOf(orderId)).toMatchObject({ state: "held", attempts: 0 });
});

/** Counts the rows that the order's ledger writes, its alarms and key-value pairs included. */
async function meter(orderId: string): Promise<() => number> {
  let rows = 0;
  await runInDurableObject(ledgerOf(orderId), (_, { storage }) => {
    const exec = storage.sql.exec.bind(storage.sql);
    vi.spyOn(storage.sql, "exec").mockImplementation(((query: string, ...bindings: SqlStorageValue[]) => {
      const cursor = exec(query, ...bindings);
      const found = cursor.toArray();
      rows += cursor.rowsWritten;
      const { rowsWritten } = cursor;
      return {
        rowsWritten,
        toArray: () => found,
        one: () => found[0],
        [Symbol.iterator]: () => found.values(),
      };
    }) as unknown as SqlStorage["exec"]);
    const setAlarm = storage.setAlarm.bind(storage);
    vi.spyOn(storage, "setAlarm").mockImplementation((time) => {
      rows++;
      return setAlarm(time);
    });
    for (const name of ["put", "delete"] as const) {
      const call = storage.kv[name].bind(storage.kv) as (...args: unknown[]) => never;
      vi.spyOn(storage.kv, name).mockImplementation((...args: unknown[]) => {
        rows++;
        return call(...args);
      });
    }
  });
  return () => rows;
}
