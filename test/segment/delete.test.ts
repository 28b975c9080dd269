import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ledgerName, ledgerNames } from "../support/shard.ts";
import { AddressHandover } from "../../src/ledger/address-handover.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import {
  advance,
  alarmIn,
  crash,
  DAY,
  HOUR,
  listen,
  MINUTE,
  orderIdsOfOneLedger,
  runAlarm,
  stopClock,
} from "../support/ledger.ts";
import { orderCompleted, sign, signedRequest } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";
import { answerOf, callWorker, type Settings } from "../support/worker.ts";

afterEach(reset);

const SETTINGS = { HOLD_DAYS: "3", EXCLUDE_AUDIENCES: "staff" };
const answerTo = async (event: unknown, settings: Settings = SETTINGS) =>
  answerOf(await callWorker(signedRequest(event), settings));
const rowOf = (orderId: string) => env.LEDGER.getByName(ledgerName(orderId)).find(orderId);

/** As Segment sends it: with nothing where there is nothing to say. */
const deletion = (customer: object) => ({
  type: "delete",
  context: null,
  integrations: [],
  timestamp: "1/2/2026, 3:04:05 PM",
  ...customer,
});

const DELETED = (cancelled: number) => ({
  status: 200,
  outcome: "accepted",
  message: `Deleted here; waiting invitations cancelled: ${cancelled}. Trustpilot keeps its own copy: delete the customer's data there too.`,
});

describe("a delete event cancels the invitations that wait for the customer", () => {
  it.each([
    ["by the user id", { userId: "jane-1" }],
    ["by the anonymous id", { anonymousId: "browser-1" }],
    ["by the e-mail in its traits", { traits: { email: "JANE@example.com" } }],
    ["by a user id that is the e-mail", { userId: "jane@example.com" }],
    ["by all of them", { userId: "jane-1", anonymousId: "browser-1" }],
  ])("%s, in every ledger, and leaves the others", async (_, customer) => {
    const jane = { userId: "jane-1", anonymousId: "browser-1" };
    const hers = Array.from({ length: 12 }, (__, number) => `delete-hers-${number}`);
    await answerTo(hers.map((order_id) => orderCompleted({ order_id }, jane)));
    await answerTo(orderCompleted({ order_id: "delete-his", email: "joe@example.com" }, { userId: "joe-1" }));
    expect(new Set(hers.map(ledgerName)).size).toBeGreaterThan(3);

    expect(await answerTo(deletion(customer))).toEqual(DELETED(12));
    for (const orderId of hers) {
      expect(await rowOf(orderId)).toMatchObject({
        state: "cancelled",
        reason: "customer_deleted",
        personal: null,
      });
    }
    expect(await rowOf("delete-his")).toMatchObject({ state: "held" });
    expect(await answerTo(deletion(customer)), "the second time nothing is left").toEqual(DELETED(0));
  });

  it("finds an address with letters beyond ASCII as it was written", async () => {
    const email = "JÖRG@müller.example";
    await answerTo(orderCompleted({ order_id: "delete-umlaut", email }));
    expect(await answerTo(deletion({ traits: { email } }))).toEqual(DELETED(1));
  });

  it("and keeps the order's id, so that a replay is still a duplicate", async () => {
    await answerTo(orderCompleted({ order_id: "delete-replay" }, { userId: "jane-1" }));
    await answerTo(deletion({ userId: "jane-1" }));
    expect(await answerTo(orderCompleted({ order_id: "delete-replay" }))).toMatchObject({
      outcome: "duplicate",
    });
    expect(await requestsFor("delete-replay")).toHaveLength(0);
  });

  it("in the order of the batch: an order before it is cancelled, one after it is not", async () => {
    const jane = { userId: "jane-1" };
    const answer = await answerTo([
      orderCompleted({ order_id: "delete-before" }, jane),
      deletion(jane),
      orderCompleted({ order_id: "delete-after" }, jane),
    ]);
    expect(answer.events?.map(({ outcome }) => outcome)).toEqual(["accepted", "accepted", "accepted"]);
    expect(await rowOf("delete-before")).toMatchObject({ state: "cancelled" });
    expect(await rowOf("delete-after")).toMatchObject({ state: "held" });
  });
});

describe("what a deletion finds with its customer holds wherever else it is known", () => {
  const JANE = "Jane@example.com";
  const SHOPS = {
    SHOPS: { uk: { affiliation: "Example UK" }, nl: { affiliation: "Example NL" } },
    TRUSTPILOT_INTEGRATION_KEY_UK: "britishTestsKey1",
    TRUSTPILOT_INTEGRATION_KEY_NL: "dutchTestsKey001",
    SEGMENT_SHARED_SECRET_UK: "the secret of the British shop",
    HOLD_DAYS: "3",
  };
  const places: Record<string, object> = {
    "": {},
    "shop:uk:": { affiliation: "Example UK" },
    "shop:nl:": { affiliation: "Example NL" },
  };
  const ledgerIn = (shop: string, orderId: string) => env.LEDGER.getByName(shop + ledgerName(orderId));
  const stateIn = async (shop: string, orderId: string) =>
    (await ledgerIn(shop, orderId).find(orderId))?.state;
  const anonymous = (order_id: string, shop = "", email = JANE) =>
    orderCompleted({ order_id, email, ...places[shop] });
  /** An order that tells the address of the user. */
  const known = (order_id: string) => orderCompleted({ order_id, email: JANE }, { userId: "jane-1" });
  const found = (shop: string, orderId: string) =>
    runInDurableObject(ledgerIn(shop, orderId), (_, { storage }) =>
      storage.sql.exec("SELECT * FROM addresses").toArray(),
    );
  const told = (shop: string, orderId: string) =>
    vi.waitFor(async () => expect(await found(shop, orderId)).toEqual([]), 10_000);

  it("in all ledgers of all shops, also those that are no longer in SHOPS, and for no other customer", async () => {
    const ids = Array.from({ length: 9 }, (_, number) => `found-${number}`);
    for (const shop of Object.keys(places))
      await answerTo(
        ids.map((id) => anonymous(id, shop, id === "found-8" ? "joe@example.com" : "JANE@example.com")),
        SHOPS,
      );
    expect(new Set(ids.slice(0, 8).map(ledgerName)).size).toBeGreaterThan(3);
    await answerTo(known("found-known"), SHOPS);

    const { SHOPS: _, ...rest } = SHOPS;
    const answer = await answerTo(deletion({ userId: "jane-1" }), { ...rest, SHOPS: { uk: SHOPS.SHOPS.uk } });
    expect(answer).toMatchObject({ outcome: "accepted" });
    await told("", "found-known");
    for (const shop of Object.keys(places)) {
      for (const id of ids.slice(0, 8)) expect(await stateIn(shop, id), shop + id).toBe("cancelled");
      expect(await stateIn(shop, "found-8")).toBe("held");
    }
  });

  it.each<[string, string, object]>([
    ["the user id", "user", { userId: "jane-1" }],
    ["the anonymous id", "anonymous", { anonymousId: "browser-1" }],
  ])("whether it was found by %s", async (_, name, customer) => {
    await answerTo({ ...orderCompleted({ order_id: `by-${name}`, email: JANE }), ...customer });
    await answerTo(anonymous(`by-${name}-else`));
    await answerTo(deletion(customer));
    await told("", `by-${name}`);
    expect(await stateIn("", `by-${name}-else`)).toBe("cancelled");
  });

  it("for the orders before it in the batch, and for none after it", async () => {
    const before = Array.from({ length: 8 }, (_, number) => `batch-before-${number}`);
    const after = Array.from({ length: 8 }, (_, number) => `batch-after-${number}`);
    const uk = "shop:uk:";
    await answerTo(anonymous("batch-first", uk), SHOPS);
    await answerTo(
      [
        known("batch-known"),
        ...before.flatMap((id) => [anonymous(id), anonymous(id, uk)]),
        deletion({ userId: "jane-1" }),
        ...after.flatMap((id) => [anonymous(id), anonymous(id, uk)]),
      ],
      SHOPS,
    );
    await told("", "batch-known");
    for (const shop of ["", uk]) {
      for (const id of before) expect(await stateIn(shop, id), shop + id).toBe("cancelled");
      for (const id of after) expect(await stateIn(shop, id)).toBe("held");
    }
  });

  it("in the one shop whose own path the deletion came by, and in no other", async () => {
    const uk = "shop:uk:";
    for (const shop of ["", uk]) await answerTo(anonymous("path-else", shop), SHOPS);
    const toUk = async (event: unknown) => {
      const body = JSON.stringify(event);
      const headers = { "X-Signature": sign(body, SHOPS.SEGMENT_SHARED_SECRET_UK) };
      const url = "https://worker.example.com/shops/uk/segment";
      return answerOf(await callWorker(new Request(url, { method: "POST", headers, body }), SHOPS));
    };
    await toUk(orderCompleted({ order_id: "path-known", email: JANE }, { userId: "jane-1" }));
    expect(await toUk(deletion({ userId: "jane-1" }))).toMatchObject({ outcome: "accepted" });
    await told(uk, "path-known");
    expect(await stateIn(uk, "path-else")).toBe("cancelled");
    expect(await stateIn("", "path-else")).toBe("held");
  });

  it("in the audiences, unless they were told later", async () => {
    const identify = (email: string, timestamp?: string) => ({
      type: "identify",
      traits: { staff: true, email },
      ...(timestamp !== undefined && { timestamp }),
    });
    await answerTo(identify(JANE, "2026-01-01T00:00:00Z"));
    await answerTo(identify("joe@example.com", "2026-01-01T00:00:00Z"));
    await answerTo(known("audience-known"));
    await answerTo(deletion({ userId: "jane-1" }));
    await told("", "audience-known");
    const isStaff = async (email: string) =>
      (await env.AUDIENCES.getByName("v1").audiencesOf([{ email }]))[0]!;
    expect(await isStaff(JANE)).toEqual([]);
    expect(await isStaff("joe@example.com")).toEqual(["staff"]);
    const audiences = env.AUDIENCES.getByName("v1");
    await audiences.forget([{ email: "joe@example.com", until: Date.parse("2025-12-31") }]);
    expect(await isStaff("joe@example.com")).toEqual(["staff"]);
  });

  it("with FIND_BY_EMAIL also where both orders are done, and where only the one that was found is", async () => {
    const ON = { ...SETTINGS, FIND_BY_EMAIL: "true" };
    const skip = { timestamp: "2001-01-01T00:00:00Z" };
    for (const name of ledgerNames())
      await runInDurableObject(env.LEDGER.getByName(name), (instance) => {
        (instance as unknown as { env: Env }).env = { ...env, ...ON };
      });
    const ids = Array.from({ length: 8 }, (_, number) => `index-${number}`);
    await answerTo({ ...known("index-known"), ...skip }, ON);
    await answerTo(
      ids.map((id, number) => ({ ...anonymous(id), ...(number < 4 && skip) })),
      ON,
    );
    const indexed = async () => {
      const rows = ledgerNames().map((name) =>
        runInDurableObject(env.LEDGER.getByName(name), (_, { storage }) =>
          storage.sql.exec("SELECT * FROM customers").toArray(),
        ),
      );
      return (await Promise.all(rows)).flat().length;
    };
    expect(await indexed()).toBe(10);
    await answerTo(deletion({ userId: "jane-1" }), ON);
    await vi.waitFor(async () => expect(await indexed()).toBe(0), 10_000);
    for (const id of ids.slice(4)) expect(await stateIn("", id)).toBe("cancelled");
  });

  it("without it only the address of an open order is known: a done one no longer tells it", async () => {
    await answerTo({ ...known("gone-known"), timestamp: "2001-01-01T00:00:00Z" });
    await answerTo(anonymous("gone-else"));
    await answerTo(deletion({ userId: "jane-1" }));
    expect(await found("", "gone-known")).toEqual([]);
    expect(await stateIn("", "gone-else")).toBe("held");
  });

  it("also when the ledger stops before it has told, or another is away: it tells again until it has", async () => {
    stopClock();
    const ids = Array.from({ length: 8 }, (_, number) => `retry-${number}`);
    await answerTo(ids.map((id) => anonymous(id)));
    await answerTo(known("retry-known"));
    const away = ids.find((id) => ledgerName(id) !== ledgerName("retry-known"))!;
    await ledgerIn("", away).pause("x", null);
    const fence = async (up: boolean) => {
      using transfer = await ledgerIn("", away).transfer();
      await transfer.setFence(up);
    };
    await answerTo(deletion({ userId: "stranger" }));
    await fence(true);
    // To this ledger alone: the fenced one would fail the whole request.
    await ledgerIn("", "retry-known").record([
      { kind: "forget", customer: { userId: "jane-1" }, everywhere: true },
    ]);
    const others = ids.filter((id) => ledgerName(id) !== ledgerName(away));
    await vi.waitFor(async () => {
      for (const id of others) expect(await stateIn("", id)).toBe("cancelled");
    }, 10_000);
    expect(await stateIn("", away)).toBe("held");
    expect(await found("", "retry-known")).toHaveLength(1);
    await crash();
    await fence(false);
    expect(await alarmIn("retry-known")).toBeLessThanOrEqual(HOUR);
    advance(HOUR);
    await runAlarm("retry-known");
    expect(await stateIn("", away)).toBe("cancelled");
    expect(await found("", "retry-known")).toEqual([]);
    vi.useRealTimers();
  });

  it("but for no longer than 30 days: then it is given up, and the log says so", async () => {
    stopClock();
    const lines = listen();
    await answerTo(known("end-known"));
    const LEDGER = vi.spyOn(env.LEDGER, "getByName");
    vi.spyOn(env.REGISTRY, "getByName").mockImplementation(() => {
      throw new Error("away");
    });
    await ledgerIn("", "end-known").record([
      { kind: "forget", customer: { userId: "jane-1" }, everywhere: true },
    ]);
    LEDGER.mockRestore();
    expect(await found("", "end-known")).toHaveLength(1);
    advance(30 * DAY + MINUTE);
    await runAlarm("end-known");
    expect(await found("", "end-known")).toEqual([]);
    expect(lines()).toContainEqual(
      expect.objectContaining({ reason: "found addresses given up", addresses: 1 }),
    );
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("without two ledgers setting each other off while a third cannot be reached", async () => {
    const names = ["v1-0", "v1-1"];
    for (const name of names)
      await runInDurableObject(env.LEDGER.getByName(name), async (_, { storage }) => {
        storage.sql.exec("INSERT INTO addresses VALUES (?, 0, ?)", `${name}@example.com`, Date.now());
        await storage.setAlarm(Date.now() + HOUR);
      });
    await crash();
    const record = vi.spyOn(Ledger.prototype, "record").mockImplementationOnce(async () => {
      throw new Error("away");
    });
    const run = vi.spyOn(AddressHandover.prototype, "run");
    await runDurableObjectAlarm(env.LEDGER.getByName("v1-0"));
    expect(record).toHaveBeenCalledTimes(8);
    expect(run).toHaveBeenCalledOnce();
    vi.restoreAllMocks();
  });

  it("at a cost of one more call per ledger, however many it finds", async () => {
    const ids = orderIdsOfOneLedger("cost", 200);
    await answerTo(
      ids.map((id) => orderCompleted({ order_id: id, email: `${id}@example.com` }, { userId: id })),
    );
    const record = vi.spyOn(Ledger.prototype, "record");
    await answerTo(ids.map((id) => deletion({ userId: id })));
    await told("", ids[0]!);
    expect(record.mock.calls.length).toBe(16);
    vi.restoreAllMocks();
  });
});

it("a delete event removes what is known of the customer's audiences", async () => {
  const identify = { type: "identify", userId: "jane-1", traits: { staff: true, email: "jane@example.com" } };
  await answerTo(identify);
  await answerTo(deletion({ userId: "jane-1" }));
  const rows = await runInDurableObject(env.AUDIENCES.getByName("v1"), (_, { storage }) =>
    storage.sql.exec("SELECT * FROM members").toArray(),
  );
  expect(rows).toEqual([]);
});

it("nothing of a deleted customer is left in any row of the ledgers", async () => {
  const order = orderCompleted({ order_id: "delete-rows", name: "Telltale" }, { userId: "jane-1" });
  await answerTo(order);
  await answerTo(deletion({ userId: "jane-1" }));
  const row = JSON.stringify(await rowOf("delete-rows"));
  for (const telltale of ["Telltale", "jane-1", "jane@example.com"]) expect(row).not.toContain(telltale);
});

it.each([{}, { userId: null }, { userId: " " }, { userId: {} }, { messageId: "m-1" }])(
  "a delete event that names no user is rejected: %j",
  async (customer) => {
    expect(await answerTo(deletion(customer))).toEqual({
      status: 400,
      outcome: "rejected",
      message: expect.stringContaining("names no user"),
    });
  },
);

it("a deletion that a ledger could not carry out is not confirmed", async () => {
  const LEDGER = { getByName: () => ({ record: () => Promise.reject(new Error("away")) }) };
  const answer = await answerTo(deletion({ userId: "jane-1" }), { ...SETTINGS, LEDGER });
  expect(answer.status).toBe(503);
});
