import { describe, expect, it } from "vitest";
import type { Pause } from "../../src/ledger/pause.ts";
import { attention as attentionAt, type AttentionFigures } from "../../src/status/attention.ts";
import type { ErasureReport } from "../../src/trustpilot/erasure-report.ts";
import type { ConfigProblem } from "../../src/config/problem.ts";

const NOW = Date.parse("2026-11-20T10:00:00Z");
const HOUR = 3_600_000;
const calm = {
  open: {},
  pauses: [],
  heldBack: 0,
  oldestWait: null,
  refusals: [],
  used: null,
  failedLogins: 0,
  erasures: null,
};
const attention = (figures: AttentionFigures, problems: ConfigProblem[], limit: number | null) =>
  attentionAt(figures, problems, limit, NOW);
/** Of the waiting orders only some are due: the others wait for their time. */
const paused = (pause: Pause, heldBack = 3) =>
  attention({ ...calm, open: { held: 50 }, heldBack, pauses: [{ pause, ledgers: 8 }] }, [], null);
const outage = (failure: (Pause & { kind: "outage" })["failure"]): Pause => ({
  kind: "outage",
  failure,
  failures: 2,
  since: 0,
  until: 1,
});

describe("what needs attention", () => {
  it("is nothing when orders wait, are sent and have ended", () => {
    expect(attention({ ...calm, open: { held: 1000, sending: 6 } }, [], null)).toEqual([]);
  });

  it.each<[pause: Pause, level: string, title: string, offer: string | undefined]>([
    [
      { kind: "blocked", host: "shop.example.com", since: 0 },
      "act",
      "for shop.example.com: 3 orders wait",
      "resume",
    ],
    [{ kind: "blocked", host: null, since: 0 }, "act", "disabled the integration: 3 orders wait", "resume"],
    [{ kind: "allowance", limit: 50, until: 1 }, "act", "This month's invitations are used up", undefined],
    [{ kind: "misconfigured", until: 1, failures: 1 }, "act", "A setting is invalid", undefined],
    [{ kind: "rateLimited", until: 1 }, "watch", "Trustpilot asked to wait", "resume"],
    [outage("unreachable"), "watch", "Trustpilot cannot be reached", "resume"],
    [outage("noResponse"), "watch", "Trustpilot does not answer orders", "resume"],
    [outage("ambiguous"), "watch", "Trustpilot confirms no order", "resume"],
    [outage("error"), "watch", "Trustpilot answers with errors", "resume"],
    [outage("rateLimited"), "watch", "Trustpilot asks to slow down", "resume"],
    [outage("accessRefused"), "act", "Trustpilot refuses the Integration Key", "resume"],
    [
      { kind: "operator", reason: "stocktaking", since: 0, until: null },
      "act",
      "Paused by an operator: 3 orders wait",
      "resume",
    ],
    [{ kind: "operator", reason: "stocktaking", since: 0, until: 1 }, "watch", "Paused by an", "resume"],
    [{ kind: "unavailable", object: "audiences", until: 1 }, "watch", "The audiences object", undefined],
  ])("is a pause: %o", (pause, level, title, offer) => {
    const [item, ...others] = paused(pause);
    expect(others).toEqual([]);
    expect(item).toMatchObject({ level, title: expect.stringContaining(title) });
    expect(item!.offer).toBe(offer);
    expect(item!.next).not.toBe("");
  });

  it("counts in the singular too", () => {
    expect(paused({ kind: "rateLimited", until: 1 }, 1)[0]!.title).toBe(
      "Trustpilot asked to wait: 1 order waits",
    );
    expect(attention({ ...calm, open: { failed: 1 } }, [], null)[0]!.title).toContain("1 order failed");
    expect(attention({ ...calm, open: { failed: 1200 } }, [], null)[0]!.title).toContain(
      "1,200 orders failed",
    );
  });

  it.each([
    [79, 100, false],
    [80, 100, true],
    [100, 100, true],
    [4, 5, true],
    [3, 5, false],
  ])("is an allowance of which %i of %i are used: %s", (used, limit, expected) => {
    expect(attention({ ...calm, used }, [], limit).length > 0).toBe(expected);
  });

  it("groups failed orders by what Trustpilot said", () => {
    const refusals = [
      { message: "recipientEmail is on the suppression list", count: 3 },
      { message: "unknown template", count: 1 },
    ];
    expect(attention({ ...calm, open: { failed: 5 }, refusals }, [], null)[0]!.details).toEqual([
      "3 orders: Trustpilot said “recipientEmail is on the suppression list”",
      "1 order: Trustpilot said “unknown template”",
    ]);
  });

  it.each([
    [5, undefined],
    [7, "The oldest order that is due has waited for 7 hours"],
    [100, "The oldest order that is due has waited for 100 hours"],
  ])("is an order that is due and has waited for %i hours: %s", (hours, title) => {
    expect(attention({ ...calm, oldestWait: NOW - hours * HOUR }, [], null)[0]?.title).toBe(title);
  });

  it("does not say twice that the allowance is used up", () => {
    const pauses = [{ pause: { kind: "allowance", limit: 100, until: 1 } as const, ledgers: 8 }];
    expect(attention({ ...calm, pauses, used: 100 }, [], 100)).toHaveLength(1);
  });

  it("begins with what does not pass by itself", () => {
    const levels = attention(
      {
        ...calm,
        open: { failed: 1, unknown: 1 },
        pauses: [{ pause: outage("unreachable"), ledgers: 1 }],
        used: 90,
      },
      [{ name: "HOLD_DAYS", message: "HOLD_DAYS must be a whole number." }],
      100,
    ).map(({ level }) => level);
    expect(levels).toEqual(["act", "act", "act", "watch", "watch"]);
  });
});

describe("deletions at Trustpilot", () => {
  const report = {
    ...{ waiting: 0, since: null, trouble: null, erased: 3, lastErased: NOW },
    ...{ byHand: 0, lastByHand: null },
  } satisfies ErasureReport;

  it.each<[string, Partial<ErasureReport>, ["act" | "watch", string][]]>([
    ["that are done need nobody", {}, []],
    ["that wait for their turn need nobody", { waiting: 2, since: NOW }, []],
    [
      "that wait for Trustpilot are watched",
      { waiting: 1, trouble: "outage" },
      [["watch", "Trustpilot has not erased 1 address of deleted customers yet"]],
    ],
    [
      "that Trustpilot refuses need somebody",
      { waiting: 2, trouble: "accountRefused" },
      [["act", "Trustpilot has not erased 2 addresses of deleted customers yet"]],
    ],
    [
      "that only a person can make are shown for 30 days",
      { byHand: 2, lastByHand: NOW - 29 * 24 * HOUR },
      [["act", "2 deleted customers must be erased at Trustpilot by hand"]],
    ],
    ["are not shown for longer", { byHand: 2, lastByHand: NOW - 30 * 24 * HOUR }, []],
  ])("%s", (_, some, expected) => {
    const items = attention({ ...calm, erasures: { ...report, ...some } }, [], null);
    expect(items.map(({ level, title }) => [level, title])).toEqual(expected);
  });
});
