import { describe, expect, it } from "vitest";
import type { ConfigProblem } from "../../src/config/config-problem.ts";
import { FREE_CAPACITY, LEDGER_CAPACITY } from "../../src/domain/capacity.ts";
import type { Pause } from "../../src/domain/pause.ts";
import { sumTroubles, type Troubles } from "../../src/domain/troubles.ts";
import { problems, type ProblemFigures } from "../../src/alerts/problems.ts";
import type { ErasureReport } from "../../src/trustpilot/erasure-report.ts";
import { CALM as calm, CALM_LEDGER, CIRCUMSTANCES } from "../support/calm.ts";

const NOW = CIRCUMSTANCES.now;
const HOUR = 3_600_000;
const attention = (figures: ProblemFigures, settings: ConfigProblem[], monthlyLimit: number | null) =>
  problems(figures, { ...CIRCUMSTANCES, settings, monthlyLimit });
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
    const explanations = [
      { message: "recipientEmail is on the suppression list", count: 3 },
      { message: "unknown template", count: 1 },
    ];
    expect(attention({ ...calm, open: { failed: 5 }, explanations }, [], null)[0]!.details).toEqual([
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
    ["that are done need no action", {}, []],
    ["that wait for their turn need no action", { waiting: 2, since: NOW }, []],
    [
      "that wait for Trustpilot are watched",
      { waiting: 1, trouble: "outage" },
      [["watch", "Trustpilot has not erased 1 address of deleted customers yet"]],
    ],
    [
      "that Trustpilot refuses need action",
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

const rejections = (unauthenticated: number, rejected: number, orders: number | null = null) => ({
  rejections: {
    unauthenticated: { count: unauthenticated, reason: "No signature." },
    rejected: { count: rejected, reason: "Not JSON." },
    orders,
  },
});
const storage = (total: number, fullest: number) => ({ storage: { total, fullest, ledgers: 8 } });
const failing = { failure: "unreachable", failures: 4, since: NOW - HOUR, until: NOW - 1 } as const;
const operator: Pause = { kind: "operator", reason: "stocktaking", since: 0, until: null };

describe("each problem has a rank for the alerts", () => {
  it.each<[string, Partial<ProblemFigures>, [string, number][]]>([
    ["eleven unauthenticated requests are none", rejections(11, 0), []],
    ["a dozen are", rejections(12, 0), [["rejections", 1]]],
    ["ten dozen are worse", rejections(120, 0), [["rejections", 2]]],
    ["eleven rejected events are none", rejections(0, 11), []],
    ["a dozen are", rejections(0, 12), [["rejections", 1]]],
    ["eleven of both kinds are none", rejections(6, 5), []],
    ["a dozen of both kinds are", rejections(6, 6), [["rejections", 1]]],
    ["silence is", { silence: { since: NOW - 9 * HOUR } }, [["silence", 1]]],
    ["a breaker that is being tested is", { outage: failing }, [["outage", 1]]],
    ["a refused key is worse", { outage: { ...failing, failure: "accessRefused" } }, [["outage", 2]]],
    ["six hours of waiting are none", { oldestWait: NOW - 6 * HOUR }, []],
    ["seven hours are", { oldestWait: NOW - 7 * HOUR }, [["oldest", 1]]],
    ["two days are worse", { oldestWait: NOW - 48 * HOUR }, [["oldest", 2]]],
    ["eight days are worse still", { oldestWait: NOW - 192 * HOUR }, [["oldest", 3]]],
    [
      "a wait that an operator wants is shown and raises no alert",
      { oldestWait: NOW - 48 * HOUR, pauses: [{ pause: operator, ledgers: 8 }] },
      [
        ["operator", 0],
        ["oldest", 0],
      ],
    ],
    ["a ledger that is 59 % full is none", storage(0.59 * LEDGER_CAPACITY, 0.59 * LEDGER_CAPACITY), []],
    ["60 % is", storage(0.6 * LEDGER_CAPACITY, 0.6 * LEDGER_CAPACITY), [["storage", 1]]],
    ["80 % is worse", storage(0.8 * LEDGER_CAPACITY, 0.8 * LEDGER_CAPACITY), [["storage", 2]]],
    ["90 % is worse still", storage(0.9 * LEDGER_CAPACITY, 0.9 * LEDGER_CAPACITY), [["storage", 3]]],
    ["60 % of a free account is", storage(0.6 * FREE_CAPACITY, 1), [["storage", 1]]],
    ["90 % of a free account is worse", storage(0.9 * FREE_CAPACITY, 1), [["storage", 3]]],
    ["more than a free account holds is none: it is a paid one", storage(FREE_CAPACITY, 1), []],
    ["a full ledger is the worst", { full: true }, [["storage", 4]]],
    ["a damaged row is", { damaged: 1 }, [["damaged", 1]]],
    ["a ledger that does not work is", { whyClosed: "LEDGERS has changed." }, [["closed", 1]]],
    ["a failed order of last week is shown and raises no alert", { open: { failed: 1 } }, [["failed", 0]]],
    [
      "a single unknown order too",
      { open: { unknown: 1 }, lately: { failed: 0, unknown: 1 } },
      [["unknown", 0]],
    ],
  ])("%s", (_, seen, expected) => {
    const found = attention({ ...calm, ...seen }, [], null);
    expect(found.map(({ kind, rank }) => [kind, rank])).toEqual(expected);
  });

  it("says what share of the hour's orders is rejected, and the latest reason", () => {
    const told = (...counts: Parameters<typeof rejections>) =>
      attention({ ...calm, ...rejections(...counts) }, [], null).map(({ title, next, level }) => [
        level,
        title,
        /The latest.*/.exec(next)?.[0],
      ]);
    expect(told(25, 50, 25)).toEqual([
      [
        "act",
        "25 requests without valid credentials and 50 events rejected in the last hour (75 % of what arrived)",
        "The latest reasons: No signature. Not JSON.",
      ],
    ]);
    expect(told(0, 50, 25)[0]!.slice(1)).toEqual([
      "50 events rejected in the last hour (67 % of what arrived)",
      "The latest reason: Not JSON.",
    ]);
    expect(told(11, 1, null)[0]![1]).toBe(
      "11 requests without valid credentials and 1 event rejected in the last hour",
    );
  });

  it.each([
    ["one shop", false, "in the last hour (75 %", "within an hour: the"],
    [
      "several",
      true,
      "in the last hour, in all shops together (75 %",
      "within an hour, in all shops together: the",
    ],
  ])(
    "says whose rejections and wrong passwords are counted: in a Worker for %s",
    (_, severalShops, ...told) => {
      const seen = { ...calm, ...rejections(25, 50, 25), failedLogins: 50 };
      const found = problems(seen, { ...CIRCUMSTANCES, severalShops });
      expect(found.map(({ title }) => title)).toEqual(told.map((part) => expect.stringContaining(part)));
    },
  );

  it("says when the first order of a pause expires, by the shorter of the two limits", () => {
    const pauses = [{ pause: operator, ledgers: 1 }];
    const [problem] = attention({ ...calm, pauses, oldestWait: NOW - HOUR }, [], null);
    expect(problem!.details).toEqual([expect.stringContaining("on 20 Dec 2026, 09:00 UTC")]);
  });

  it("names what does not respond while the breaker is being tested", () => {
    const [problem] = attention({ ...calm, outage: failing }, [], null);
    expect(problem!.title).toBe("Trustpilot cannot be reached, and is being tested");
  });
});

it("the sum of several ledgers is one problem of each kind, with the worst of them", () => {
  const ledger = (some: Partial<Troubles>): Troubles => ({ ...CALM_LEDGER, ...some });
  const sum = sumTroubles([
    ledger({ outage: failing, bytes: 3, oldestWait: 9, lastArrival: 5, damaged: 1 }),
    ledger({ outage: { ...failing, since: 1 }, bytes: 4, oldestWait: 7, whyClosed: "no", full: true }),
    ledger({ pauses: [operator], lastArrival: 6, lastOrder: 6, open: { failed: 2 } }),
    ledger({ pauses: [{ ...operator, until: 1 }], open: { failed: 1, held: 1 } }),
  ]);
  expect(sum).toMatchObject({
    outage: { since: 1 },
    storage: { total: 7, fullest: 4, ledgers: 4 },
    oldestWait: 7,
    lastArrival: 6,
    lastOrder: 6,
    damaged: 1,
    whyClosed: "no",
    full: true,
    open: { failed: 3, held: 1 },
    pauses: [{ pause: operator, ledgers: 2 }],
  });
});
