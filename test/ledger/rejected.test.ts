import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { ledgerName } from "../support/shard.ts";
import { kvSays, rowOf, runAlarm, sendEventTo, sql } from "../support/ledger.ts";
import { orderCompleted } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";
import { look, lookJson, putOrder } from "../support/status.ts";

afterEach(reset);

const withoutEmail = (order_id: string) => ({
  ...orderCompleted({ order_id }),
  properties: { order_id, first_name: "Secretname" },
});
const reject = (orderId: string, settings: Partial<Env> = {}) => sendEventTo(settings, withoutEmail(orderId));
const cancel = (order_id: string) =>
  sendEventTo({}, { type: "track", event: "Order Cancelled", properties: { order_id } });

/** The counts of the only day there is. */
async function daily(orderId: string): Promise<unknown> {
  const [day] = await sql(orderId, "SELECT counts FROM daily");
  return JSON.parse((day as { counts: string }).counts);
}

describe("an order that is rejected", () => {
  it("is recorded with its reason, without personal data, and never in KV", async () => {
    expect(await reject("rejected-1")).toMatchObject({ status: 400, answer: { outcome: "rejected" } });
    const row = await rowOf("rejected-1");
    expect(row).toMatchObject({ state: "rejected", reason: "email_missing", due: null, personal: null });
    expect(JSON.stringify(row)).not.toContain("Secretname");
    expect(await kvSays("rejected-1")).toBeNull();
    const page = await (await look("/status/orders/rejected-1")).text();
    expect(page).toContain("No, it was rejected.");
    expect(page).toContain("no usable e-mail address");
  });

  it("is listed and counted", async () => {
    await reject("rejected-2");
    await putOrder({ orderId: "rejected-not" });
    expect(await lookJson("/orders?state=rejected")).toMatchObject({ orders: [{ orderId: "rejected-2" }] });
    expect(await lookJson("/orders?reason=email_missing")).toMatchObject({
      orders: [{ orderId: "rejected-2" }],
    });
    expect(await daily("rejected-2")).toMatchObject({ rejected: 1 });
  });

  it("is written once, however often it comes", async () => {
    await reject("rejected-3");
    const before = await rowOf("rejected-3");
    for (let times = 0; times < 3; times++) await reject("rejected-3");
    expect(await rowOf("rejected-3")).toEqual(before);
    expect(await daily("rejected-3")).toMatchObject({ rejected: 1 });
  });

  it("gives way to a valid event of the same order: one invitation", async () => {
    await reject("rejected-4");
    const valid = orderCompleted({ order_id: "rejected-4" });
    expect(await sendEventTo({}, valid)).toMatchObject({ status: 200, answer: { outcome: "accepted" } });
    expect(await sendEventTo({}, valid)).toMatchObject({ answer: { outcome: "duplicate" } });
    await runAlarm("rejected-4");
    await expect.poll(() => rowOf("rejected-4")).toMatchObject({ state: "invited" });
    expect(await requestsFor("rejected-4")).toHaveLength(1);
    expect(await daily("rejected-4")).toMatchObject({ invited: 1, rejected: 0 });
  });

  it("that is cancelled then is not invited when a valid event comes", async () => {
    await reject("rejected-5");
    expect(await cancel("rejected-5")).toMatchObject({ answer: { outcome: "accepted" } });
    expect(await sendEventTo({}, orderCompleted({ order_id: "rejected-5" }))).toMatchObject({
      answer: { outcome: "skipped" },
    });
    expect(await rowOf("rejected-5")).toMatchObject({ state: "cancelled", reason: "order_cancelled" });
  });

  it.each(["held", "invited", "failed", "cancelled", "skipped"] as const)(
    "changes nothing of a known order that is %s",
    async (state) => {
      const orderId = `rejected-known-${state}`;
      const reason = state === "held" || state === "invited" ? null : "operator";
      const due = state === "held" ? Date.parse("2099-01-01") : null;
      await putOrder({ orderId, state, reason, due });
      const before = await rowOf(orderId);
      await reject(orderId);
      expect(await rowOf(orderId)).toEqual(before);
    },
  );

  it("that was cancelled before stays cancelled", async () => {
    await cancel("rejected-6");
    await reject("rejected-6");
    expect(await rowOf("rejected-6")).toMatchObject({ state: "cancelled", received: null });
  });

  it("is answered 400 when no ledger can be reached", async () => {
    const getByName = () => ({ record: () => Promise.reject(new Error("away")) });
    const answer = await reject("rejected-7", { LEDGER: { getByName } as unknown as Env["LEDGER"] });
    expect(answer.status).toBe(400);
    expect(await rowOf("rejected-7")).toBeNull();
  });

  it("is only counted after a thousand on one day", async () => {
    const day = new Date().toISOString().slice(0, 10);
    await sql("rejected-8", `INSERT INTO daily (day, counts) VALUES (?, '{"rejected":999}')`, day);
    await reject("rejected-8");
    expect(await rowOf("rejected-8")).toMatchObject({ state: "rejected" });
    const full = besideOf("rejected-8");
    await reject(full);
    expect(await rowOf(full)).toBeNull();
    expect(await daily("rejected-8")).toMatchObject({ rejected: 1001 });
  });
});

/** Another order of the same ledger. */
function besideOf(orderId: string): string {
  for (let number = 0; ; number++) {
    const other = `rejected-beside-${number}`;
    if (ledgerName(other) === ledgerName(orderId)) return other;
  }
}
