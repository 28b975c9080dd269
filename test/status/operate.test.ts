/** What an operator does to all orders at once: pause, and decide for the unknown ones. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { advance, HOUR, ledgerOf, rowOf, runAlarm, stopClock } from "../support/ledger.ts";
import { FailingTrustpilot } from "../support/failing-trustpilot.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { look, ORIGIN, personalOf, putOrder } from "../support/status.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await reset();
});

const FAR = Date.UTC(2099, 0);
const postJson = (path: string, body: unknown) =>
  look(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
const postForm = (path: string, fields: Record<string, string>) =>
  look(path, { method: "POST", headers: { Origin: ORIGIN }, body: new URLSearchParams(fields) });

describe("an operator's pause", () => {
  it.each([
    ["JSON", () => postJson("/pause", { reason: "stocktaking" })],
    ["the page", () => postForm("/status/pause", { reason: "stocktaking", until: "" })],
  ])(
    "by %s holds orders back, still accepts them, is shown with its reason, and ends when resumed",
    async (by, pause) => {
      stopClock();
      const trustpilot = new FailingTrustpilot().start();
      expect((await pause()).status).toBeLessThan(400);
      const orderId = `pause-${by.length}`;
      expect((await sendEvent(orderCompleted({ order_id: orderId }))).answer.outcome).toBe("accepted");
      await runAlarm(orderId);
      advance(HOUR);
      await runAlarm(orderId);
      expect(trustpilot.total).toBe(0);
      expect(await (await look("/status")).text()).toContain("Reason: stocktaking");
      expect(await ledgerOf(orderId).look(orderId)).toMatchObject({ pause: { kind: "operator" } });
      await postJson("/resume", {});
      await runAlarm(orderId);
      expect(await rowOf(orderId)).toMatchObject({ state: "invited" });
    },
  );

  it("with an end is over by itself then", async () => {
    stopClock();
    new FailingTrustpilot().start();
    await postJson("/pause", { reason: "sale", until: new Date(Date.now() + HOUR).toISOString() });
    await sendEvent(orderCompleted({ order_id: "pause-end" }));
    await runAlarm("pause-end");
    expect(await rowOf("pause-end")).toMatchObject({ state: "held" });
    advance(HOUR);
    await runAlarm("pause-end");
    expect(await rowOf("pause-end")).toMatchObject({ state: "invited" });
  });

  it.each([
    [{}],
    [{ reason: " " }],
    [{ reason: "x".repeat(201) }],
    [{ reason: "x", until: "2001-01-01" }],
    [{ reason: "x", until: "soon" }],
  ])("needs a reason, and an end that is to come: %j", async (body) => {
    expect((await postJson("/pause", body)).status).toBe(400);
    expect((await postForm("/status/pause", body as Record<string, string>)).status).toBe(400);
    expect(await ledgerOf("nothing").overview([])).toMatchObject({ pauses: [] });
  });

  it("needs the password, and a form of this site", async () => {
    expect((await look("/pause", { method: "POST", password: null })).status).toBe(401);
    const foreign = { method: "POST", headers: { Origin: "https://evil.example" }, body: "reason=x" };
    expect((await look("/status/pause", foreign)).status).toBe(403);
  });
});

describe("the unknown orders of a period", () => {
  const DAY = Date.UTC(2026, 10, 20, 12);
  const period = { from: "2026-11-20", to: "2026-11-20" };

  async function putUnknown(): Promise<void> {
    const unknown = { state: "unknown", reason: "no_answer", due: FAR } as const;
    for (let number = 0; number < 10; number++) {
      const orderId = `unknown-${number}`;
      await putOrder({ orderId, ...unknown, received: DAY, personal: personalOf(orderId) });
    }
    await putOrder({
      orderId: "unknown-other",
      ...unknown,
      received: DAY + 86_400_000,
      personal: personalOf("x"),
    });
    await putOrder({
      orderId: "failed-other",
      state: "failed",
      reason: "trustpilot_refused",
      due: FAR,
      received: DAY,
      personal: personalOf("y"),
    });
  }

  const stateOf = async (orderId: string) => (await rowOf(orderId))?.state;

  it("are marked as sent together, and no other order is", async () => {
    await putUnknown();
    const response = await postJson("/orders/decide-unknown", { ...period, decision: "mark-sent" });
    expect(await response.json()).toEqual({ orders: 10 });
    expect(await rowOf("unknown-3")).toMatchObject({ state: "invited", reason: "operator", personal: null });
    expect([await stateOf("unknown-other"), await stateOf("failed-other")]).toEqual(["unknown", "failed"]);
  });

  it("are sent again together only when the risk is accepted", async () => {
    stopClock();
    new FailingTrustpilot().start();
    await putUnknown();
    const again = { ...period, decision: "send-again" };
    expect((await postJson("/orders/decide-unknown", again)).status).toBe(400);
    expect((await postForm("/status/decide-unknown", again)).status).toBe(400);
    expect(await stateOf("unknown-1")).toBe("unknown");
    expect((await postForm("/status/decide-unknown", { ...again, confirm: "yes" })).status).toBe(303);
    for (let number = 0; number < 10; number++)
      expect(await stateOf(`unknown-${number}`)).toMatch(/held|invited/);
    expect(await stateOf("unknown-other")).toBe("unknown");
  });
});
