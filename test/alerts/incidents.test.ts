import { describe, expect, it } from "vitest";
import {
  nextLook,
  noticesDue,
  observe,
  settle,
  type Incidents,
  type Notice,
  type Situation,
} from "../../src/alerts/incidents.ts";
import type { ProblemKind } from "../../src/alerts/problem.ts";
import { problems, type ProblemFigures } from "../../src/alerts/problems.ts";
import { LEDGER_CAPACITY } from "../../src/domain/capacity.ts";
import { CALM, CIRCUMSTANCES } from "../support/calm.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2030, 4, 10);

interface Seen {
  complete?: boolean;
  blocked?: boolean;
  waiting?: number;
  failed?: number;
  unknown?: number;
  allowance?: { used: number; limit: number };
  figures?: Partial<ProblemFigures>;
}

function situation({
  complete = true,
  blocked,
  waiting = 0,
  failed = 0,
  unknown = 0,
  allowance,
  figures,
}: Seen) {
  const seen: ProblemFigures = {
    ...CALM,
    open: { held: waiting, failed, unknown },
    lately: { failed, unknown },
    pauses: blocked ? [{ pause: { kind: "blocked", host: null, since: 0 }, ledgers: 1 }] : [],
    used: allowance?.used ?? null,
    ...figures,
  };
  const monthlyLimit = allowance?.limit ?? null;
  return { complete, problems: problems(seen, { ...CIRCUMSTANCES, monthlyLimit }) } satisfies Situation;
}

/** A look at some minute, and what is seen then. */
type Look = [minute: number, seen: Seen];
type Told = [minute: number, condition: ProblemKind, level: number | null];

function look(incidents: Incidents, [minute, seen]: Look): { incidents: Incidents; notices: Notice[] } {
  const now = START + minute * MINUTE;
  const observed = observe(incidents, situation(seen), now);
  const notices = noticesDue(observed, now);
  return { incidents: settle(observed, notices, now), notices };
}

function play(looks: readonly Look[]): { told: Told[]; incidents: Incidents } {
  const told: Told[] = [];
  let incidents: Incidents = {};
  for (const each of looks) {
    const { notices, ...rest } = look(incidents, each);
    ({ incidents } = rest);
    told.push(...notices.map(({ kind, level }): Told => [each[0], kind, level]));
  }
  return { told, incidents };
}

const full = (part: number): Seen => {
  const bytes = part * LEDGER_CAPACITY;
  return { figures: { storage: { total: 8 * LEDGER_CAPACITY, fullest: bytes, ledgers: 8 } } };
};
const failing: Seen = { figures: { outage: { failure: "unreachable", failures: 2, since: 0, until: 1 } } };
const silent: Seen = { figures: { silence: { since: 5 } } };
const used = (count: number): Seen => ({ allowance: { used: count, limit: 50 } });

describe("one look tells", () => {
  it.each<[string, Seen, [ProblemKind, number][]]>([
    ["nothing when all is well", {}, []],
    ["nothing of orders that only wait", { waiting: 500 }, []],
    ["of a blocked domain", { blocked: true }, [["blocked", 1]]],
    ["of the first failed order", { failed: 1 }, [["failed", 1]]],
    ["the same of nine", { failed: 9 }, [["failed", 1]]],
    ["worse of ten", { failed: 10 }, [["failed", 2]]],
    ["worse still of a thousand", { failed: 1000 }, [["failed", 4]]],
    ["nothing of four unknown orders", { unknown: 4 }, []],
    ["of five unknown orders", { unknown: 5 }, [["unknown", 1]]],
    ["worse of fifty unknown orders", { unknown: 50 }, [["unknown", 2]]],
    ["nothing of 39 invitations of 50", used(39), []],
    ["of 40 invitations of 50", used(40), [["allowance", 1]]],
    ["the same of 49 invitations of 50", used(49), [["allowance", 1]]],
    ["that all 50 are used", used(50), [["allowance", 2]]],
    ["that more are used than a lowered limit allows", used(51), [["allowance", 2]]],
    ["that a limit of one is used up, not near", { allowance: { used: 1, limit: 1 } }, [["allowance", 2]]],
    [
      "of everything at once",
      { blocked: true, failed: 3, unknown: 6, ...used(41) },
      [
        ["blocked", 1],
        ["failed", 1],
        ["unknown", 1],
        ["allowance", 1],
      ],
    ],
    ["what it has seen, although a ledger was silent", { failed: 1, complete: false }, [["failed", 1]]],
  ])("%s", (_, seen, expected) => {
    expect(play([[0, seen]]).told.map(([, ...notice]) => notice)).toEqual(expected);
  });
});

describe("from look to look", () => {
  it.each<[string, Look[], Told[]]>([
    [
      "trouble that goes on is told once",
      [
        [0, { blocked: true }],
        [15, { blocked: true }],
        [90, { blocked: true }],
        [3000, { blocked: true }],
      ],
      [[0, "blocked", 1]],
    ],
    [
      "a few failed orders more are no news, ten times as many are",
      [
        [0, { failed: 2 }],
        [70, { failed: 9 }],
        [80, { failed: 25 }],
        [150, { failed: 99 }],
      ],
      [
        [0, "failed", 1],
        [80, "failed", 2],
      ],
    ],
    [
      "worse within the hour is told when the hour is over, as it is then",
      [
        [0, { failed: 2 }],
        [15, { failed: 20 }],
        [59, { failed: 200 }],
        [60, { failed: 200 }],
      ],
      [
        [0, "failed", 1],
        [60, "failed", 3],
      ],
    ],
    [
      "it is over when nothing has been seen for half an hour",
      [
        [0, { blocked: true }],
        [60, { blocked: true }],
        [75, {}],
        [89, {}],
        [90, {}],
        [105, {}],
        [900, {}],
      ],
      [
        [0, "blocked", 1],
        [90, "blocked", null],
      ],
    ],
    [
      "it is not over within an hour of the message before",
      [
        [0, { blocked: true }],
        [15, {}],
        [45, {}],
        [60, {}],
      ],
      [
        [0, "blocked", 1],
        [60, "blocked", null],
      ],
    ],
    [
      "what comes back within half an hour was never over",
      [
        [0, { blocked: true }],
        [60, { blocked: true }],
        [75, {}],
        [85, { blocked: true }],
        [100, {}],
        [114, {}],
      ],
      [[0, "blocked", 1]],
    ],
    [
      "what comes back after it was over is told again, not within an hour",
      [
        [0, { failed: 1 }],
        [60, {}],
        [75, { failed: 1 }],
        [119, { failed: 1 }],
        [120, { failed: 1 }],
      ],
      [
        [0, "failed", 1],
        [60, "failed", null],
        [120, "failed", 1],
      ],
    ],
    [
      "what came and went unheard is never told",
      [
        [0, { failed: 1 }],
        [60, {}],
        [75, { failed: 1 }],
        [90, {}],
        [105, {}],
        [120, {}],
        [135, {}],
      ],
      [
        [0, "failed", 1],
        [60, "failed", null],
      ],
    ],
    [
      "it is not over as long as a ledger is silent",
      [
        [0, { blocked: true }],
        [60, { complete: false }],
        [120, { complete: false }],
        [140, {}],
        [150, {}],
      ],
      [
        [0, "blocked", 1],
        [150, "blocked", null],
      ],
    ],
    [
      "what has got worse is not told while the ledger that knows is silent",
      [
        [0, used(40)],
        [30, used(50)],
        [60, { complete: false }],
        [75, used(50)],
      ],
      [
        [0, "allowance", 1],
        [75, "allowance", 2],
      ],
    ],
    [
      "the allowance nears its end, is used up, and a month later there is one again",
      [
        [0, used(40)],
        [90, used(50)],
        [600, used(0)],
        [615, used(1)],
      ],
      [
        [0, "allowance", 1],
        [90, "allowance", 2],
        [600, "allowance", null],
      ],
    ],
    [
      "an invitation given back at 80 % is no news",
      [
        [0, used(40)],
        [15, used(39)],
        [30, used(40)],
        [90, used(40)],
      ],
      [[0, "allowance", 1]],
    ],
    [
      "storage is told at each level, and once when it is resolved",
      [
        [0, full(0.6)],
        [90, full(0.7)],
        [180, full(0.8)],
        [270, full(0.9)],
        [600, full(0.1)],
      ],
      [
        [0, "storage", 1],
        [180, "storage", 2],
        [270, "storage", 3],
        [600, "storage", null],
      ],
    ],
    [
      "an outage that flaps is told once",
      [
        [0, failing],
        [60, failing],
        [70, {}],
        [80, failing],
        [95, {}],
        [110, failing],
      ],
      [[0, "outage", 1]],
    ],
    [
      "a silence that returns is told again",
      [
        [0, silent],
        [90, {}],
        [600, silent],
      ],
      [
        [0, "silence", 1],
        [90, "silence", null],
        [600, "silence", 1],
      ],
    ],
    [
      "one condition does not hold another back",
      [
        [0, { failed: 1 }],
        [5, { failed: 1, blocked: true }],
      ],
      [
        [0, "failed", 1],
        [5, "blocked", 1],
      ],
    ],
  ])("%s", (_, looks, expected) => {
    expect(play(looks).told).toEqual(expected);
  });

  it("nothing is told as long as nothing is said to have been told", () => {
    const observed = observe({}, situation({ failed: 1 }), START);
    const later = observe(observed, situation({ failed: 4 }), START + HOUR);
    expect(noticesDue(later, START + HOUR)).toEqual([{ kind: "failed", level: 1 }]);
    expect(later.failed?.since).toBe(START);
  });
});

describe("the next look", () => {
  it("is not needed when all is well", () => {
    expect(nextLook({}, START)).toBeNull();
  });

  it.each<[string, number, number]>([
    ["comes every quarter of an hour in the first day", 0, 15],
    ["comes every hour afterwards", DAY + MINUTE, 60],
  ])("%s", (_, age, minutes) => {
    const { incidents } = play([[0, { blocked: true }]]);
    expect(nextLook(incidents, START + age)).toBe(START + age + minutes * MINUTE);
  });

  it("ends with the trouble, an hour after the last word about it", () => {
    const over: Look[] = [
      [0, { blocked: true }],
      [60, {}],
    ];
    expect(play(over).told.at(-1)).toEqual([60, "blocked", null]);
    expect(nextLook(play([...over, [75, {}]]).incidents, START)).not.toBeNull();
    expect(nextLook(play([...over, [75, {}], [120, {}]]).incidents, START)).toBeNull();
  });
});
