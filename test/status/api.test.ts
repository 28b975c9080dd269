import { env } from "cloudflare:workers";
import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ACTIONS, type Action } from "../../src/domain/actions.ts";
import { readCursor, writeCursor } from "../../src/ledger/cursor.ts";
import type { Pause } from "../../src/domain/pause.ts";
import type { OrderState } from "../../src/domain/order.ts";
import { orderIdentity } from "../../src/domain/order-identity.ts";
import { ledgerName, ledgerNames } from "../support/shard.ts";
import { toRow } from "../../src/status/csv.ts";
import type { DetailView, SummaryView } from "../../src/status/view.ts";
import { ledgerOf, orderIdsOfOneLedger } from "../support/ledger.ts";
import { look, lookJson, pauseLedger, personalOf, putOrder } from "../support/status.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";

afterEach(reset);

type Page = {
  orders: SummaryView[];
  next: string | null;
  previous: string | null;
  matching: { count: number; more: boolean };
};
const FAR = Date.parse("2099-01-01");

describe("GET /orders", () => {
  const ids = ({ orders }: Page) => orders.map(({ orderId }) => orderId);

  /** All pages after one another. */
  async function walk(query: string): Promise<string[]> {
    const found: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: Page = await lookJson(`/orders?${query}&cursor=${cursor}`);
      found.push(...ids(page));
      cursor = page.next;
    }
    return found;
  }

  it("is an empty page when there are no orders", async () => {
    expect(await lookJson("/orders")).toEqual({
      orders: [],
      next: null,
      previous: null,
      matching: { count: 0, more: false },
    });
  });

  it("shows an order as a list needs it", async () => {
    const received = Date.parse("2026-11-20T10:00:00Z");
    await putOrder({
      orderId: "list-1",
      state: "held",
      due: FAR,
      received,
      updated: received,
      personal: personalOf("list-1"),
    });
    expect(await lookJson("/orders")).toEqual({
      orders: [
        {
          orderId: "list-1",
          state: "held",
          reason: null,
          explanation: null,
          received: "2026-11-20T10:00:00.000Z",
          updated: "2026-11-20T10:00:00.000Z",
          heldUntil: "2099-01-01T00:00:00.000Z",
          attempts: 0,
        },
      ],
      next: null,
      previous: null,
      matching: { count: 1, more: false },
    });
  });

  it.each([1, 7, 25, 40, 100])(
    "leads through all orders of all ledgers once, newest first, %s at a time",
    async (limit) => {
      // Many in one millisecond, and ids whose order differs between UTF-8 and UTF-16.
      const names = [
        "\u{1F600}",
        "\uFF5E",
        "z",
        "Z",
        "é",
        "e\u0301",
        "10",
        "9",
        " inner space ",
        "/%2F",
        "?a=b#c",
      ];
      const expected: { received: number; orderId: string }[] = [];
      for (let index = 0; index < 40; index++) {
        const order = {
          received: 1_790_000_000_000 + (index % 3),
          orderId: `${names[index % names.length]}-${index}`,
        };
        expected.push(order);
        await putOrder(order);
      }
      expect(new Set(expected.map(({ orderId }) => ledgerName(orderId))).size).toBe(ledgerNames().length);
      const bytes = (text: string) => new TextEncoder().encode(text).toHex();
      expected.sort((a, b) => b.received - a.received || (bytes(a.orderId) < bytes(b.orderId) ? 1 : -1));
      expect(await walk(`limit=${limit}`)).toEqual(expected.map(({ orderId }) => orderId));
    },
  );

  it.each(["", "limit=7", "limit=100"])("misses no order when most are in one ledger: %j", async (query) => {
    const crowded = orderIdsOfOneLedger("crowded", 40);
    const others = Array.from({ length: 12 }, (_, index) => `other-${index}`);
    // The others are the first, the last and some in between.
    const newestFirst = [...others.slice(0, 4), ...crowded, ...others.slice(4)];
    newestFirst.splice(20, 0, newestFirst.pop()!);
    for (const [index, orderId] of newestFirst.entries()) await putOrder({ orderId, received: 1e12 - index });
    expect(await walk(query)).toEqual(newestFirst);
    const first = await lookJson<Page>(`/orders?${query}`);
    if (first.next === null) return;
    const older = await lookJson<Page>(`/orders?${query}&cursor=${first.next}`);
    const back = await lookJson<Page>(`/orders?${query}&newer=${older.previous}`);
    expect(ids(back)).toEqual(ids(first));
  });

  it("leads back to the newer pages, one after another", async () => {
    for (let index = 0; index < 23; index++)
      await putOrder({ orderId: `back-${index}`, received: 1e12 + index });
    const pages: Page[] = [await lookJson("/orders?limit=10")];
    while (pages.at(-1)!.next !== null)
      pages.push(await lookJson(`/orders?limit=10&cursor=${pages.at(-1)!.next}`));
    expect(pages.map((page) => page.orders.length)).toEqual([10, 10, 3]);
    expect(pages.map(({ matching }) => matching)).toEqual(Array(3).fill({ count: 23, more: false }));
    expect(pages[0]!.previous).toBeNull();
    const second = await lookJson<Page>(`/orders?limit=10&newer=${pages[2]!.previous}`);
    expect(ids(second)).toEqual(ids(pages[1]!));
    const first = await lookJson<Page>(`/orders?limit=10&newer=${second.previous}`);
    expect([ids(first), first.previous]).toEqual([ids(pages[0]!), null]);
    expect(first.next).toBe(pages[0]!.next);
  });

  it("counts up to a bound, whatever the number of orders", async () => {
    const orderIds = orderIdsOfOneLedger("many", 130);
    await runInDurableObject(ledgerOf(orderIds[0]!), (_, { storage }) => {
      for (const orderId of orderIds)
        storage.sql.exec(
          "INSERT INTO orders (order_id, state, received, updated) VALUES (?, 'invited', 1, 1)",
          orderId,
        );
    });
    expect((await lookJson<Page>("/orders")).matching).toEqual({ count: 125, more: true });
    expect((await lookJson<Page>("/orders?id=many-1")).matching.more).toBe(false);
  });

  it("is a file with all orders that match, safe for a spreadsheet", async () => {
    for (let index = 0; index < 30; index++)
      await putOrder({ orderId: `csv-${index}`, received: 1e12 + index });
    await putOrder({
      orderId: '=HYPERLINK("x",1)',
      state: "skipped",
      reason: "not_sampled",
      received: 1e12 + 99,
    });
    for (const path of ["/orders", "/status"]) {
      const response = await look(`${path}?format=csv&limit=1`);
      expect(response.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
      const [heading, first, ...others] = (await response.text()).split("\r\n");
      expect(heading).toBe("orderId,state,reason,explanation,received,updated,heldUntil,attempts");
      expect(first).toMatch(/^"'=HYPERLINK\(""x"",1\)",skipped,not_sampled,"?Only one order in 1/);
      expect(others.map((line) => line.split(",")[0])).toEqual([
        ...Array.from({ length: 30 }, (_, index) => `csv-${29 - index}`),
        "",
      ]);
    }
    expect((await (await look("/orders?format=csv&id=csv-2")).text()).split("\r\n")).toHaveLength(1 + 11 + 1);
  });

  it.each([
    ["=1", "'=1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@a", "'@a"],
    ["\t=1", `"'\t=1"`],
    ["\r=1", `"'\r=1"`],
    ["\n=1", `"'\n=1"`],
    ["\uFF1D1", "'\uFF1D1"],
    ["\uFF0B1", "'\uFF0B1"],
    ["\uFF0D1", "'\uFF0D1"],
    ["\uFF20a", "'\uFF20a"],
    ["1;=1", `"1;=1"`],
    ["1\t=1", `"1\t=1"`],
    ['1","=1', `"1"",""=1"`],
    ["1=1", "1=1"],
  ])("writes the id %j so that no spreadsheet takes it for a formula", (orderId, cell) => {
    expect(toRow([orderId, 2, null])).toBe(`${cell},2,\r\n`);
  });

  it("leaves out an order that was cancelled before it arrived", async () => {
    await putOrder({ orderId: "early", state: "cancelled", reason: "order_cancelled", received: null });
    expect(await walk("")).toEqual([]);
  });

  describe("filters", () => {
    const noon = (day: number) => Date.UTC(2026, 10, day, 12);
    const fill = async () => {
      await putOrder({
        orderId: "held",
        state: "held",
        due: FAR,
        received: noon(1),
        personal: personalOf("held"),
      });
      await putOrder({
        orderId: "sending",
        state: "sending",
        due: Date.now() + 50_000,
        received: noon(2),
        personal: personalOf("sending"),
      });
      await putOrder({ orderId: "invited", received: noon(3) });
      await putOrder({ orderId: "by-hand", reason: "operator", received: noon(4) });
      await putOrder({
        orderId: "failed",
        state: "failed",
        reason: "trustpilot_refused",
        due: FAR,
        received: noon(5),
      });
      await putOrder({
        orderId: "failed-long-ago",
        state: "failed",
        reason: "trustpilot_refused",
        received: noon(6),
      });
      await putOrder({
        orderId: "unknown",
        state: "unknown",
        reason: "no_answer",
        due: FAR,
        received: noon(7),
      });
      await putOrder({ orderId: "cancelled", state: "cancelled", reason: "operator", received: noon(8) });
      await putOrder({ orderId: "skipped", state: "skipped", reason: "too_old", received: noon(9) });
      await putOrder({ orderId: "skipped-2", state: "skipped", reason: "dry_run", received: noon(10) });
    };

    it.each<[query: string, expected: string[]]>([
      ["state=held", ["held"]],
      ["state=sending", ["sending"]],
      ["state=invited", ["by-hand", "invited"]],
      ["state=failed", ["failed-long-ago", "failed"]],
      ["state=unknown", ["unknown"]],
      ["state=cancelled", ["cancelled"]],
      ["state=skipped", ["skipped-2", "skipped"]],
      ["reason=too_old", ["skipped"]],
      ["reason=operator", ["cancelled", "by-hand"]],
      ["reason=operator&state=invited", ["by-hand"]],
      ["reason=operator&state=held", []],
      ["reason=dry_run&state=skipped&from=2026-11-10&to=2026-11-10", ["skipped-2"]],
      ["from=2026-11-09", ["skipped-2", "skipped"]],
      ["to=2026-11-02", ["sending", "held"]],
      ["from=2026-11-03&to=2026-11-03", ["invited"]],
      ["from=2026-11-03T12:00:00Z&to=2026-11-03T12:00:00.000Z", ["invited"]],
      ["from=2026-11-03T12:00:00.001Z&to=2026-11-04T11:59:59.999Z", []],
      ["from=2026-11-04&to=2026-11-03", []],
      ["id=failed", ["failed-long-ago", "failed"]],
      ["id=%20failed-", ["failed-long-ago"]],
      ["id=failed&to=2026-11-05", ["failed"]],
      ["id=s&state=skipped", ["skipped-2", "skipped"]],
      ["id=FAILED", []],
      ["state=&reason=&id=&from=&to=2026-11-01&limit=", ["held"]],
    ])("%s", async (query, expected) => {
      await fill();
      expect(await walk(query)).toEqual(expected);
      expect(await walk(`${query}${query.includes("limit") ? "" : "&limit=1"}`)).toEqual(expected);
    });

    it.each([
      "state=lost",
      "reason=mood",
      "from=yesterday",
      "to=2026-13-01",
      "limit=0",
      "limit=101",
      "limit=x",
      "cursor=x",
      "cursor=%00",
    ])("answer 400 to %s and say what is wrong", async (query) => {
      const response = await look(`/orders?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ message: expect.stringContaining(query.split("=")[0]!) });
    });
  });
});

describe("a cursor", () => {
  it.each(["1001", "é\u{1F600}", "a:b", "line\nbreak", " "])("keeps its place at order %j", (orderId) => {
    const cursor = writeCursor({ received: 1_790_000_000_000, orderId });
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(readCursor(cursor)).toEqual({ received: 1_790_000_000_000, orderId });
  });
});

describe("GET /orders/{id}", () => {
  it("tells the whole life of an order without personal data", async () => {
    const at = Date.parse("2026-11-20T10:00:00Z");
    const iso = "2026-11-20T10:00:00.000Z";
    await putOrder({
      orderId: "life",
      state: "failed",
      reason: "trustpilot_refused",
      received: at,
      updated: at,
      due: FAR,
      attempts: 1,
      personal: personalOf("life"),
      history: [
        { at, what: "received" },
        { at, what: "duplicate" },
        { at, what: "attempt", status: 400, milliseconds: 120 },
        { at, what: "failed", reason: "trustpilot_refused" },
      ],
    });
    expect(await lookJson("/orders/life")).toEqual({
      orderId: "life",
      state: "failed",
      reason: "trustpilot_refused",
      explanation: "Trustpilot refused the invitation.",
      received: iso,
      updated: iso,
      heldUntil: null,
      attempts: 1,
      history: [
        { at: iso, what: "received" },
        { at: iso, what: "duplicate" },
        { at: iso, what: "attempt", status: 400, milliseconds: 120 },
        { at: iso, what: "failed", reason: "trustpilot_refused" },
      ],
      sentOrderId: null,
      waitingFor: null,
      reviews: [],
      trustpilotMessage: null,
      invitation: {
        referenceId: "life",
        source: expect.any(String),
        totalCost: 20,
        currency: "EUR",
        products: [{ productId: "mug-1", name: "Stoneware mug" }],
        productSkus: ["mug-1"],
      },
      actions: ["send-again", "mark-sent", "cancel"],
    });
  });

  it.each(["a/b", "50%", "%2F", "a b", "#1?x=y&z", "é", "../up", "send-again-failed", "1001 "])(
    "finds the order %j",
    async (orderId) => {
      const known = orderIdentity(orderId);
      await putOrder({ orderId: known });
      expect(await lookJson(`/orders/${encodeURIComponent(orderId)}`)).toMatchObject({ orderId: known });
    },
  );

  describe("by what Trustpilot calls it", () => {
    const put = (sent: string) => {
      const orderId = orderIdentity(sent);
      return putOrder({ orderId, ...(sent !== orderId && { sentOrderId: sent }) });
    };

    it.each([
      ["A*1", "A-1"],
      ["A +& B", "A - B"],
      ["*A1*", "A1"],
      ["-5", "5"],
      ["10\t01", "10-01"],
      ["#SO#1", "SO-1"],
      ["Gro\u0308sse%1", "Gr\u00f6sse-1"],
    ])("finds %j as %j, in any spelling of both", async (sent, reference) => {
      await put(sent);
      const orderId = orderIdentity(sent);
      for (const spelling of [sent, orderId, reference, ` #${reference} `, reference.normalize("NFD")])
        expect(await lookJson(`/orders/${encodeURIComponent(spelling)}`)).toMatchObject({ orderId });
    });

    it.each([
      ["SO-12", "so-12"],
      ["so-12", "So-12"],
      ["A*1", "a-1"],
      ["x+1", "#X-1"],
    ])("finds %j as %j, in capital or small letters", async (sent, spelling) => {
      await put(sent);
      expect(await lookJson(`/orders/${encodeURIComponent(spelling)}`)).toMatchObject({ orderId: sent });
      await put(spelling);
      const { orders } = await lookJson<{ orders: object[] }>(`/orders?id=${encodeURIComponent(spelling)}`);
      expect(orders).toHaveLength(1);
    });

    it("lists all orders that go by it, in all shops, and prefers the one whose own id it is", async () => {
      await put("A*1");
      await put("A+1");
      const response = await look("/orders/A-1");
      expect(response.status).toBe(300);
      const { orders } = await response.json<{ orders: { path: string }[] }>();
      expect(orders.map(({ path }) => path).toSorted()).toEqual(["/orders/A%2B1", "/orders/A*1"]);
      await put("A-1");
      expect(await lookJson("/orders/A-1")).toMatchObject({ orderId: "A-1" });
    });

    it("finds an order of another shop, but not from that shop's own pages", async () => {
      await putOrder({ orderId: "B*1" }, "shop:uk:");
      const shops = { env: { SHOPS: { uk: {}, de: {} } as unknown as string } };
      for (const id of ["B*1", "B-1"]) {
        const response = await look(`/orders/${id}`, shops);
        expect(response.status).toBe(300);
        expect(await response.json()).toMatchObject({ orders: [{ path: "/shops/uk/orders/B*1" }] });
        expect((await look(`/shops/de/orders/${id}`, shops)).status).toBe(404);
        expect(await lookJson(`/shops/uk/orders/${id}`, shops)).toMatchObject({ orderId: "B*1" });
      }
    });
  });

  it("answers 404 for an order that is not known", async () => {
    const response = await look("/orders/4711");
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ message: expect.stringContaining("No order") });
  });
});

describe("POST /orders/{id}/{action}", () => {
  /** What each state allows, and what becomes of the order. Everything else answers 409 and changes nothing. */
  const ALLOWED: Record<string, Partial<Record<Action, OrderState>>> = {
    held: { "send-now": "held", "mark-sent": "invited", cancel: "cancelled" },
    sending: {},
    invited: {},
    failed: { "send-again": "held", "mark-sent": "invited", cancel: "cancelled" },
    "failed, erased": { "mark-sent": "invited" },
    unknown: { "send-again": "held", "mark-sent": "invited" },
    "unknown, erased": { "mark-sent": "invited" },
    cancelled: {},
    skipped: {},
  };
  const cases = Object.entries(ALLOWED).flatMap(([state, allowed]) =>
    ACTIONS.map((action) => [action, state, allowed[action] ?? 409] as const),
  );

  it.each(cases)("%s an order that is %s: %s", async (action, stateWithNote, expected) => {
    const [state, erased] = stateWithNote.split(", ") as [OrderState, string?];
    const orderId = `act-${action}-${state}-${erased ?? "kept"}`;
    const open = ["held", "sending", "failed", "unknown"].includes(state) && !erased;
    const reason = {
      failed: "trustpilot_refused",
      unknown: "no_answer",
      cancelled: "operator",
      skipped: "too_old",
    } as const;
    await putOrder({
      orderId,
      state,
      reason: reason[state as keyof typeof reason] ?? null,
      due: open ? FAR : null,
      personal: open ? personalOf(orderId) : null,
    });
    // Whatever goes out is answered late, so that the answer here is seen before it.
    await answerFor(orderId, { delay: 500 });
    const response = await look(`/orders/${orderId}/${action}`, { method: "POST" });
    if (expected === 409) {
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({
        message: expect.stringContaining(action),
        order: { orderId, state },
      });
      expect(await lookJson(`/orders/${orderId}`)).toMatchObject({ state, history: [{ what: "received" }] });
      return;
    }
    expect(response.status).toBe(200);
    const order = await response.json<DetailView>();
    expect(order).toMatchObject({ orderId, state: expected });
    expect(order.history.at(-1)).toMatchObject({ what: expected, reason: "operator" });
    if (expected !== "held")
      expect(order).toMatchObject({ reason: "operator", invitation: null, actions: [] });
  });

  it.each<[pause: Pause, why: string]>([
    [
      { kind: "blocked", host: "shop.example.com", since: 0 },
      "Trustpilot has disabled the integration for this shop.",
    ],
    [{ kind: "operator", reason: "why", since: 0, until: null }, "An operator has paused sending."],
    [{ kind: "rateLimited", until: FAR }, "Trustpilot asked to wait."],
    [{ kind: "imported", since: 0, reconcile: [], lacksAudiences: false }, "A backup was imported here."],
  ])("does not send now, and says why, while nothing is sent: %o", async (pause, why) => {
    const orderId = `paused-${pause.kind}`;
    await putOrder({ orderId, state: "held", due: FAR, personal: personalOf(orderId) });
    await pauseLedger(ledgerName(orderId), pause);
    const response = await look(`/orders/${orderId}/send-now`, { method: "POST" });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      message: expect.stringContaining(`send-now is not possible: ${why}`),
      order: { actions: ["mark-sent", "cancel"], heldUntil: new Date(FAR).toISOString() },
    });
  });

  it("offers nothing of what an order without the customer's data cannot do, and does not do it", async () => {
    await putOrder({ orderId: "imported-1", state: "held", due: FAR });
    expect(await lookJson("/orders/imported-1")).toMatchObject({ actions: ["mark-sent", "cancel"] });
    expect((await look("/orders/imported-1/send-now", { method: "POST" })).status).toBe(409);
    expect(await lookJson("/orders/imported-1")).toMatchObject({ state: "held" });
  });

  it("does not put an order that is due behind the others", async () => {
    const due = Date.now() - 60_000;
    await putOrder({ orderId: "due-1", state: "held", due, personal: personalOf("due-1") });
    await answerFor("due-1", { delay: 500 });
    const response = await look("/orders/due-1/send-now", { method: "POST" });
    expect(await response.json()).toMatchObject({ heldUntil: new Date(due).toISOString() });
  });

  it("sends exactly one invitation when a failed order is sent again", async () => {
    const orderId = "api-again-1";
    await putOrder({
      orderId,
      state: "failed",
      reason: "trustpilot_refused",
      due: FAR,
      personal: personalOf(orderId),
    });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => look(`/orders/${orderId}/send-again`, { method: "POST" })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409]);
    await expect.poll(() => lookJson(`/orders/${orderId}`)).toMatchObject({ state: "invited", reason: null });
    expect(await requestsFor(orderId)).toHaveLength(1);
  });

  it("knows an order by KV too, once it was marked as sent", async () => {
    await putOrder({
      orderId: "kv-1",
      state: "unknown",
      reason: "no_answer",
      due: FAR,
      personal: personalOf("kv-1"),
    });
    await look("/orders/kv-1/mark-sent", { method: "POST" });
    await expect.poll(() => env.ORDERS.get("order:kv-1")).toContain("invited");
  });

  it("answers 404 for an order that is not known and 400 for an action that there is not", async () => {
    expect((await look("/orders/4711/cancel", { method: "POST" })).status).toBe(404);
    await putOrder({ orderId: "act-1" });
    expect((await look("/orders/act-1/delete", { method: "POST" })).status).toBe(400);
  });

  it("does nothing on GET", async () => {
    await putOrder({ orderId: "get-1", state: "held", due: FAR, personal: personalOf("get-1") });
    expect((await look("/orders/get-1/cancel")).status).toBe(404);
    expect(await lookJson("/orders/get-1")).toMatchObject({ state: "held" });
  });
});

describe("POST /orders/send-again-failed", () => {
  const post = (body: unknown) =>
    look("/orders/send-again-failed", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });

  it("sends the failed orders of the period in all ledgers again, and no other", async () => {
    const received = Date.UTC(2026, 10, 20, 12);
    const failed = { state: "failed", reason: "trustpilot_refused", due: FAR } as const;
    const orderIds = Array.from({ length: 16 }, (_, index) => `bulk-${index}`);
    for (const orderId of orderIds)
      await putOrder({ orderId, ...failed, received, personal: personalOf(orderId) });
    await putOrder({
      orderId: "bulk-later",
      ...failed,
      received: received + 86_400_000,
      personal: personalOf("bulk-later"),
    });
    await putOrder({ orderId: "bulk-erased", ...failed, received, due: null });
    await putOrder({
      orderId: "bulk-unknown",
      state: "unknown",
      reason: "no_answer",
      due: FAR,
      received,
      personal: personalOf("bulk-unknown"),
    });

    const response = await post({ from: "2026-11-20", to: "2026-11-20" });
    expect(await response.json()).toEqual({ orders: 16 });
    for (const orderId of orderIds) {
      await expect.poll(() => lookJson(`/orders/${orderId}`)).toMatchObject({ state: "invited" });
      expect(await requestsFor(orderId)).toHaveLength(1);
    }
    expect(await lookJson("/orders/bulk-later")).toMatchObject({ state: "failed" });
    expect(await lookJson("/orders/bulk-erased")).toMatchObject({ state: "failed" });
    expect(await lookJson("/orders/bulk-unknown")).toMatchObject({ state: "unknown" });
  });

  it.each([{}, { from: "2026-11-20" }, { from: "", to: "" }, { from: "then", to: "now" }, [], "text", null])(
    "answers 400 to %j",
    async (body) => {
      expect((await post(body)).status).toBe(400);
    },
  );
});

describe("POST /resume", () => {
  it("ends the pause of every ledger and sends what waited", async () => {
    await putOrder({ orderId: "paused-1", state: "held", due: Date.now(), personal: personalOf("paused-1") });
    for (const name of ledgerNames()) {
      await pauseLedger(name, { kind: "blocked", host: "shop.example.com", since: 0 });
    }
    expect(await (await look("/status")).text()).toContain("Trustpilot has disabled the integration");
    expect(await lookJson("/orders/paused-1")).toMatchObject({ state: "held" });

    expect((await look("/resume", { method: "POST" })).status).toBe(200);
    expect(await (await look("/status")).text()).not.toContain("Trustpilot has disabled the integration");
    await expect.poll(() => lookJson("/orders/paused-1")).toMatchObject({ state: "invited" });
  });
});

describe("GET /status/overview", () => {
  it("is calm when nothing needs anybody", async () => {
    await putOrder({ orderId: "overview-held", state: "held", due: FAR });
    expect(await lookJson("/status/overview")).toEqual({
      attention: [],
      open: { held: 1 },
      allowance: null,
      erasures: null,
      oldestWait: null,
      breaker: null,
      storage: {
        bytes: expect.any(Number) as number,
        fullest: expect.any(Number) as number,
        fullInYears: expect.any(Number) as number,
      },
      kv: "answering",
      dryRun: false,
    });
  });

  it("tells what the page tells: what is the matter, until when, and what to do", async () => {
    await pauseLedger(ledgerName("overview-paused"), {
      kind: "outage",
      failure: "unreachable",
      failures: 3,
      since: 0,
      until: FAR,
    });
    await putOrder({ orderId: "overview-failed", state: "failed", reason: "trustpilot_refused", due: FAR });
    const { attention } = await lookJson<{ attention: { title: string; until: string | null }[] }>(
      "/status/overview",
    );
    expect(attention.map(({ until }) => until).toSorted()).toEqual(["2099-01-01T00:00:00.000Z", null]);
    expect(attention.map(({ title }) => title)).toContain("1 order failed: no invitation was created");
  });

  it("says when KV is silent, and goes on without it", async () => {
    const get = vi.spyOn(env.ORDERS, "get").mockRejectedValue(new Error("KV is down"));
    expect(await lookJson("/status/overview")).toMatchObject({ kv: "silent", attention: [] });
    get.mockRestore();
  });
});

describe("/openapi.json", () => {
  it("describes every route with its parameters and answers", async () => {
    const { openapi, paths, security } = await lookJson<OpenApi>("/openapi.json");
    expect(openapi).toBe("3.1.0");
    expect(security).toEqual([{ password: [] }]);
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => [method, path, Object.keys(responses)]),
    );
    expect(operations).toEqual([
      ["get", "/orders", ["200", "400"]],
      ["get", "/orders/{id}", ["200", "300", "400", "404"]],
      ["post", "/orders/find", ["200", "400", "404"]],
      ["post", "/orders/{id}/{action}", ["200", "400", "404", "409"]],
      ["post", "/pause", ["200", "400"]],
      ["post", "/orders/decide-unknown", ["200", "400"]],
      ["post", "/orders/send-again-failed", ["200", "400"]],
      ["post", "/resume", ["200", "409"]],
      ["get", "/metrics", ["200"]],
      ["get", "/status/overview", ["200"]],
    ]);
    expect(paths["/orders"]!["get"]!.parameters!.map(({ name }) => name).toSorted()).toEqual(
      ["state", "reason", "id", "from", "to", "cursor", "newer", "limit", "format"].toSorted(),
    );
    const action = paths["/orders/{id}/{action}"]!["post"]!.parameters!.find(({ name }) => name === "action");
    expect(action!.schema).toMatchObject({ enum: [...ACTIONS] });
    expect(paths["/orders/send-again-failed"]!["post"]!.requestBody).toMatchObject({
      content: { "application/json": { schema: { required: ["from", "to"] } } },
    });
  });

  it("has the fields that an order really has", async () => {
    const { paths } = await lookJson<OpenApi>("/openapi.json");
    await putOrder({ orderId: "fields" });
    const order = await lookJson<object>("/orders/fields");
    const schema = paths["/orders/{id}"]!["get"]!.responses["200"]!.content["application/json"].schema;
    expect(Object.keys(schema.properties).toSorted()).toEqual(Object.keys(order).toSorted());
  });

  interface OpenApi {
    openapi: string;
    security: unknown;
    paths: Record<string, Record<string, Operation>>;
  }
  interface Operation {
    parameters?: { name: string; schema: unknown }[];
    requestBody?: unknown;
    responses: Record<string, { content: { "application/json": { schema: { properties: object } } } }>;
  }
});
