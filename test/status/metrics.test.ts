import { env } from "cloudflare:workers";
import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answerCounts, sumCounts } from "../../src/domain/answer-counts.ts";
import { ledgerName } from "../support/shard.ts";
import { Database } from "../../src/ledger/database.ts";
import { OrderTable } from "../../src/ledger/table.ts";
import { percentile } from "../../src/status/answer-times.ts";
import { expose, type Family } from "../../src/status/exposition.ts";
import { readExposition, type ReadFamily } from "../support/exposition.ts";
import {
  advance,
  crash,
  HOUR,
  ledgerOf,
  orderIdsOfOneLedger,
  runAlarm,
  stopClock,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor } from "../support/stand-in.ts";
import { CUSTOMER, look, pauseLedger, personalOf, putOrder, type Look } from "../support/status.ts";

type Families = Map<string, ReadFamily>;

async function scrape(path = "/metrics", options?: Look): Promise<Families> {
  const response = await look(path, options);
  expect(response.status).toBe(200);
  return readExposition(await response.text());
}

/** The samples of a family that have these labels; those that are zero are left out. */
function valuesOf(families: Families, name: string, labels: Record<string, string> = {}): unknown {
  const has = Object.entries(labels);
  const samples = families
    .get(`review_invitations_${name}`)!
    .samples.filter(
      (sample) => sample.value !== 0 && has.every(([key, value]) => sample.labels[key] === value),
    );
  return samples.map(({ labels, value }) => [Object.values(labels).join(" "), value]);
}

const attempt = (status: number | null, milliseconds: number) =>
  ({ what: "attempt", status, milliseconds }) as const;

describe("GET /metrics", () => {
  beforeEach(() => stopClock());
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.useRealTimers();
    await reset();
  });

  it("is complete before the first order: every family with its type, and each counter at zero", async () => {
    const families = await scrape();
    expect(
      [...families].map(([name, { type }]) => `${type} ${name.replace("review_invitations_", "")}`),
    ).toEqual([
      "counter orders_total",
      "counter duplicates_total",
      "counter rejections_total",
      "counter attempts_total",
      "histogram trustpilot_seconds",
      "gauge waiting_orders",
      "gauge oldest_wait_seconds",
      "gauge needs_operator_orders",
      "gauge last_order_timestamp_seconds",
      "gauge breaker_open_ledgers",
      "gauge storage_bytes",
      "gauge storage_full_ledgers",
    ]);
    expect(valuesOf(families, "orders_total")).toEqual([]);
    expect(families.get("review_invitations_orders_total")!.samples).toHaveLength(5);
    expect(families.get("review_invitations_storage_bytes")!.samples).toHaveLength(8);
  });

  it("counts outcomes, duplicates and attempts, and tells nothing of a customer", async () => {
    const [invited, failed, waiting] = orderIdsOfOneLedger("metrics", 3) as [string, string, string];
    await answerFor(failed, { status: 400 });
    for (const order_id of [invited, failed, invited]) await sendEvent(orderCompleted({ order_id }));
    await runAlarm(invited);
    await sendEvent({
      ...orderCompleted({ order_id: "metrics-rejected" }),
      properties: { order_id: "metrics-rejected" },
    });
    const due = Date.now() + HOUR;
    await putOrder({
      orderId: waiting,
      state: "held",
      due,
      personal: { ...personalOf(waiting), ...CUSTOMER },
    });
    await putOrder({ orderId: "metrics-skipped", state: "skipped", reason: "too_old" });
    const response = await look("/metrics");
    expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    expect(text).not.toMatch(/secret|@|metrics-/i);
    const families = readExposition(text);
    expect(valuesOf(families, "orders_total")).toEqual([
      ["invited", 1],
      ["rejected", 1],
      ["failed", 1],
      ["skipped too_old", 1],
    ]);
    expect(valuesOf(families, "duplicates_total")).toEqual([["", 1]]);
    expect(valuesOf(families, "attempts_total")).toEqual([
      ["201", 1],
      ["400", 1],
    ]);
    expect(valuesOf(families, "trustpilot_seconds", { le: "+Inf" })).toEqual([["+Inf", 2]]);
    expect(valuesOf(families, "waiting_orders")).toEqual([["hold", 1]]);
    expect(valuesOf(families, "needs_operator_orders")).toEqual([["failed", 1]]);
    expect(valuesOf(families, "last_order_timestamp_seconds")).toEqual([["", Date.now() / 1000]]);
  });

  it("never lets a counter fall: over retries, an operator's second try, a rejected order that is taken over, a crash", async () => {
    const [first, again, rejected] = orderIdsOfOneLedger("monotonic", 3) as [string, string, string];
    let before = new Map<string, number>();
    const expectRise = async (...expected: [string, unknown][]) => {
      const families = await scrape();
      for (const [name, values] of expected) expect(valuesOf(families, name), name).toEqual(values);
      const counters = [...families.values()]
        .filter(({ type }) => type !== "gauge")
        .flatMap(({ samples }) => samples);
      const now = new Map(counters.map(({ name, labels, value }) => [name + JSON.stringify(labels), value]));
      for (const [series, value] of before) expect(now.get(series), series).toBeGreaterThanOrEqual(value);
      before = now;
    };
    await answerFor(first, { status: 500 }, { status: 503 });
    await answerFor(again, { status: 400 });
    await sendEvent(orderCompleted({ order_id: first }));
    await sendEvent({ ...orderCompleted({}), properties: { order_id: rejected } });
    await runAlarm(first);
    await expectRise(
      ["attempts_total", [["500", 1]]],
      ["waiting_orders", [["retry", 1]]],
      ["orders_total", [["rejected", 1]]],
    );
    advance(HOUR);
    await runAlarm(first);
    await expectRise([
      "attempts_total",
      [
        ["500", 1],
        ["503", 1],
      ],
    ]);
    await crash();
    await sendEvent(orderCompleted({ order_id: rejected }));
    await expectRise(["orders_total", [["rejected", 1]]]);
    advance(HOUR);
    await runAlarm(first);
    advance(HOUR);
    await runAlarm(first);
    await expectRise(
      [
        "attempts_total",
        [
          ["201", 2],
          ["500", 1],
          ["503", 1],
        ],
      ],
      [
        "orders_total",
        [
          ["invited", 2],
          ["rejected", 1],
        ],
      ],
    );
    await sendEvent(orderCompleted({ order_id: again }));
    await runAlarm(again);
    await expectRise([
      "orders_total",
      [
        ["invited", 2],
        ["rejected", 1],
        ["failed", 1],
      ],
    ]);
    await ledgerOf(again).act(again, "send-again");
    await expectRise([
      "orders_total",
      [
        ["invited", 2],
        ["rejected", 1],
        ["failed", 1],
      ],
    ]);
    await runAlarm(again);
    await expectRise(
      [
        "orders_total",
        [
          ["invited", 3],
          ["rejected", 1],
          ["failed", 1],
        ],
      ],
      [
        "attempts_total",
        [
          ["201", 3],
          ["400", 1],
          ["500", 1],
          ["503", 1],
        ],
      ],
      ["needs_operator_orders", []],
      ["waiting_orders", []],
    );
  });

  it("an attempt that is out keeps the earlier ones counted", async () => {
    await putOrder({
      orderId: "out",
      state: "sending",
      due: Date.now() + 1000,
      since: Date.now(),
      history: [
        { at: 0, what: "received" },
        { at: 0, ...attempt(502, 120) },
      ],
    });
    const families = await scrape();
    expect(valuesOf(families, "attempts_total")).toEqual([["502", 1]]);
    expect(valuesOf(families, "waiting_orders")).toEqual([["sending", 1]]);
  });

  it.each<[what: string, pause: Parameters<typeof pauseLedger>[1], breakers: unknown]>([
    ["a block", { kind: "blocked", host: "shop.example.com", since: 0 }, []],
    ["an operator's pause", { kind: "operator", reason: "stocktaking", since: 0, until: null }, []],
    [
      "the circuit breaker",
      { kind: "outage", failure: "error", failures: 2, since: 0, until: Date.parse("2099-01-01") },
      [["", 1]],
    ],
  ])("says that orders wait because of %s, and since when", async (_, pause, breakers) => {
    const orderId = "held-back";
    await pauseLedger(ledgerName(orderId), pause);
    await putOrder({ orderId, state: "held", due: Date.now() - HOUR, personal: personalOf(orderId) });
    const families = await scrape();
    expect(valuesOf(families, "waiting_orders")).toEqual([[pause.kind, 1]]);
    expect(valuesOf(families, "oldest_wait_seconds")).toEqual([["", 3600]]);
    expect(valuesOf(families, "breaker_open_ledgers")).toEqual(breakers);
  });

  it("labels each shop where there are several, and shows a shop only itself", async () => {
    const SHOPS = { uk: { affiliation: "Example UK" } };
    await putOrder({ orderId: "shops-1" });
    await putOrder({ orderId: "shops-2" }, "shop:uk:");
    await putOrder({ orderId: "shops-3" }, "shop:uk:");
    const invited = async (path: string) => valuesOf(await scrape(path, { env: { SHOPS } }), "orders_total");
    expect(await invited("/metrics")).toEqual([
      [" invited", 1],
      ["uk invited", 2],
    ]);
    expect(await invited("/shops/uk/metrics")).toEqual([["uk invited", 2]]);
  });

  it.each([
    ["HEAD /metrics", 200, "text/plain; version=0.0.4; charset=utf-8"],
    ["GET /metrics/", 200, "text/plain; version=0.0.4; charset=utf-8"],
    ["POST /metrics", 405, "application/json"],
    ["DELETE /metrics", 405, "application/json"],
    ["OPTIONS /metrics", 405, "application/json"],
    ["GET /metrics/more", 404, "application/json"],
    ["GET /%6detrics", 404, "application/json"],
    ["GET /metrics%2F", 404, "application/json"],
    ["GET /METRICS", 404, "application/json"],
    ["GET /shops/uk/%6detrics", 404, "application/json"],
  ])("%s is answered %i", async (request, status, type) => {
    const [method = "", path = ""] = request.split(" ");
    const response = await look(path, { method, env: { SHOPS: { uk: {} } } });
    expect([response.status, response.headers.get("Content-Type")]).toEqual([status, type]);
    expect(response.headers.get("Allow")).toBe(status === 405 ? "GET, HEAD" : null);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    if (method === "HEAD") expect(await response.text()).toBe("");
  });

  it("counts rejections, of all shops together, and nothing of it for one shop", async () => {
    const attempts = env.ATTEMPTS.getByName("v1");
    await attempts.addRejections({
      unauthenticated: { count: 2, reason: "why" },
      rejected: { count: 1, reason: "why" },
    });
    // What the files before have left to report comes on top.
    const { unauthenticated, rejected } = await attempts.rejectionTotals();
    const settings = { env: { SHOPS: JSON.stringify({ uk: {} }) } };
    expect(valuesOf(await scrape("/metrics", settings), "rejections_total")).toEqual([
      ["unauthenticated", unauthenticated],
      ["rejected", rejected],
    ]);
    expect([unauthenticated >= 2, rejected >= 1]).toEqual([true, true]);
    const { samples } = (await scrape("/shops/uk/metrics", settings)).get(
      "review_invitations_rejections_total",
    )!;
    expect(samples).toEqual([]);
  });

  it("opens to an Access service token, and not to the password, when only Access may", async () => {
    const access = { aud: "a".repeat(64), getIdentity: () => Promise.resolve(undefined) };
    const settings = { env: { ACCESS_AUD: access.aud } };
    expect((await look("/metrics", { ...settings, password: null, access })).status).toBe(200);
    expect((await look("/metrics", settings)).status).toBe(403);
  });

  it("is 503 as JSON when a ledger cannot be read", async () => {
    const getByName = () => ({ metrics: () => Promise.reject(new Error("away")) });
    const response = await look("/metrics", { env: { LEDGER: { getByName } as unknown as Env["LEDGER"] } });
    expect([response.status, response.headers.get("Content-Type")]).toEqual([503, "application/json"]);
  });
});

describe("the overview", () => {
  afterEach(reset);

  it("says in plain words how quickly Trustpilot answers, and nothing before it has", async () => {
    const said = async () =>
      /Of the requests for these orders[^.]*\..*?<\/p>/.exec(await (await look("/status")).text())?.[0];
    expect(await said()).toBeUndefined();
    const orderId = "times";
    await putOrder({ orderId, state: "sending", due: Date.now() + HOUR });
    await runInDurableObject(env.LEDGER.getByName(ledgerName(orderId)), (_, { storage }) => {
      const table = new OrderTable(new Database(storage));
      table.update(table.find(orderId)!, Date.now(), { state: "invited", due: null }, attempt(201, 180));
    });
    expect((await said())!.replace(/<[^>]+>/g, "")).toMatch(
      /^Of the requests for these orders that Trustpilot answered, half took up to 0\.15 s, 95% up\s+to 0\.2 s and 99% up to 0\.2 s\./,
    );
  });
});

describe("the histogram", () => {
  const of = (...times: number[]) => sumCounts(times.map((time) => answerCounts(attempt(201, time))));

  it.each<[what: string, answers: number[], share: number, milliseconds: number | null]>([
    ["no answer has no percentile", [], 0.5, null],
    ["one answer lies in the middle of its bucket", [120], 0.5, 150],
    ["a bound belongs to its own bucket", [100], 1, 100],
    ["the first bucket begins at zero", [10], 0.5, 25],
    ["half of four, two in each bucket", [60, 70, 150, 160], 0.5, 100],
    ["three quarters of them", [60, 70, 150, 160], 0.75, 150],
    ["an empty bucket in between is skipped", [60, 900], 0.75, 875],
    [
      "95 of a hundred, when five are slow",
      [...Array<number>(95).fill(60), ...Array<number>(5).fill(4_000)],
      0.95,
      100,
    ],
    [
      "96 of a hundred, when five are slow",
      [...Array<number>(95).fill(60), ...Array<number>(5).fill(4_000)],
      0.96,
      3_400,
    ],
    ["the last bound is still known", [20_000], 1, 20_000],
    ["beyond the last bound nothing is known", [20_001], 0.5, Infinity],
  ])("%s", (_, answers, share, milliseconds) => {
    const found = percentile(of(...answers), share);
    if (milliseconds === null || milliseconds === Infinity) expect(found).toBe(milliseconds);
    else expect(found).toBeCloseTo(milliseconds, 6);
  });

  it("counts no time of an attempt without an HTTP answer, and nothing but attempts", () => {
    expect(answerCounts(attempt(null, 10_000))).toEqual({ "answer:status:none": 1 });
    expect(answerCounts({ what: "attempt", reason: "interrupted" })).toEqual({ "answer:status:none": 1 });
    expect(answerCounts({ what: "invited" })).toEqual({});
  });
});

describe("the text format", () => {
  const gauge = (value: number, labels = {}, help = "Help."): Family[] => [
    { name: "x", help, type: "gauge", samples: [{ labels, value }] },
  ];

  it.each(['"', "\\", "\n", '\\"', "\\n", '"\n\\', "ü ☃", "{}", 'a="b",c'])(
    "escapes %j in a label",
    (value) => {
      const text = expose(gauge(1, { label: value }));
      expect(readExposition(text).get("x")!.samples).toEqual([
        { name: "x", labels: { label: value }, value: 1 },
      ]);
      expect(text.split("\n")).toHaveLength(4);
    },
  );

  it.each([
    ["a line feed", "one\ntwo", "one\\ntwo"],
    ["a backslash", "one\\two", "one\\\\two"],
    ["no quotes", 'a "word"', 'a "word"'],
  ])("escapes %s in the help", (_, help, written) => {
    expect(readExposition(expose(gauge(1, {}, help))).get("x")!.help).toBe(written);
  });

  it.each([0, 1.5, 1e21, 1e-7, -3, Infinity])("writes %d so that it reads back the same", (value) => {
    expect(readExposition(expose(gauge(value))).get("x")!.samples[0]!.value).toBe(value);
  });

  it.each([
    ["no final line feed", "# HELP x y\n# TYPE x gauge\nx 1"],
    ["a raw quote", '# HELP x y\n# TYPE x gauge\nx{a="b"c"} 1\n'],
    ["a series that comes twice", "# HELP x y\n# TYPE x gauge\nx 1\nx 2\n"],
    ["a counter without _total", "# HELP x y\n# TYPE x counter\nx 1\n"],
    [
      "a bucket that falls",
      '# HELP x y\n# TYPE x histogram\nx_bucket{le="1"} 2\nx_bucket{le="+Inf"} 1\nx_sum 1\nx_count 1\n',
    ],
    ["no last bucket", '# HELP x y\n# TYPE x histogram\nx_bucket{le="1"} 2\nx_sum 1\nx_count 2\n'],
  ])("the strict reader does not take %s", (_, text) => {
    expect(() => readExposition(text)).toThrow();
  });
});
