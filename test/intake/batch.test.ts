import { reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ledgerNames } from "../support/shard.ts";
import { orderCompleted, sendBatch, signedRequest } from "../support/segment.ts";
import { answerOf, callWorker } from "../support/worker.ts";

afterEach(reset);

describe("a batch", () => {
  it("with one bad event among good ones loses none of the good ones, and names the bad one", async () => {
    const good = (number: number) => orderCompleted({ order_id: `batch-good-${number}` });
    const { status, events } = await sendBatch([
      good(0),
      good(1),
      orderCompleted({ email: "x" }),
      good(3),
      good(4),
    ]);
    expect(status).toBe(200);
    expect(events).toEqual([
      { index: 0, outcome: "accepted", orderId: "batch-good-0" },
      { index: 1, outcome: "accepted", orderId: "batch-good-1" },
      { index: 2, outcome: "rejected", message: expect.stringContaining("without an order_id") },
      { index: 3, outcome: "accepted", orderId: "batch-good-3" },
      { index: 4, outcome: "accepted", orderId: "batch-good-4" },
    ]);
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["a number", 7],
    ["a list", [[]]],
    ["an empty object", {}],
    [
      "an address that no mail can go to",
      orderCompleted({ order_id: "batch-bad-email", email: "jane\ud800@example.com" }),
    ],
    ["an id of broken Unicode", orderCompleted({ order_id: "\udc00" })],
    [
      "an infinite id",
      JSON.parse('{"type":"track","event":"Order Completed","properties":{"order_id":1e400}}'),
    ],
    ["an event without a name", { type: "track" }],
    ["a delete without a user", { type: "delete" }],
  ])("names %s and takes what stands around it", async (what, bad) => {
    const { status, events } = await sendBatch([
      orderCompleted({ order_id: `batch ${what} 1` }),
      bad,
      orderCompleted({ order_id: `batch ${what} 2` }),
    ]);
    expect(status).toBe(200);
    expect(events.map(({ index, outcome }) => [index, outcome])).toEqual([
      [0, "accepted"],
      [1, "rejected"],
      [2, "accepted"],
    ]);
  });

  it("may mix types, wrapped events and bare ones", async () => {
    const { events } = await sendBatch([
      { type: "page" },
      { json: orderCompleted({ order_id: "batch-wrapped" }) },
      orderCompleted({ order_id: "batch-bare" }),
      { json: { type: "identify" } },
      { json: "text" },
      { json: orderCompleted({ order_id: "batch-not-wrapped" }), type: "page" },
    ]);
    expect(events.map(({ outcome }) => outcome)).toEqual([
      "ignored",
      "accepted",
      "accepted",
      "ignored",
      "rejected",
      "ignored",
    ]);
  });

  it("takes an order once that it holds twice, in its order", async () => {
    const twice = orderCompleted({ order_id: "batch-twice" });
    const bad = orderCompleted({ order_id: "batch-twice", email: "" });
    const { events } = await sendBatch([bad, twice, twice, orderCompleted({ order_id: " batch-twice " })]);
    expect(events.map(({ outcome }) => outcome)).toEqual(["rejected", "accepted", "duplicate", "duplicate"]);
  });

  it("may hold other events when it is sent again", async () => {
    const [one, two, three] = ["1", "2", "3"].map((number) =>
      orderCompleted({ order_id: `batch-retry-${number}` }),
    );
    await sendBatch([one, two]);
    const { events } = await sendBatch([two, three, one]);
    expect(events.map(({ outcome }) => outcome)).toEqual(["duplicate", "accepted", "duplicate"]);
  });

  it("without events is answered 200 with no events", async () => {
    expect(await sendBatch([])).toEqual({ status: 200, events: [] });
  });

  it("with one event is answered as a batch", async () => {
    expect(await sendBatch([{ type: "page" }])).toEqual({
      status: 200,
      events: [{ index: 0, outcome: "ignored", message: "A page event starts no invitation." }],
    });
  });

  it("of 4,000 events is answered event by event", async () => {
    const ids = Array.from({ length: 4000 }, (_, number) => `batch-4000-${number}`);
    const { status, events } = await sendBatch(ids.map((order_id) => orderCompleted({ order_id })));
    expect(status).toBe(200);
    expect(events).toEqual(ids.map((orderId, index) => ({ index, outcome: "accepted", orderId })));
  });

  it("is answered 503 as a whole when a ledger is away; sent again, what had been taken is a duplicate", async () => {
    const ids = Array.from({ length: 20 }, (_, number) => `batch-away-${number}`);
    const body = ids.map((order_id) => orderCompleted({ order_id }));
    const away = { record: () => Promise.reject(new Error("away")) };
    const LEDGER = { getByName: (name: string) => (name === "v1-3" ? away : env.LEDGER.getByName(name)) };
    const first = await answerOf(await callWorker(signedRequest(body), { LEDGER }));
    expect(first).toEqual({ status: 503, message: expect.stringContaining("send the request again") });
    const { events } = await sendBatch(body);
    const outcomes = events.map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(["accepted", "duplicate"]));
    expect(outcomes).toHaveLength(20);
  });
});

describe("limits", () => {
  it("5,000 events are read, one more is answered 413 with what to do", async () => {
    const batch = (events: number) =>
      JSON.stringify(Array.from({ length: events }, () => ({ type: "page" })));
    const answer = async (events: number) =>
      answerOf(await exports.default.fetch(signedRequest(batch(events))));
    expect((await answer(5_000)).events).toHaveLength(5_000);
    expect(await answer(5_001)).toMatchObject({
      status: 413,
      outcome: "rejected",
      message: expect.stringContaining("5,000 events"),
    });
  });

  it("many rejected events of a batch are one line with counts and examples", async () => {
    const lines = vi.spyOn(console, "warn").mockImplementation(() => {});
    await sendBatch([{ type: "page" }, ...Array.from({ length: 1_000 }, (_, index) => (index % 2 ? 1 : {}))]);
    const written = lines.mock.calls.map(([line]) => JSON.parse(String(line)) as { log: string });
    // How the report of so many went is another line.
    expect(written.filter(({ log }) => log === "rejected")).toEqual([
      {
        log: "rejected",
        events: 1_000,
        reasons: { not_an_event: 500, type_missing: 500 },
        examples: [1, 2, 3, 4, 5],
      },
    ]);
  });

  it("all deletions of a request cost one call per ledger and one to the audiences, and none is dropped", async () => {
    const calls: string[] = [];
    const counting = <Class extends Rpc.DurableObjectBranded>(namespace: DurableObjectNamespace<Class>) =>
      ({
        getByName: (name: string) => {
          calls.push(name);
          return namespace.getByName(name);
        },
      }) as unknown as DurableObjectNamespace<Class>;
    const orders = Array.from({ length: 40 }, (_, index) => ({
      ...orderCompleted({ order_id: `deletions-${index}` }),
      userId: `user-${index}`,
    }));
    const settings = { HOLD_DAYS: "3", LEDGER: counting(env.LEDGER), AUDIENCES: counting(env.AUDIENCES) };
    await callWorker(signedRequest(orders), settings);
    calls.length = 0;
    const deletions = orders.map(({ userId }) => ({ type: "delete", userId }));
    const { events } = await answerOf(await callWorker(signedRequest(deletions), settings));
    expect(calls.toSorted()).toEqual([...ledgerNames(), "v1"].toSorted());
    for (const { message } of events!) expect(message).toContain("cancelled: 1");
  });
});
