import { env } from "cloudflare:workers";
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import app from "../../src/index.ts";
import type { BodyLine, PersonalLine } from "../../src/portable/backup-format.ts";
import { orderCompleted } from "../support/events.ts";
import { look, lookJson } from "../support/status.ts";
import { ledgerOf, rowOf, sendEventTo, useLedger } from "../support/ledger.ts";
import { PLAIN_ORDER } from "../support/events.ts";

const LEDGER_SECRET = "the ledger secret of the tests, long enough";

const order = (id: string) => orderCompleted({ order_id: id });

/** Calls a ledger route of a Worker with other settings. */
async function call(
  path: string,
  body: object = {},
  settings: Partial<Env> = { LEDGER_SECRET },
  secret = LEDGER_SECRET,
) {
  const context = createExecutionContext();
  const request = new Request(`https://worker.example.com/ledger/${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const response = await app.fetch(request, { ...env, ...settings }, context);
  await waitOnExecutionContext(context);
  return { status: response.status, json: await response.json<Record<string, unknown>>() };
}

/** Every line of a kind that an export writes. */
async function exported<Kind>(what: "orders" | "personal"): Promise<Kind[]> {
  const pages = await Promise.all(
    Array.from({ length: 8 }, (_, ledger) => call(`export/${what}`, { shop: null, ledger, after: null })),
  );
  return pages.flatMap(({ json }) => {
    const lines = json["lines"] as string;
    return lines === "" ? [] : lines.split("\n").map((line) => JSON.parse(line) as Kind);
  });
}

const orderLine = (change: Partial<BodyLine & { kind: "order" }> = {}): BodyLine => ({
  kind: "order",
  shop: null,
  orderId: "moved-1",
  state: "held",
  reason: null,
  received: 1_000,
  updated: 1_000,
  attempts: 0,
  resends: 0,
  sentOrderId: null,
  refunds: null,
  notedFor: null,
  reviews: null,
  erased: null,
  history: [{ at: 1_000, what: "received" }],
  ...change,
});

useLedger();

describe("the ledger routes", () => {
  it.each([
    ["do not exist without LEDGER_SECRET", {}, LEDGER_SECRET, 404],
    ["answer 401 to another secret", { LEDGER_SECRET }, "something else", 401],
    [
      "answer 401 to the status password",
      { LEDGER_SECRET, STATUS_PASSWORD: "the status password" },
      "the status password",
      401,
    ],
    ["open with LEDGER_SECRET", { LEDGER_SECRET }, LEDGER_SECRET, 200],
  ])("%s", async (_name, settings, secret, status) => {
    expect((await call("state", {}, settings, secret)).status).toBe(status);
  });

  it("a LEDGER_SECRET of fewer than 32 characters stops the Worker instead of opening them", async () => {
    expect((await call("state", {}, { LEDGER_SECRET: "short" }, "short")).status).toBe(503);
  });
});

describe("the last complete export", () => {
  type Overview = { backup?: { at: string; fenced: boolean } | null };
  const page = async () => (await look("/status", { env: { LEDGER_SECRET } })).text();
  const json = (settings: Partial<Env>) => lookJson<Overview>("/status/overview", { env: settings });

  it("is on the page and in its JSON, and so is that there was none", async () => {
    await call("export/orders", { shop: null, ledger: 0, after: null });
    expect(await page()).toContain("No complete backup has been made yet.");
    expect(await json({ LEDGER_SECRET })).toMatchObject({ backup: null });
    await call("exported", { fenced: true });
    expect(await page()).toMatch(/The last complete backup was made on .*, while the Worker was fenced/);
    const at = new Date().toISOString();
    expect(await json({ LEDGER_SECRET })).toMatchObject({ backup: { at, fenced: true } });
  });

  it("is no matter of a Worker without LEDGER_SECRET", async () => {
    expect(await json({})).not.toHaveProperty("backup");
    expect(await (await look("/status")).text()).not.toContain("backup");
  });
});

describe("a fenced Worker", () => {
  it("answers orders, cancellations and deletions with 503, and accepts them again after unfence", async () => {
    await call("fence");
    const cancelled = { ...order("fenced-1"), event: "Order Cancelled" };
    const events = [order("fenced-1"), cancelled, { type: "delete", userId: "user-1" }];
    for (const event of events) expect((await sendEventTo({}, event)).status).toBe(503);
    expect(await rowOf("fenced-1")).toBeNull();
    await call("unfence");
    expect((await sendEventTo({}, order("fenced-1"))).answer.outcome).toBe("accepted");
  });

  it("is not unfenced by resuming", async () => {
    await call("fence");
    expect(await ledgerOf("fenced-2").resume()).toBe("fenced");
    expect((await sendEventTo({}, order("fenced-2"))).status).toBe(503);
    await call("unfence");
  });
});

describe("an import", () => {
  it("of what was exported changes nothing", async () => {
    await sendEventTo({}, order("same-1"));
    await sendEventTo({}, order("same-2"));
    const lines = await exported<BodyLine>("orders");
    const { json } = await call("import", { fenced: true, lines });
    expect(json).toEqual({ added: 0, advanced: 0, unchanged: lines.length });
    expect(await exported("orders")).toEqual(lines);
  });

  it("does not hold who acted, and takes nothing of it from the Worker that knows", async () => {
    await sendEventTo({}, order("acted"));
    await ledgerOf("acted").act("acted", "cancel", "jane.operator@example.com");
    const ofOrder = async () =>
      (await exported<BodyLine & { kind: "order" }>("orders")).filter(({ orderId }) => orderId === "acted");
    const lines = await ofOrder();
    expect(lines[0]!.history.map(({ what }) => what)).toEqual(["received", "cancelled"]);
    expect(JSON.stringify(lines)).not.toContain("jane");
    expect((await call("import", { fenced: true, lines })).json).toMatchObject({ unchanged: 1 });
    const erased = lines.map((line) => ({ ...line, erased: 5_000 }));
    expect((await call("import", { fenced: true, lines: erased })).json).toMatchObject({ advanced: 1 });
    const { row } = (await ledgerOf("acted").look("acted"))!;
    expect(row).toMatchObject({ erased: 5_000, history: [{}, { by: "jane.operator@example.com" }] });
    expect(await ofOrder()).toEqual(erased);
  });

  it("into an empty ledger is the identity, however often it is repeated", async () => {
    const lines = [
      orderLine({ orderId: "a", state: "invited" }),
      orderLine({ orderId: "b", state: "held" }),
      orderLine({ orderId: "c", state: "failed", reason: "trustpilot_refused" }),
      orderLine({ orderId: "d", state: "cancelled", reason: "order_cancelled", received: null }),
      orderLine({ orderId: "e", state: "unknown", reason: "no_answer", erased: 5_000 }),
    ];
    expect((await call("import", { fenced: true, lines })).json).toMatchObject({ added: 5 });
    expect((await call("import", { fenced: true, lines })).json).toMatchObject({ added: 0, unchanged: 5 });
    const written = await exported<BodyLine & { kind: "order" }>("orders");
    const mine = written.filter(({ orderId }) => /^[a-e]$/.test(orderId));
    expect(mine.toSorted((x, y) => x.orderId.localeCompare(y.orderId))).toEqual(lines);
  });

  it("pauses the Worker until it is resumed", async () => {
    await call("import/begin", { fenced: true });
    await call("import/end", { fenced: true, audiences: true, days: [] });
    await sendEventTo({}, order("after-import"));
    expect((await ledgerOf("after-import").look("after-import"))?.pause?.kind).toBe("imported");
    expect(await ledgerOf("after-import").resume()).toBeNull();
    expect((await ledgerOf("after-import").look("after-import"))?.pause).toBeNull();
  });

  it("without audiences keeps a Worker with an audience rule from being resumed", async () => {
    const settings = { LEDGER_SECRET, EXCLUDE_AUDIENCES: "opted_out" };
    await call("import/begin", { fenced: true }, settings);
    await call("import/end", { fenced: true, audiences: false, days: [] }, settings);
    expect(await ledgerOf("x").resume()).toBe("lacksAudiences");
    await call("import/end", { fenced: true, audiences: true, days: [] }, settings);
    expect(await ledgerOf("x").resume()).toBeNull();
  });

  it("takes an order without its data again when Segment sends it again, and only once", async () => {
    await call("import", { fenced: true, lines: [orderLine({ orderId: "again-1" })] });
    expect((await sendEventTo({}, order("again-1"))).answer.outcome).toBe("accepted");
    expect((await sendEventTo({}, order("again-1"))).answer.outcome).toBe("duplicate");
    expect(await rowOf("again-1")).toMatchObject({ state: "held", personal: { email: "jane@example.com" } });
  });

  it("treats what waited in a running Worker as possibly sent: nothing sends it again", async () => {
    await call("import", { fenced: false, lines: [orderLine({ orderId: "running-1" })] });
    expect(await rowOf("running-1")).toMatchObject({ state: "unknown", reason: "moved" });
    expect((await sendEventTo({}, order("running-1"))).answer.outcome).toBe("duplicate");
  });

  it("gives open orders their data back, and never an erased one", async () => {
    const lines = [
      orderLine({ orderId: "data-1" }),
      orderLine({ orderId: "data-2", state: "failed", erased: 2_000 }),
    ];
    await call("import", { fenced: true, lines });
    const personal = (orderId: string): PersonalLine => ({
      kind: "personal",
      shop: null,
      due: 5_000,
      order: { ...PLAIN_ORDER, orderId },
    });
    await call("import/personal", { lines: [personal("data-1"), personal("data-2")] });
    expect(await rowOf("data-1")).toMatchObject({
      state: "held",
      due: 5_000,
      personal: { email: "jane@example.com" },
    });
    expect(await rowOf("data-2")).toMatchObject({ state: "failed", personal: null });
  });

  it.each([
    ["an order without an id", [{ ...orderLine(), orderId: "" }]],
    ["a state that does not exist", [{ ...orderLine(), state: "sent" }]],
    ["a shop that does not exist", [orderLine({ shop: "nowhere" })]],
  ])("does not take %s", async (_name, lines) => {
    expect((await call("import", { fenced: true, lines })).status).toBe(400);
  });
});
