/** Rejections are counted where all isolates report them. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { NO_REJECTIONS, type Rejections } from "../../src/domain/rejections.ts";
import { advance, DAY, HOUR, MINUTE, SECOND, START, stopClock, useLedger } from "../support/ledger.ts";
import { orderCompleted, sendEvent, sign, signedRequest } from "../support/segment.ts";
import { callWorker, URL_OF_SEGMENT } from "../support/worker.ts";

useLedger();

let days = 0;
/** What was reported, and how many rejections the last hour has. */
let reports: Rejections[];
let inTheHour: number;
let away: boolean;

const ATTEMPTS = {
  getByName: () => ({
    addRejections: (some: Rejections) => {
      if (away) return Promise.reject(new Error("away"));
      reports.push(some);
      return Promise.resolve({ ...NO_REJECTIONS, rejected: { count: inTheHour, reason: null } });
    },
  }),
};

const unsigned = () => new Request(URL_OF_SEGMENT, { method: "POST", body: "{}" });
const OPEN = {
  TRUSTPILOT_REVIEWS_SECRET: "the address of reviews",
  LEDGER_SECRET: "a secret of thirty-two characters",
};
const send = async (request: Request) => void (await callWorker(request, { ATTEMPTS, ...OPEN }));
const counts = () => reports.map(({ unauthenticated, rejected }) => [unauthenticated.count, rejected.count]);

beforeEach(async () => {
  // Later than in any test before: the isolate remembers when it may report again, and what.
  stopClock(START + ++days * DAY);
  [reports, inTheHour, away] = [[], 0, false];
  await send(unsigned());
  advance(MINUTE);
  reports = [];
});

describe("rejections are reported", () => {
  const signed = (body: unknown) => signedRequest(body);
  it.each<[string, () => Request | Promise<Request>, "unauthenticated" | "rejected", string]>([
    ["a request without a signature", unsigned, "unauthenticated", "X-Signature header is missing"],
    [
      "a request with another body's signature",
      () => new Request(signed({}), { method: "POST", body: "[]" }),
      "unauthenticated",
      "X-Signature does not match",
    ],
    ["a body that is not JSON", () => signed("oops"), "rejected", "not JSON"],
    ["a method that carries nothing", () => new Request(URL_OF_SEGMENT), "rejected", "set the method"],
    [
      "a body that is too large",
      () => {
        const headers = { "Content-Length": String(6 * 1024 * 1024) };
        return new Request(URL_OF_SEGMENT, { method: "POST", body: "{}", headers });
      },
      "rejected",
      "larger than 5 MB",
    ],
    [
      "a guess at the address of the reviews webhook",
      () => new Request(new URL("/trustpilot/reviews/0123456789abcdef", URL_OF_SEGMENT), { method: "POST" }),
      "unauthenticated",
      "The address of the reviews webhook is wrong.",
    ],
    [
      "a guess at LEDGER_SECRET",
      () => new Request(new URL("/ledger/state", URL_OF_SEGMENT), { method: "POST" }),
      "unauthenticated",
      "LEDGER_SECRET is wrong.",
    ],
    [
      "an order without an e-mail address",
      () => signed(orderCompleted({ order_id: "no-address", email: undefined })),
      "rejected",
      "Email missing.",
    ],
  ])("%s", async (_, request, kind, reason) => {
    await send(await request());
    expect(reports).toEqual([
      expect.objectContaining({ [kind]: { count: 1, reason: expect.stringContaining(reason) } }),
    ]);
    expect(JSON.stringify(reports)).not.toContain("no-address");
  });

  it("each event of a batch, in one report", async () => {
    const without = [1, 2, 3].map((n) => orderCompleted({ order_id: `batch-${n}`, email: undefined }));
    await send(signedRequest([...without, orderCompleted({ order_id: "batch-4" })]));
    expect(counts()).toEqual([[0, 3]]);
  });

  const doctors = (proof: string, method = "POST") =>
    new Request(URL_OF_SEGMENT, { method, headers: { "X-Doctor": proof } });
  const proofOf = (time: number, secret?: string) => `${time} ${sign(`doctor ${time}`, secret)}`;

  it("but not what the doctor sends with its proof; without a valid proof it is all the same", async () => {
    for (const method of ["POST", "GET"]) await send(doctors(proofOf(Date.now()), method));
    expect(reports).toEqual([]);
    const invalid: ((now: number) => string)[] = [
      (now) => proofOf(now, "another secret"),
      (now) => proofOf(now - 5 * MINUTE),
      (now) => proofOf(now + 5 * MINUTE),
      (now) => proofOf(now - 1).replace(/^\d+/, String(now)),
      () => ` ${sign("doctor ")}`,
      (now) => `x${proofOf(now)}`,
      (now) => String(now),
      () => "",
    ];
    for (const [index, proof] of invalid.entries()) {
      reports = [];
      advance(MINUTE);
      await send(doctors(proof(Date.now())));
      expect(counts(), String(index)).toEqual([[1, 0]]);
    }
  });

  it("and what is accepted, a duplicate or ignored costs no call", async () => {
    for (const event of [
      orderCompleted({ order_id: "well" }),
      orderCompleted({ order_id: "well" }),
      { type: "page" },
    ])
      await send(signedRequest(event));
    expect(reports).toEqual([]);
  });
});

describe("an isolate reports", () => {
  it("the first at once, and what follows within the second with the next after it", async () => {
    for (let n = 0; n < 4; n++) await send(unsigned());
    expect(counts()).toEqual([[1, 0]]);
    advance(SECOND);
    await send(signedRequest("oops"));
    expect(counts()).toEqual([
      [1, 0],
      [3, 1],
    ]);
  });

  it.each([
    ["a dozen within a second", 1, 11],
    ["what makes a dozen with those of the hour", 6, 6],
  ])("%s by itself, when the second is over", async (_, hour, more) => {
    inTheHour = hour;
    const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const wait = scheduler.wait.bind(scheduler);
    const waiting = vi.spyOn(scheduler, "wait").mockImplementation((milliseconds, options) => {
      if (milliseconds !== SECOND) return wait(milliseconds, options);
      begun.resolve();
      return over.promise;
    });
    for (let n = 0; n < more; n++) await send(unsigned());
    expect(waiting).not.toHaveBeenCalledWith(SECOND);
    const twelfth = send(unsigned());
    await begun.promise;
    await send(unsigned());
    expect(counts()).toEqual([[1, 0]]);
    over.resolve();
    await twelfth;
    expect(counts()).toEqual([
      [1, 0],
      [more + 1, 0],
    ]);
  });

  it("what it could not report with the next", async () => {
    away = true;
    for (const _ of [1, 2]) {
      await send(unsigned());
      advance(SECOND);
    }
    away = false;
    await send(unsigned());
    expect(counts()).toEqual([[3, 0]]);
  });

  it("once a minute when a hundred came within the hour", async () => {
    inTheHour = 100;
    await send(unsigned());
    for (let second = 1; second < 60; second++) {
      advance(SECOND);
      await send(unsigned());
    }
    expect(counts()).toEqual([[1, 0]]);
    advance(SECOND);
    await send(unsigned());
    expect(counts()).toEqual([
      [1, 0],
      [60, 0],
    ]);
  });
});

describe("the rejections of all isolates", () => {
  const attempts = () => env.ATTEMPTS.getByName("v1");
  const some = (count: number, reason: string): Rejections => ({
    unauthenticated: NO_REJECTIONS.unauthenticated,
    rejected: { count, reason },
  });

  it("are added up for an hour, with the latest reason, and then forgotten", async () => {
    await attempts().addRejections(some(2, "first"));
    advance(MINUTE / 2);
    expect(await attempts().addRejections(some(3, "second"))).toMatchObject(some(5, "second"));
    advance(HOUR - MINUTE);
    expect(await attempts().addRejections(NO_REJECTIONS)).toMatchObject(some(5, "second"));
    advance(MINUTE);
    expect((await attempts().recentRejections()).rejected.count).toBe(0);
    advance(HOUR);
    expect((await attempts().addRejections(NO_REJECTIONS)).rejected).toEqual({ count: 0, reason: null });
    expect(await attempts().rejectionTotals()).toEqual({ unauthenticated: 0, rejected: 5 });
  });

  const SHOPS = {
    SHOPS: JSON.stringify({ uk: { affiliation: "Example UK" } }),
    TRUSTPILOT_INTEGRATION_KEY_UK: "shopsTestKeyUk01",
  };

  it("come with the orders of the hour, of all shops, once there are a dozen", async () => {
    await runInDurableObject(attempts(), (instance) => {
      (instance as unknown as { env: Env }).env = { ...env, ...SHOPS };
    });
    await sendEvent(orderCompleted({ order_id: "old" }));
    advance(HOUR + 1);
    await sendEvent(orderCompleted({ order_id: "new" }));
    await sendEvent(orderCompleted({ order_id: "not-an-order", email: undefined }));
    const order = { orderId: "uk", email: "jane@example.com", name: "", total: null, currency: null };
    const rest = { products: [], customer: {}, orderedAt: null };
    await env.LEDGER.getByName("shop:uk:v1-0").record([
      { kind: "claim", order: { ...order, ...rest }, skip: null, due: Date.now() + DAY },
    ]);
    await attempts().addRejections(some(10, "why"));
    expect(await attempts().recentRejections()).toMatchObject({ orders: null });
    await attempts().addRejections(some(1, "why"));
    expect(await attempts().recentRejections()).toMatchObject({ ...some(12, "why"), orders: 2 });
  });
});
