/** Where the customer's data is, until when, and what a deletion takes away. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Step } from "../../scripts/stand-in/behaviour.ts";
import { ledgerNames } from "../support/shard.ts";
import {
  advance,
  configure,
  kvSays,
  ledgerOf,
  listen,
  rowOf,
  runAlarm,
  sendEventTo,
  sql,
  useLedger,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import { DAY } from "../../src/lib/time.ts";

useLedger();

/** An order full of what must not stay. */
function personalOrder(orderId: string, userId = "user-of-jane") {
  return orderCompleted(
    {
      order_id: orderId,
      email: "jane@private.example",
      name: "Jane",
      surname: "Roe",
      products: [{ name: "Secret" }],
    },
    { userId, anonymousId: `anonymous-of-${userId}` },
  );
}
const PERSONAL = /private\.example|Jane|Roe|Secret|of-jane/;

/** Everything that the order's ledger has on disk, as text. */
async function everythingOf(orderId: string): Promise<string> {
  return JSON.stringify(await sql(orderId, "SELECT * FROM orders"));
}

async function settle(orderId: string, step: Step): Promise<void> {
  await answerFor(orderId, step);
  await sendEvent(personalOrder(orderId));
  await runAlarm(orderId);
}

describe("personal data", () => {
  it("is in the ledger while the order waits", async () => {
    await sendEventTo({ HOLD_DAYS: "3" }, personalOrder("personal-waits"));
    expect(await everythingOf("personal-waits")).toMatch(PERSONAL);
  });

  it.each<[string, (orderId: string) => Promise<unknown>]>([
    ["invited", (orderId) => settle(orderId, { status: 201 })],
    [
      "skipped for its age",
      (orderId) => sendEvent({ ...personalOrder(orderId), timestamp: "2001-01-01T00:00:00Z" }),
    ],
    [
      "skipped by a dry run",
      async (orderId) => {
        await sendEvent(personalOrder(orderId));
        await configure(orderId, { DRY_RUN: "true" });
        await runAlarm(orderId);
      },
    ],
    [
      "cancelled",
      async (orderId) => {
        await sendEvent(personalOrder(orderId));
        await sendEvent({ type: "track", event: "Order Cancelled", properties: { order_id: orderId } });
      },
    ],
    [
      "marked as sent by an operator",
      async (orderId) => {
        await settle(orderId, { status: 200 });
        await ledgerOf(orderId).act(orderId, "mark-sent");
      },
    ],
  ])("leaves with the order's end: %s", async (name, end) => {
    const orderId = `personal-${name.replaceAll(" ", "-")}`;
    await end(orderId);
    expect(await rowOf(orderId)).toMatchObject({ orderId, due: null });
    expect(await everythingOf(orderId)).not.toMatch(PERSONAL);
  });

  it.each<[string, Step]>([
    ["failed", { status: 400 }],
    ["unknown", { status: 200 }],
  ])(
    "stays for 30 days while an order is %s, so that it can be sent again, and leaves then",
    async (state, step) => {
      const orderId = `personal-${state}`;
      await settle(orderId, step);
      advance(30 * DAY - 1);
      await runAlarm(orderId);
      expect(await rowOf(orderId)).toMatchObject({ state });
      expect(await everythingOf(orderId)).toMatch(PERSONAL);
      advance(1);
      await runAlarm(orderId);
      expect(await rowOf(orderId)).toMatchObject({ state, due: null });
      expect(await everythingOf(orderId)).not.toMatch(PERSONAL);
      expect((await sendEvent(personalOrder(orderId))).answer.outcome).toBe("duplicate");
    },
  );

  it("is in no log line, KV value or object's name, whatever becomes of the order", async () => {
    const lines = listen();
    const steps: Step[] = [
      { status: 201 },
      { status: 400, body: "jane@private.example is wrong" },
      { status: 503 },
      { status: 200 },
    ];
    for (const [index, step] of steps.entries()) await settle(`personal-log-${index}`, step);
    await expect.poll(() => kvSays("personal-log-0")).not.toBeNull();
    const { keys } = await env.ORDERS.list();
    const values = await Promise.all(keys.map(({ name }) => env.ORDERS.get(name)));
    expect(JSON.stringify([lines(), keys, values, ledgerNames()])).not.toMatch(PERSONAL);
    expect(JSON.stringify(lines())).not.toContain(env.TRUSTPILOT_INTEGRATION_KEY);
  });
});

describe("when a customer asks to be deleted", () => {
  const deletion = { type: "delete", userId: "user-of-jane", context: null, integrations: null };

  it.each<[string, object]>([
    ["the user id", { userId: "user-of-jane" }],
    ["the anonymous id", { anonymousId: "anonymous-of-user-of-jane" }],
    ["the e-mail, in any case", { traits: { email: "JANE@private.example" } }],
  ])("waiting orders are cancelled and their data is gone, found by %s", async (name, identity) => {
    const orderId = `delete-by-${name.length}`;
    await sendEventTo({ HOLD_DAYS: "3" }, personalOrder(orderId));
    const { answer } = await sendEvent({ type: "delete", ...identity });
    expect(answer.message).toContain("waiting invitations cancelled: 1");
    expect(await rowOf(orderId)).toMatchObject({ state: "cancelled", reason: "customer_deleted" });
    expect(await everythingOf(orderId)).not.toMatch(PERSONAL);
  });

  it("an e-mail with letters beyond ASCII is found in any case", async () => {
    await sendEventTo(
      { HOLD_DAYS: "3" },
      orderCompleted({ order_id: "delete-umlaut", email: "JÖRG@example.com" }),
    );
    await sendEvent({ type: "delete", traits: { email: "jörg@example.com" } });
    expect(await rowOf("delete-umlaut")).toMatchObject({ state: "cancelled" });
  });

  it("all ledgers are asked, and other customers' orders go on", async () => {
    const mine = Array.from({ length: 12 }, (_, index) => `delete-all-${index}`);
    for (const id of mine) await sendEventTo({ HOLD_DAYS: "3" }, personalOrder(id));
    await sendEventTo(
      { HOLD_DAYS: "3" },
      orderCompleted({ order_id: "delete-other", email: "other@private.example" }, { userId: "other" }),
    );
    const { answer } = await sendEvent(deletion);
    expect(answer.message).toContain("waiting invitations cancelled: 12");
    for (const id of mine) expect(await rowOf(id)).toMatchObject({ state: "cancelled", personal: null });
    expect(await rowOf("delete-other")).toMatchObject({ state: "held" });
  });

  it("an order whose request is out is not tried again, and its data leaves with the answer", async () => {
    await answerFor("delete-sending", { status: 503, delay: 1_500 });
    await sendEvent(personalOrder("delete-sending"));
    const run = runAlarm("delete-sending");
    await expect.poll(() => requestsFor("delete-sending")).toHaveLength(1);
    const { answer } = await sendEvent(deletion);
    expect(answer.message).toContain("1 just being sent");
    await run;
    expect(await rowOf("delete-sending")).toMatchObject({ state: "cancelled", reason: "customer_deleted" });
    expect(await everythingOf("delete-sending")).not.toMatch(PERSONAL);
  });

  it.each<[string, Step, string]>([
    ["a failed order loses its data at once", { status: 400 }, "cancelled"],
    ["an unknown order loses its data at once and stays unknown", { status: 200 }, "unknown"],
  ])("%s, and neither counts as a waiting invitation", async (name, step, state) => {
    const orderId = `delete-${name.length}`;
    await settle(orderId, step);
    const { answer } = await sendEvent(deletion);
    expect(answer.message).toContain("waiting invitations cancelled: 0");
    expect(await rowOf(orderId)).toMatchObject({ state, due: null, personal: null });
    expect(await everythingOf(orderId)).not.toMatch(PERSONAL);
  });

  it("the order stays cancelled when it comes again; a new order of the same customer is invited", async () => {
    const orderId = "delete-again";
    await sendEventTo({ HOLD_DAYS: "3" }, personalOrder(orderId));
    await sendEvent(deletion);
    advance(DAY);
    await sendEvent(personalOrder(orderId));
    await sendEvent(personalOrder("delete-new"));
    for (const id of [orderId, "delete-new"]) await runAlarm(id);
    expect(await rowOf(orderId)).toMatchObject({ state: "cancelled", reason: "customer_deleted" });
    expect(await requestsFor(orderId)).toHaveLength(0);
    expect(await rowOf("delete-new")).toMatchObject({ state: "invited" });
  });

  it("the order stays known: it is a duplicate for ever", async () => {
    await sendEventTo({ HOLD_DAYS: "3" }, personalOrder("delete-known"));
    await sendEvent(deletion);
    expect((await sendEvent(personalOrder("delete-known"))).answer.outcome).toBe("duplicate");
  });
});
