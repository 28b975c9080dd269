import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { HistoryEntry, OrderState, Reason } from "../../src/domain/order.ts";
import type { Pause } from "../../src/domain/pause.ts";
import { ledgerName } from "../support/shard.ts";
import { look, lookJson, ORIGIN, pauseLedger, personalOf, putOrder, type Look } from "../support/status.ts";
import { listen } from "../support/ledger.ts";
import { answerFor, requestsFor } from "../support/stand-in.ts";
import type { OrderRow } from "../../src/domain/row.ts";

afterEach(reset);

const DAY = 86_400_000;
const FAR = Date.parse("2099-01-01T12:00:00Z");
const AT = Date.parse("2026-11-20T10:00:00Z");

/** The words of a page, without its elements. */
async function words(path: string, options?: Look): Promise<string> {
  const page = await (await look(path, options)).text();
  return page
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");
}

/** Sends a form as the page does. */
function submit(path: string, fields: Record<string, string> = {}): Promise<Response> {
  return look(path, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "Sec-Fetch-Site": "same-origin" },
  });
}

/** What the browser sends back of the cookie that a form left. */
function cookieOf(response: Response): string {
  return response.headers.get("Set-Cookie")!.split(";")[0]!;
}

describe("the page of an order", () => {
  const personal = personalOf("page-1");
  const put = (row: Partial<OrderRow>) => putOrder({ orderId: "page-1", received: AT, updated: AT, ...row });

  it.each<[state: string, row: Partial<OrderRow>, answer: string]>([
    ["invited", {}, "Yes. Trustpilot created the invitation on 20 Nov 2026, 10:00 UTC ."],
    [
      "marked as sent",
      { reason: "operator" },
      "Yes. An operator marked it as sent on 20 Nov 2026, 10:00 UTC .",
    ],
    [
      "held for the hold",
      { state: "held", due: FAR, received: FAR - 7 * DAY, personal },
      "Not yet. It waits until 1 Jan 2099, 12:00 UTC : 7 days after the order arrived (HOLD_DAYS).",
    ],
    [
      "held since the customer ordered",
      { state: "held", due: FAR, received: FAR - DAY, personal: { ...personal, orderedAt: FAR - 3 * DAY } },
      "Not yet. It waits until 1 Jan 2099, 12:00 UTC : 3 days after the order (HOLD_DAYS).",
    ],
    [
      "held after an attempt",
      { state: "held", due: FAR, attempts: 2, personal },
      "Not yet. Attempt 2 failed; the next one is on 1 Jan 2099, 12:00 UTC .",
    ],
    [
      "put off because handling it threw",
      { state: "held", due: FAR, since: AT, personal },
      "Not yet. It waits until 1 Jan 2099, 12:00 UTC : it could not be handled at once and is tried again.",
    ],
    [
      "imported without what is needed to send it",
      { state: "held", due: FAR },
      "Not yet. It waits until 1 Jan 2099, 12:00 UTC : it was imported without the customer's data and is invited only if Segment sends it again by then.",
    ],
    [
      "invited by another integration",
      { state: "skipped", reason: "already_invited" },
      "Yes, but not from here. The order was invited before, by another integration.",
    ],
    ["being sent", { state: "sending", due: FAR }, "In a moment. The request to Trustpilot is under way."],
    [
      "failed",
      { state: "failed", reason: "trustpilot_refused" },
      "No, it failed. Trustpilot refused the invitation.",
    ],
    [
      "unknown",
      { state: "unknown", reason: "no_answer" },
      "Perhaps. The request was sent and no answer came back",
    ],
    ["cancelled", { state: "cancelled", reason: "order_refunded" }, "No. The order was refunded in full."],
    [
      "skipped",
      { state: "skipped", reason: "excluded_audience" },
      "No, it was skipped. The customer is in an audience that is not invited (EXCLUDE_AUDIENCES: opted_out).",
    ],
  ])("answers whether it was invited: %s", async (_, row, answer) => {
    await put(row);
    expect(await words("/status/orders/page-1", { env: { EXCLUDE_AUDIENCES: "opted_out" } })).toContain(
      answer,
    );
  });

  it.each<[pause: Pause, answer: string]>([
    [{ kind: "blocked", host: "shop.example.com", since: 0 }, "Trustpilot has disabled the integration"],
    [{ kind: "rateLimited", until: FAR }, "Trustpilot asked to wait"],
    [
      { kind: "outage", failure: "error", failures: 3, since: 0, until: FAR },
      "Trustpilot does not work at the moment",
    ],
    [{ kind: "operator", reason: "why", since: 0, until: null }, "An operator has paused sending"],
  ])("says what it waits for when it is due: %o", async (pause, answer) => {
    await put({ state: "held", due: AT });
    await pauseLedger(ledgerName("page-1"), pause);
    expect(await words("/status/orders/page-1")).toContain(`Not yet. ${answer}`);
  });

  it("tells its life in words, one line for each thing that happened", async () => {
    const history: Omit<HistoryEntry, "at">[] = [
      { what: "received" },
      { what: "duplicate" },
      { what: "attempt", status: 503, milliseconds: 1234 },
      { what: "attempt", status: null, milliseconds: 10_000 },
      { what: "unknown", reason: "no_answer" },
      { what: "held", reason: "operator" },
      { what: "attempt", status: 201, milliseconds: 80 },
      { what: "invited" },
    ];
    await put({ history: history.map((entry, index) => ({ at: AT + index * 1000, ...entry })) });
    expect(await words("/status/orders/page-1")).toContain(
      [
        "20 Nov 2026, 10:00:00 UTC Received from Segment.",
        "20 Nov 2026, 10:00:01 UTC Received again: suppressed as a duplicate.",
        "20 Nov 2026, 10:00:02 UTC Sent to Trustpilot: answer 503 after 1,234 ms.",
        "20 Nov 2026, 10:00:03 UTC Sent to Trustpilot: no answer after 10,000 ms.",
        "20 Nov 2026, 10:00:04 UTC Unknown. The request was sent and no answer came back: the invitation may have been created.",
        "20 Nov 2026, 10:00:05 UTC Released by an operator.",
        "20 Nov 2026, 10:00:06 UTC Sent to Trustpilot: answer 201 after 80 ms.",
        "20 Nov 2026, 10:00:07 UTC Invited.",
      ].join(" "),
    );
  });

  it.each<[what: string, row: Partial<OrderRow>, refresh: string | null]>([
    ["being sent", { state: "sending", due: FAR }, "3"],
    ["due", { state: "held", due: AT }, "3"],
    ["waiting for its time", { state: "held", due: FAR }, null],
    ["invited", {}, null],
  ])("reloads itself while Trustpilot's answer is expected: %s", async (_, row, refresh) => {
    await put(row);
    expect((await look("/status/orders/page-1")).headers.get("Refresh")).toBe(refresh);
  });

  it("says which rule makes it wait, and what Trustpilot does after that", async () => {
    await put({ state: "held", due: FAR, received: FAR - 7 * DAY, personal });
    await pauseLedger(ledgerName("page-1"), { kind: "operator", reason: "why", since: 0, until: null });
    // As it was applied: the setting may be another by now.
    expect(await words("/status/orders/page-1", { env: { HOLD_DAYS: "2" } })).toContain(
      ": 7 days after the order arrived (HOLD_DAYS). An operator has paused sending.",
    );
    expect(await words("/status/orders/page-1", { env: { DRY_RUN: "true" } })).toContain(
      "(HOLD_DAYS). This is a dry run",
    );
    await putOrder({ orderId: "page-2" });
    expect(await words("/status/orders/page-2")).toContain(
      "Trustpilot itself waits before it sends the e-mail: 7 days, unless that is changed there.",
    );
    const told = { TRANSPORT: "email", TRUSTPILOT_SEND_AFTER_DAYS: "3" };
    expect(await words("/status/orders/page-2", { env: told })).toContain(
      "e-mail: 3 days (TRUSTPILOT_SEND_AFTER_DAYS).",
    );
    const atOnce = await words("/status/orders/page-2", {
      env: { ...told, TRUSTPILOT_SEND_AFTER_DAYS: "0" },
    });
    expect(atOnce).toContain("Trustpilot sends the e-mail at once (TRUSTPILOT_SEND_AFTER_DAYS).");
    expect(atOnce).toContain("Trustpilot sends its e-mail soon afterwards; please look");
  });

  it.each<[due: number, pause: Pause | null, when: string]>([
    [FAR, null, " on 1 Jan 2099"],
    [AT, null, " soon"],
    [AT, { kind: "blocked", host: "shop.example.com", since: 0 }, ""],
    [AT, { kind: "rateLimited", until: FAR }, ""],
    [AT, { kind: "operator", reason: "why", since: 0, until: null }, ""],
    [FAR, { kind: "operator", reason: "why", since: 0, until: FAR - DAY }, " on 1 Jan 2099"],
    [FAR, { kind: "operator", reason: "why", since: 0, until: null }, ""],
  ])(
    "replies to the customer with a time only when nothing holds it back: %i %o",
    async (due, pause, when) => {
      await put({ state: "held", due, personal });
      if (pause) await pauseLedger(ledgerName("page-1"), pause);
      expect(await words("/status/orders/page-1")).toContain(
        `We plan to ask Trustpilot${when} to send you an invitation to review order page-1.`,
      );
    },
  );

  it("is due in the list only when its time has come", async () => {
    await put({ state: "held", due: AT });
    expect(await words("/status")).toContain("due since 20 Nov 2026, 10:00 UTC");
    await putOrder({ orderId: "page-2", state: "held", due: FAR });
    expect(await words("/status")).toContain("until 1 Jan 2099, 12:00 UTC");
  });

  it("has a reply for the customer that names no reason of the shop's", async () => {
    await put({});
    expect(await words("/status/orders/page-1")).toContain(
      "We asked Trustpilot on 20 Nov 2026 to send you an invitation to review order page-1.",
    );
    await putOrder({ orderId: "page-2", state: "skipped", reason: "excluded_audience" });
    expect(await words("/status/orders/page-2")).toContain("There is no invitation to review order page-2.");
    await putOrder({ orderId: "page-3", state: "held", due: FAR });
    expect(await words("/status/orders/page-3")).toContain("order page-3 could not be created yet.");
  });

  it("says that an order is scheduled only while its time is ahead", async () => {
    await put({ state: "held", due: FAR });
    expect(await words("/status/orders/page-1")).toContain("Scheduled.");
    await putOrder({ orderId: "page-2", state: "held", due: AT });
    expect(await words("/status/orders/page-2")).not.toContain("Scheduled.");
  });

  it("shows what will be sent while it waits, and that it is erased afterwards", async () => {
    await put({ state: "held", due: FAR, personal: personalOf("page-1") });
    expect(await words("/status/orders/page-1")).toContain('"referenceId": "page-1"');
    await submit("/status/orders/page-1/mark-sent");
    expect(await words("/status/orders/page-1")).toContain("The details are erased");
  });

  it.each<[state: OrderState, reason: Reason | null]>([
    ["held", null],
    ["failed", "trustpilot_refused"],
    ["unknown", "moved"],
  ])("does not call an order done that is not, where its details are missing: %s", async (state, reason) => {
    await put({ state, reason, due: FAR, personal: null });
    const page = await words("/status/orders/page-1");
    expect(page).toContain("There are no details");
    expect(page).not.toContain("an order is done");
  });

  it.each<Pause>([
    { kind: "operator", reason: "why", since: 0, until: null },
    { kind: "imported", since: 0, reconcile: [], lacksAudiences: false },
  ])(
    "does not promise that an order goes out with the end of a pause, when it waits for its own time: %o",
    async (pause) => {
      await put({ state: "held", due: FAR, personal: personalOf("page-1") });
      await pauseLedger(ledgerName("page-1"), pause);
      const page = await words("/status/orders/page-1");
      expect(page).toMatch(/It waits until 1 Jan 2099, .* Nothing goes out before/);
      expect(page).not.toContain("It goes out");
    },
  );

  const blocked: Pause = { kind: "blocked", host: "shop.example.com", since: 0 };

  it.each<[state: OrderState, reason: Reason | null, forms: string[], env?: Partial<Env>, pause?: Pause]>([
    ["held", null, ["send-now", "mark-sent", "cancel"]],
    ["held", null, ["mark-sent", "cancel"], {}, blocked],
    ["held", null, ["mark-sent", "cancel"], { DRY_RUN: "true" }],
    ["failed", "trustpilot_refused", ["send-again", "mark-sent", "cancel"]],
    ["failed", "trustpilot_refused", ["send-again", "mark-sent", "cancel"], {}, blocked],
    ["failed", "trustpilot_refused", ["mark-sent", "cancel"], { DRY_RUN: "true" }],
    ["unknown", "no_answer", ["send-again", "mark-sent"]],
    ["unknown", "no_answer", ["mark-sent"], { DRY_RUN: "true" }],
    ["sending", null, []],
    ["invited", null, []],
    ["cancelled", "operator", []],
    ["skipped", "too_old", []],
  ])("offers what is possible: %s %s: %j %o %o", async (state, reason, forms, env, pause) => {
    const open = forms.length > 0;
    if (pause) await pauseLedger(ledgerName("page-1"), pause);
    await put({ state, reason, due: open ? FAR : null, personal: open ? personalOf("page-1") : null });
    const page = await (await look("/status/orders/page-1", { env: env ?? {} })).text();
    const actions = [...page.matchAll(/action="\/status\/orders\/page-1\/([\w-]+)"/g)].map(
      ([, action]) => action,
    );
    expect(actions).toEqual(forms);
  });

  it("says of an order that is not known what to look for", async () => {
    const response = await look("/status/orders/47%2F11");
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("47/11");
  });
});

describe("what Trustpilot says about a refused order", () => {
  it("is on its page, in its JSON, in the overview and in the log, without the customer's name and address", async () => {
    const orderId = "refused-1";
    const { email } = personalOf(orderId);
    const body = JSON.stringify({ message: `${email} (Secretname) is on the suppression list` });
    const masked = "…@… (…) is on the suppression list";
    await answerFor(orderId, { status: 400, body });
    const lines = listen();
    await putOrder({ orderId, state: "held", due: AT, received: Date.now(), personal: personalOf(orderId) });
    await look(`/orders/${orderId}/send-now`, { method: "POST" });
    await expect
      .poll(() => lookJson(`/orders/${orderId}`))
      .toMatchObject({
        state: "failed",
        trustpilotMessage: masked,
        history: expect.arrayContaining([
          { at: expect.any(String), what: "held", reason: "operator", by: "anybody" },
          expect.objectContaining({ what: "attempt", status: 400, message: masked }),
        ]),
      });
    expect(lines()).toContainEqual(expect.objectContaining({ log: "delivery", message: masked }));
    expect(JSON.stringify(lines())).not.toContain("anybody");
    vi.restoreAllMocks();
    expect(await words(`/status/orders/${orderId}`)).toContain(`Trustpilot said: “${masked}”.`);
    expect(await words("/status")).toContain(`1 order: Trustpilot said “${masked}”`);
  });
});

describe("a form", () => {
  it("leads back to the order and says what was done", async () => {
    await putOrder({ orderId: "form/1", state: "held", due: FAR, personal: personalOf("form/1") });
    const response = await submit("/status/orders/form%2F1/cancel");
    expect(response.status).toBe(303);
    expect(response.headers.get("Location")).toBe("/status/orders/form%2F1");
    const page = await look("/status/orders/form%2F1", { headers: { Cookie: cookieOf(response) } });
    expect(await page.text()).toContain("The order will not be invited.");
    // Taken away: a reloaded page does not say it again, nor does a link that is shared.
    expect(page.headers.get("Set-Cookie")).toContain("Max-Age=0");
    expect(await words("/status/orders/form%2F1")).not.toContain("The order will not be invited.");
    expect(await lookJson("/orders/form%2F1")).toMatchObject({ state: "cancelled", reason: "operator" });
  });

  it("sends an unknown order again only when the risk has been accepted", async () => {
    await putOrder({
      orderId: "risk-1",
      state: "unknown",
      reason: "no_answer",
      due: FAR,
      personal: personalOf("risk-1"),
    });
    expect(await words("/status/orders/risk-1")).toContain("sending again gives the customer a second one");

    const conflict = await submit("/status/orders/risk-1/send-again");
    expect(conflict.status).toBe(409);
    expect(await conflict.text()).toContain("Nothing was sent");
    expect(await lookJson("/orders/risk-1")).toMatchObject({ state: "unknown" });
    expect(await requestsFor("risk-1")).toHaveLength(0);

    expect((await submit("/status/orders/risk-1/send-again", { confirm: "yes" })).status).toBe(303);
    await expect.poll(() => lookJson("/orders/risk-1")).toMatchObject({ state: "invited" });
    expect(await requestsFor("risk-1")).toHaveLength(1);
  });

  it("from an old page does nothing when the order has moved on, and shows how it stands", async () => {
    await putOrder({ orderId: "old-1" });
    const response = await submit("/status/orders/old-1/cancel");
    expect(response.status).toBe(409);
    expect(await response.text()).toContain("Not done: the order is now invited.");
  });

  it.each([
    ["/status/orders/4711/cancel", 404],
    ["/status/orders/4711/explode", 404],
    ["/status/send-again-failed", 400],
  ])("that cannot be: %s answers %i", async (path, status) => {
    expect((await submit(path)).status).toBe(status);
  });

  it("sends all failed orders of a period again and says how many", async () => {
    await putOrder({
      orderId: "bulk-form-1",
      state: "failed",
      reason: "trustpilot_refused",
      due: FAR,
      received: AT,
      personal: personalOf("bulk-form-1"),
    });
    const response = await submit("/status/send-again-failed", { from: "2026-11-20", to: "2026-11-20" });
    expect(response.headers.get("Location")).toBe("/status");
    expect(await words("/status", { headers: { Cookie: cookieOf(response) } })).toContain(
      "1 failed order will be sent again.",
    );
    await expect.poll(() => lookJson("/orders/bulk-form-1")).toMatchObject({ state: "invited" });
  });

  it("searches by the order id, without the spaces around it", async () => {
    const to = async (id: string) =>
      (await look(`/status/orders?id=${encodeURIComponent(id)}`)).headers.get("Location");
    expect(await to(" 1001 ")).toBe("/status/orders/1001");
    expect(await to("a/b?c#d")).toBe("/status/orders/a%2Fb%3Fc%23d");
    expect(await to("//evil.example")).toBe("/status/orders/%2F%2Fevil.example");
    expect(await to(" ")).toBe("/status");
  });

  it("searches by what Trustpilot calls an order, and lists several", async () => {
    await putOrder({ orderId: "A*1" });
    const search = "/status/orders?id=%23A-1";
    expect((await look(search)).headers.get("Location")).toBe("/status/orders/A*1");
    expect((await look("/status/orders/A-1")).headers.get("Location")).toBe("/status/orders/A*1");
    await putOrder({ orderId: "A-1" });
    await putOrder({ orderId: "A*1" }, "shop:uk:");
    const shops = { env: { SHOPS: { uk: {} } as unknown as string } };
    const page = await (await look(search, shops)).text();
    for (const path of ["/status/orders/A*1", "/status/orders/A-1", "/shops/uk/status/orders/A*1"])
      expect(page).toContain(`href="${path}"`);
  });

  it("leaves its notice in a cookie that no script and no other site can read", async () => {
    const cookie = (await submit("/status/resume")).headers.get("Set-Cookie");
    for (const attribute of ["Path=/status", "HttpOnly", "Secure", "SameSite=Strict", "Max-Age=60"])
      expect(cookie).toContain(attribute);
  });

  it.each(["?again=3&resumed=yes&done=cancel", ""])("cannot be made to say something: %j", async (query) => {
    await putOrder({ orderId: "link-1" });
    const headers = { Cookie: "notice=<b>x</b>.<i>" };
    for (const path of ["/status", "/status/orders/link-1"])
      expect(await (await look(path + query, { headers })).text()).not.toMatch(/role="status"|<b>x/);
  });
});

describe("the overview", () => {
  it("says what to paste where until an order has arrived", async () => {
    const page = await words("/status");
    expect(page).toContain("No open problems.");
    expect(page).toContain("No order has arrived yet");
    expect(page).toContain(`${ORIGIN}/segment`);
    expect(await (await look("/status")).text()).not.toContain("chart.js");
  });

  it("says when the last order arrived, and leads from each figure to its list", async () => {
    const received = Date.now();
    await putOrder({ orderId: "figure-1", received });
    await putOrder({ orderId: "figure-2", state: "skipped", reason: "too_old", received: received - 1000 });
    const html = await (await look("/status?days=7")).text();
    expect(html).toContain("The last order arrived on");
    const today = new Date(received).toISOString().slice(0, 10);
    const links = [...html.matchAll(/href="(\/status\?[^"]*)#orders"/g)].map(([, href]) =>
      href!.replaceAll("&amp;", "&"),
    );
    const bar = links.find((link) => link.includes(`reason=too_old&from=${today}&to=${today}`));
    expect(bar).toBe(`/status?state=skipped&reason=too_old&from=${today}&to=${today}&days=7`);
    const list = await words(bar!);
    expect(list).toContain("1 order Download as CSV");
    expect(list).toContain("figure-2");
    expect(list).not.toContain("figure-1");
  });

  it.each([
    ["days=7", 7],
    ["", 30],
    ["days=90", 90],
    ["first=2026-02-01&last=2026-02-28", 28],
    ["first=1900-01-01&last=2026-02-28", 366],
    ["first=2026-03-01&last=2026-02-01", 1],
  ])("covers the period of %j: %i days", async (query, days) => {
    const received = Date.parse("2026-02-01T10:00:00Z");
    await putOrder({ orderId: "period-1", received });
    await putOrder({ orderId: "period-2", received: Date.now() });
    const html = await (await look(`/status?${query}`)).text();
    const table = /<table id="days">[^]*?<\/table>/.exec(html)?.[0];
    if (query.includes("last=2026-02-28") || !query.includes("first"))
      expect(table!.match(/<tr>/g)!).toHaveLength(days + 1);
    else expect(html).toContain(days === 1 ? "2026-02-01" : "");
  });

  it("names what needs attention, with the next step, and how the days went", async () => {
    const today = Date.now();
    await putOrder({ orderId: "o-1", received: today });
    await putOrder({
      orderId: "o-2",
      state: "failed",
      reason: "trustpilot_refused",
      due: FAR,
      received: today,
      personal: personalOf("o-2"),
    });
    await putOrder({
      orderId: "o-3",
      state: "unknown",
      reason: "interrupted",
      due: FAR,
      received: today,
      personal: personalOf("o-3"),
    });
    await putOrder({ orderId: "o-4", state: "skipped", reason: "consent_missing", received: today });
    await putOrder({ orderId: "o-5", state: "held", due: FAR, received: today, personal: personalOf("o-5") });
    const page = await words("/status");
    expect(page).toContain("1 order failed: no invitation was created");
    expect(page).toContain("1 order may or may not have been invited");
    expect(page).toContain(
      "Invited 1 Waiting 1 Skipped 1 Cancelled 0 Rejected 0 Failed 1 Unknown 1 Duplicates suppressed 0",
    );
    expect(page).toContain("Day Invited Waiting Skipped: no consent Unknown Failed");
    expect(await (await look("/status")).text()).toContain("/status/assets/chart.js");
  });

  it.each([
    ["/status", {}, false],
    ["/status", { SHOPS: { uk: { affiliation: "Example UK" } } as unknown as string }, true],
    ["/shops/uk/status", { SHOPS: { uk: { affiliation: "Example UK" } } as unknown as string }, true],
  ])("%s says whether rejected requests are those of all shops: %o", async (path, some, together) => {
    const dozen = {
      unauthenticated: { count: 12, reason: "No signature." },
      rejected: { count: 0, reason: null },
    };
    await env.ATTEMPTS.getByName("v1").addRejections(dozen);
    const title = `12 requests without valid credentials in the last hour${together ? ", in all shops together" : ""} (`;
    expect(await words(path, { env: some })).toContain(title);
    const { attention } = await lookJson<{ attention: { title: string }[] }>(`${path}/overview`, {
      env: some,
    });
    expect(attention.map((problem) => problem.title)).toContainEqual(expect.stringContaining(title));
  });

  it("opens although a setting is wrong, and says which", async () => {
    const page = await words("/status", { env: { HOLD_DAYS: "soon" } });
    expect(page).toContain("The setting HOLD_DAYS is invalid: no order is accepted");
    expect(page).toContain("HOLD_DAYS must be a whole number");
  });

  it("says that it is a dry run", async () => {
    expect(await words("/status", { env: { DRY_RUN: "true" } })).toContain("nothing is sent to Trustpilot");
  });

  it("shows how much of the month's allowance is used", async () => {
    const allowance = env.ALLOWANCE.getByName("v1");
    for (let used = 0; used < 4; used++) await allowance.take(5, Date.now());
    await putOrder({ orderId: "allowance-1" });
    const page = await words("/status", { env: { MONTHLY_LIMIT: "5" } });
    expect(page).toContain("4 of this month's 5 invitations are used");
    expect(page).toContain("Used this month 4 of 5");
  });

  it("keeps the filter on the next page", async () => {
    for (let index = 0; index < 30; index++) {
      await putOrder({ orderId: `next-${index}`, state: "skipped", reason: "too_old", received: AT + index });
    }
    await putOrder({ orderId: "invited-1", received: AT + 15 });
    const page = await (await look("/status?state=skipped&from=2026-11-20&to=2026-11-20")).text();
    const next = /rel="next" href="([^"]+)"|href="([^"]+)" rel="next"/.exec(page)!;
    const url = (next[1] ?? next[2])!.replaceAll("&amp;", "&");
    const second = await words(url);
    expect(second).toContain("next-0");
    expect(second).toContain("next-4");
    expect(second).not.toContain("next-5 ");
    expect(second).not.toContain("invited-1");
  });

  it("answers 400 to a filter that there is not", async () => {
    expect((await look("/status?state=lost")).status).toBe(400);
    expect((await look("/status?cursor=lost")).status).toBe(400);
  });
});
