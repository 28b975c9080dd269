import { describe, expect, it } from "vitest";
import { NOON, read } from "../support/reading.ts";

const RULES = { EXCLUDE_AUDIENCES: "Opted out, staff", REQUIRE_AUDIENCE: "review_mails" };

function audiencesIn(event: object): Record<string, boolean> | null {
  const reading = read({ userId: "u", ...event }, RULES);
  return reading.kind === "membership" ? reading.membership.audiences : null;
}

const identify = (traits: unknown, context?: unknown) => ({
  type: "identify",
  traits,
  ...(context !== undefined && { context }),
});

/** As Engage sends them. */
const personas = (computation_class: string, computation_key: string) => ({
  personas: { computation_class, computation_key, namespace: "spa_1", space_id: "spa_1" },
});

describe("an Identify tells of membership", () => {
  it.each<[string, object, Record<string, boolean>]>([
    [
      "entry into an audience",
      identify({ opted_out: true }, personas("audience", "opted_out")),
      { opted_out: true },
    ],
    ["exit from it", identify({ opted_out: false }, personas("audience", "opted_out")), { opted_out: false }],
    [
      "a computed trait",
      identify({ review_mails: true }, personas("computed_trait", "review_mails")),
      { review_mails: true },
    ],
    [
      "a trait of an older Personas",
      identify({ review_mails: false }, personas("trait", "review_mails")),
      { review_mails: false },
    ],
    [
      "a journey's step, a text",
      identify({ staff: "true" }, personas("journey_step", "staff")),
      { staff: true },
    ],
    [
      "a journey's exit, a text",
      identify({ staff: "false" }, personas("journey_step", "staff")),
      { staff: false },
    ],
    ["the shop's own code", identify({ staff: true, plan: "pro", age: 40 }), { staff: true }],
    ["several at once", identify({ staff: true, opted_out: false }), { staff: true, opted_out: false }],
    ["in context.traits (RudderStack)", identify(undefined, { traits: { staff: true } }), { staff: true }],
    [
      "in both, where traits count more",
      identify({ staff: false }, { traits: { staff: true } }),
      { staff: false },
    ],
    ["under another spelling", identify({ "Opted Out": true }), { opted_out: true }],
    ["under yet another", identify({ "review-mails": true }), { review_mails: true }],
  ])("%s", (_, event, audiences) => expect(audiencesIn(event)).toEqual(audiences));
});

describe("an Identify tells nothing", () => {
  it.each<[string, object]>([
    [
      "of audiences that no rule names",
      identify({ order_completed_last_30days: true }, personas("audience", "order_completed_last_30days")),
    ],
    ["without traits", identify(undefined)],
    ["with traits that are no object", identify(["staff"])],
    ["when the trait is null", identify({ staff: null })],
    ["when the trait is a number", identify({ staff: 1 })],
    ["when the trait is another text", identify({ staff: "yes" })],
    ["when the trait is a list", identify({ staff: [true] })],
    ["in the prototype", identify(JSON.parse('{"__proto__":{"staff":true}}'))],
    ["about no user", { ...identify({ staff: true }), userId: null }],
  ])("%s", (_, event) => {
    expect(read({ userId: "u", ...event }, RULES)).toMatchObject({ kind: "ignored", type: "identify" });
  });

  it("when no rule names an audience", () => {
    expect(read({ ...identify({ staff: true }), userId: "u" })).toMatchObject({ kind: "ignored" });
  });
});

describe("a track tells of membership", () => {
  const track = (event: string, properties: unknown) => ({ type: "track", event, properties });

  it.each<[string, object, Record<string, boolean>]>([
    ["Audience Entered", track("Audience Entered", { audience_key: "staff", staff: true }), { staff: true }],
    ["Audience Exited", track("Audience Exited", { audience_key: "staff", staff: false }), { staff: false }],
    ["Entered, with the key alone", track("Audience Entered", { audience_key: "staff" }), { staff: true }],
    ["Exited, with the key alone", track("Audience Exited", { audience_key: "staff" }), { staff: false }],
    [
      "Entered, with a text",
      track("audience_entered", { audience_key: "staff", staff: "true" }),
      { staff: true },
    ],
    [
      "Entered, where the property says no",
      track("Audience Entered", { audience_key: "staff", staff: false }),
      { staff: false },
    ],
    [
      "any name, with the computation's key",
      { ...track("Anything At All", { staff: true }), context: personas("audience", "staff") },
      { staff: true },
    ],
    [
      "an opt-out with the computation's key alone",
      { ...track("Audience Exited", { staff: false }), context: personas("audience", "staff") },
      { staff: false },
    ],
    [
      "the computation's key before another audience_key",
      {
        ...track("Audience Entered", { audience_key: "opted_out", opted_out: true, staff: false }),
        context: personas("audience", "staff"),
      },
      { staff: false },
    ],
    [
      "Exited, with the computation's key and no property",
      { ...track("Audience Exited", {}), context: personas("audience", "staff") },
      { staff: false },
    ],
    [
      "Entered, in another spelling",
      track("Audience Entered", { audience_key: "Opted-out" }),
      { opted_out: true },
    ],
  ])("%s", (_, event, audiences) => expect(audiencesIn(event)).toEqual(audiences));

  it.each<[string, object]>([
    ["of an audience that no rule names", track("Audience Entered", { audience_key: "vip", vip: true })],
    [
      "of any name, with a computation's key and no property",
      { ...track("Anything", {}), context: personas("audience", "staff") },
    ],
    ["without a key", track("Audience Entered", { staff: true })],
    ["with a key that is no text", track("Audience Entered", { audience_key: ["staff"] })],
    ["without properties", track("Audience Entered", null)],
    ["of another name", track("Audience Renamed", { audience_key: "staff", staff: true })],
  ])("nothing %s", (_, event) => expect(audiencesIn(event)).toBeNull());
});

it("a membership holds who and when, and nothing else of the traits", () => {
  const event = {
    ...identify({ staff: true, email: "jane@example.com", name: "Jane", address: { city: "Berlin" } }),
    userId: "u",
    anonymousId: "a",
    timestamp: "2026-06-01T00:00:00Z",
  };
  expect(read(event, RULES)).toEqual({
    kind: "membership",
    type: "identify",
    membership: {
      customer: { userId: "u", anonymousId: "a", email: "jane@example.com" },
      audiences: { staff: true },
      at: Date.UTC(2026, 5, 1),
    },
  });
});

describe("a membership is of", () => {
  const timeOf = (times: object) => {
    const parsed = read({ ...identify({ staff: true }), userId: "u", ...times }, RULES);
    return parsed.kind === "membership" ? parsed.membership.at : null;
  };
  const may = Date.UTC(2026, 4, 1);

  it.each([
    [{ timestamp: "2026-05-01" }, may],
    [{ timestamp: "Fri, 01 May 2026 00:00:00 GMT" }, may],
    [{ timestamp: "1970-01-01", originalTimestamp: "2026-05-01" }, may],
    [{ sentAt: "2026-05-01" }, may],
    // Ahead of time by a clock that is wrong: not for ever.
    [{ timestamp: NOON + 3600_000 }, NOON],
  ])("its own time: %j", (times, at) => expect(timeOf(times)).toBe(at));

  it.each([{}, { timestamp: null }, { timestamp: "soon" }, { timestamp: "2099-01-01T00:00:00Z" }])(
    "no time, older than any other, with %j: it never overwrites a newer one",
    (times) => expect(timeOf(times)).toBe(0),
  );
});
