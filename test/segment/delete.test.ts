import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { ledgerName } from "../../src/domain/shard.ts";
import { orderCompleted, signedRequest } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";
import { answerOf, callWorker, type Settings } from "../support/worker.ts";

afterEach(reset);

const SETTINGS = { HOLD_DAYS: "3", EXCLUDE_AUDIENCES: "staff" };
const answerTo = async (event: unknown, settings: Settings = SETTINGS) =>
  answerOf(await callWorker(await signedRequest(event), settings));
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
