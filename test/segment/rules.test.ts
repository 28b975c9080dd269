import { reset, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { advance, configure, MINUTE, rowOf, runAlarm, stopClock } from "../support/ledger.ts";
import { orderCompleted, sendEvent, signedRequest } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";
import { answerOf, callWorker, type Settings } from "../support/worker.ts";
import { DAY } from "../../src/lib/time.ts";

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const answerTo = async (event: unknown, settings: Settings) =>
  answerOf(await callWorker(signedRequest(event), settings));

const JANE = { userId: "jane-1", anonymousId: "browser-1" };
const order = (order_id: string, rest: object = {}) => orderCompleted({ order_id }, { ...JANE, ...rest });
const identify = (traits: object, rest: object = {}) => ({ type: "identify", ...JANE, traits, ...rest });

async function stateOf(orderId: string) {
  const { state, reason } = (await rowOf(orderId)) ?? {};
  return [state, reason];
}

describe("EXCLUDE_AUDIENCES", () => {
  const RULES = { EXCLUDE_AUDIENCES: "Opted out, staff" };

  it("skips an order of a member and says why", async () => {
    expect(await answerTo(identify({ opted_out: true }), RULES)).toEqual({
      status: 200,
      outcome: "accepted",
      message: "The customer's audiences are noted.",
    });
    expect(await answerTo(order("exclude-1"), RULES)).toEqual({
      status: 200,
      outcome: "skipped",
      orderId: "exclude-1",
      message: "The customer is in an audience that is not invited (EXCLUDE_AUDIENCES: opted_out, staff).",
    });
    expect(await stateOf("exclude-1")).toEqual(["skipped", "excluded_audience"]);
  });

  it("invites a customer of whom nothing is known, or who has left", async () => {
    await answerTo(
      { type: "track", event: "Audience Entered", properties: { audience_key: "staff" }, ...JANE },
      RULES,
    );
    await answerTo(
      { type: "track", event: "Audience Exited", properties: { audience_key: "staff" }, ...JANE },
      RULES,
    );
    expect(await answerTo(order("exclude-2"), RULES)).toMatchObject({ outcome: "accepted" });
    expect(await answerTo(orderCompleted({ order_id: "exclude-3" }), RULES)).toMatchObject({
      outcome: "accepted",
    });
  });

  it("counts an entry in the same batch, wherever it stands", async () => {
    const answer = await answerTo([order("exclude-4"), identify({ staff: true })], RULES);
    expect(answer.events?.map(({ outcome }) => outcome)).toEqual(["skipped", "accepted"]);
  });

  it("knows the member by the e-mail alone", async () => {
    await answerTo({ type: "identify", traits: { staff: true, email: "Jane@Example.com" } }, RULES);
    expect(await answerTo(order("exclude-5"), RULES)).toMatchObject({ outcome: "skipped" });
  });

  it("keeps an older message that arrives late from undoing a newer one", async () => {
    await answerTo(identify({ staff: true }, { timestamp: "2026-02-02T00:00:00Z" }), RULES);
    await answerTo(identify({ staff: false }, { timestamp: "2026-02-01T00:00:00Z" }), RULES);
    expect(await answerTo(order("exclude-6"), RULES)).toMatchObject({ outcome: "skipped" });
  });

  it("keeps a message without a time from undoing a newer one, and takes it where nothing is known", async () => {
    await answerTo(identify({ staff: true }, { timestamp: "2026-02-02T00:00:00Z" }), RULES);
    await answerTo(identify({ staff: false }), RULES);
    expect(await answerTo(order("exclude-9"), RULES)).toMatchObject({ outcome: "skipped" });
    await answerTo(identify({ opted_out: true }, { userId: "joe-1", anonymousId: "browser-2" }), RULES);
    const joes = orderCompleted({ order_id: "exclude-10" }, { userId: "joe-1" });
    expect(await answerTo(joes, RULES)).toMatchObject({ outcome: "skipped" });
  });

  it("does not turn an invitation that has been made into a skipped one", async () => {
    await answerTo(order("exclude-7"), RULES);
    await answerTo(identify({ staff: true }), RULES);
    expect(await answerTo(order("exclude-7"), RULES)).toEqual({
      status: 200,
      outcome: "duplicate",
      orderId: "exclude-7",
    });
  });

  it("takes the order when the audiences cannot be asked: the ledger asks again before it sends", async () => {
    const AUDIENCES = { getByName: () => ({ audiencesOf: () => Promise.reject(new Error("away")) }) };
    expect(await answerTo(order("exclude-8"), { ...RULES, AUDIENCES })).toMatchObject({
      outcome: "accepted",
    });
  });

  it("lets Segment send a membership again that could not be noted", async () => {
    const AUDIENCES = { getByName: () => ({ remember: () => Promise.reject(new Error("away")) }) };
    const answer = await answerTo(identify({ staff: true }), { ...RULES, AUDIENCES });
    expect(answer).toEqual({ status: 503, message: expect.stringContaining("send the request again") });
  });
});

describe("REQUIRE_AUDIENCE", () => {
  const RULES = { REQUIRE_AUDIENCE: "Review mails" };

  it("skips an order of a customer who is not in it, and says why", async () => {
    expect(await answerTo(order("require-1"), RULES)).toEqual({
      status: 200,
      outcome: "skipped",
      orderId: "require-1",
      message: "The customer is not in the audience review_mails (REQUIRE_AUDIENCE).",
    });
    expect(await stateOf("require-1")).toEqual(["skipped", "audience_missing"]);
  });

  it("invites a member", async () => {
    await answerTo(identify({ review_mails: "true" }), RULES);
    expect(await answerTo(order("require-2"), RULES)).toMatchObject({ outcome: "accepted" });
  });

  it("no longer invites a customer who has withdrawn by the user id alone", async () => {
    await answerTo(
      identify({ review_mails: true, email: "jane@example.com" }, { timestamp: "2026-02-01T00:00:00Z" }),
      RULES,
    );
    const withdrawal = { type: "identify", userId: JANE.userId, traits: { review_mails: false } };
    await answerTo({ ...withdrawal, timestamp: "2026-02-02T00:00:00Z" }, RULES);
    expect(await answerTo(order("require-3"), RULES)).toMatchObject({ outcome: "skipped" });
  });

  it("together with EXCLUDE_AUDIENCES, exclusion goes first", async () => {
    const both = { ...RULES, EXCLUDE_AUDIENCES: "staff" };
    await answerTo(identify({ review_mails: true, staff: true }), both);
    expect((await answerTo(order("require-4"), both)).message).toContain("EXCLUDE_AUDIENCES");
  });
});

describe("with HOLD_DAYS, a membership that arrives after the order and before its invitation counts", () => {
  beforeEach(() => stopClock());

  /** Runs the ledger of `orderId` with `settings` when the hold is over. */
  async function afterHold(orderId: string, settings: Partial<Env>) {
    advance(3 * DAY + 1);
    await configure(orderId, settings);
    await runAlarm(orderId);
  }

  it("an opt-out keeps the invitation back", async () => {
    const settings = { HOLD_DAYS: "3", EXCLUDE_AUDIENCES: "opted_out" };
    expect(await answerTo(order("hold-out"), settings)).toMatchObject({ outcome: "accepted" });
    expect(await stateOf("hold-out")).toEqual(["held", null]);
    await answerTo(identify({ opted_out: true }), settings);
    await afterHold("hold-out", settings);
    expect(await stateOf("hold-out")).toEqual(["skipped", "excluded_audience"]);
    expect(await requestsFor("hold-out")).toHaveLength(0);
  });

  it("a consent lets it go", async () => {
    const settings = { HOLD_DAYS: "3", REQUIRE_AUDIENCE: "review_mails" };
    expect(await answerTo(order("hold-in"), settings)).toMatchObject({ outcome: "accepted" });
    await answerTo(identify({ review_mails: true }), settings);
    await afterHold("hold-in", settings);
    expect(await stateOf("hold-in")).toEqual(["invited", null]);
    expect(await requestsFor("hold-in")).toHaveLength(1);
  });

  it("a consent that never comes does not", async () => {
    const settings = { HOLD_DAYS: "3", REQUIRE_AUDIENCE: "review_mails" };
    await answerTo(order("hold-never"), settings);
    await afterHold("hold-never", settings);
    expect(await stateOf("hold-never")).toEqual(["skipped", "audience_missing"]);
    expect(await requestsFor("hold-never")).toHaveLength(0);
  });

  it("an opt-out that was taken back in time does not keep it back, though the messages arrive in the wrong order", async () => {
    const settings = { HOLD_DAYS: "3", EXCLUDE_AUDIENCES: "opted_out" };
    await answerTo(order("hold-late"), settings);
    const at = (minutes: number) => ({ timestamp: new Date(Date.now() - minutes * MINUTE).toISOString() });
    await answerTo(identify({ opted_out: false }, at(1)), settings);
    await answerTo(identify({ opted_out: true }, at(2)), settings);
    await afterHold("hold-late", settings);
    expect(await stateOf("hold-late")).toEqual(["invited", null]);
  });
});

describe("REQUIRE_CONSENT", () => {
  const RULES = { REQUIRE_CONSENT: "Reviews" };
  const withPreferences = (categoryPreferences: unknown) => ({
    context: { consent: { categoryPreferences } },
  });

  it.each([
    ["", { Reviews: true }],
    [" whatever else is refused", { Reviews: true, Advertising: false }],
  ])("invites with the consent%s", async (why, preferences) => {
    const event = order(`consent-yes${why}`, withPreferences(preferences));
    expect(await answerTo(event, RULES)).toMatchObject({ outcome: "accepted" });
  });

  it.each([
    ["refused", withPreferences({ Reviews: false })],
    ["given for something else", withPreferences({ Advertising: true })],
    ["not given as a boolean", withPreferences({ Reviews: "true" })],
    ["without preferences", withPreferences(null)],
    ["a list", withPreferences(["Reviews"])],
    ["without consent", { context: {} }],
    ["without context", { context: null }],
    [
      "in the prototype",
      { context: JSON.parse('{"consent":{"categoryPreferences":{"__proto__":{"Reviews":true}}}}') },
    ],
  ])("skips when it is missing: %s", async (why, rest) => {
    expect(await answerTo(order(`consent-no ${why}`, rest), RULES)).toEqual({
      status: 200,
      outcome: "skipped",
      orderId: `consent-no ${why}`,
      message: "The event carries no consent to Reviews (REQUIRE_CONSENT).",
    });
  });

  it("is recorded: a second event with consent is a duplicate", async () => {
    await answerTo(order("consent-twice"), RULES);
    const second = await answerTo(order("consent-twice", withPreferences({ Reviews: true })), RULES);
    expect(second.outcome).toBe("duplicate");
  });
});

describe("MAX_ORDER_AGE_DAYS", () => {
  const daysAgo = (days: number) => ({ timestamp: new Date(Date.now() - days * DAY).toISOString() });

  it.each([
    [29.9, {}, "accepted"],
    [30.1, {}, "skipped"],
    [365, {}, "skipped"],
    [6, { MAX_ORDER_AGE_DAYS: "7" }, "accepted"],
    [8, { MAX_ORDER_AGE_DAYS: "7" }, "skipped"],
    [300, { MAX_ORDER_AGE_DAYS: 365 }, "accepted"],
    [-2, {}, "accepted"],
  ])("an order of %d days ago, with %j, is %s", async (days, settings, outcome) => {
    expect((await answerTo(order(`age-${days}`, daysAgo(days)), settings)).outcome).toBe(outcome);
  });

  it("says why, and records the order: it cannot be invited by sending it again", async () => {
    expect(await answerTo(order("age-why", daysAgo(40)), {})).toMatchObject({
      message: "The order is older than 30 days (MAX_ORDER_AGE_DAYS).",
    });
    expect(await stateOf("age-why")).toEqual(["skipped", "too_old"]);
    expect(await answerTo(order("age-why"), {})).toMatchObject({ outcome: "duplicate" });
  });

  it("a replay of an invited order after a year is a duplicate, not a skipped order", async () => {
    const event = order("age-replay", daysAgo(0));
    expect((await sendEvent(event)).answer.outcome).toBe("accepted");
    await expect.poll(() => stateOf("age-replay")).toEqual(["invited", null]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 365 * DAY });
    const replayed = { ...event, integrations: { All: false, "Webhooks (Actions)": true } };
    expect((await sendEvent(replayed)).answer.outcome).toBe("duplicate");
    expect(await requestsFor("age-replay")).toHaveLength(1);
  });
});

describe("INVITE_ONE_IN", () => {
  it("answers the same for the same order, and says why one is skipped", async () => {
    const ids = Array.from({ length: 30 }, (_, number) => `one-in-${number}`);
    const first = await answerTo(
      ids.map((id) => order(id)),
      { INVITE_ONE_IN: "3" },
    );
    const outcomes = first.events!.map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(["accepted", "skipped"]));
    expect(first.events!.find(({ outcome }) => outcome === "skipped")!.message).toBe(
      "Only one order in 3 is invited (INVITE_ONE_IN), chosen by its order id.",
    );
    await reset();
    const second = await answerTo(
      ids.map((id) => order(id)),
      { INVITE_ONE_IN: "3" },
    );
    expect(second.events!.map(({ outcome }) => outcome)).toEqual(outcomes);
  });
});

describe("INVITE_ON", () => {
  it("invites after delivery when the shop wants it so", async () => {
    const settings = { INVITE_ON: "Order Delivered" };
    const completed = order("invite-on");
    expect(await answerTo(completed, settings)).toMatchObject({ outcome: "ignored" });
    expect(await answerTo({ ...completed, event: "Order Delivered" }, settings)).toMatchObject({
      outcome: "accepted",
    });
    expect(await stateOf("invite-on")).not.toEqual([undefined, undefined]);
  });

  it("is named in what a merchant has to fix", async () => {
    const event = { type: "track", event: "Order Delivered", properties: {} };
    const { message } = await answerTo(event, { INVITE_ON: "Order Delivered" });
    expect(message).toMatch(/^Order Delivered without an order_id/);
  });
});

it("without rules nothing is kept of Identify calls", async () => {
  const response = await exports.default.fetch(signedRequest(identify({ opted_out: true })));
  expect(await answerOf(response)).toMatchObject({ status: 200, outcome: "ignored" });
  const rows = await runInDurableObject(env.AUDIENCES.getByName("v1"), (_, { storage }) =>
    storage.sql.exec("SELECT * FROM members").toArray(),
  );
  expect(rows).toEqual([]);
});
