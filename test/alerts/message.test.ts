import { describe, expect, it } from "vitest";
import type { Notice } from "../../src/alerts/incidents.ts";
import { messageText } from "../../src/alerts/message.ts";
import { PROBLEMS, type ProblemKind } from "../../src/alerts/problem.ts";
import { problems, type ProblemFigures } from "../../src/alerts/problems.ts";
import { CALM, CIRCUMSTANCES } from "../support/calm.ts";

const FIGURES: ProblemFigures = {
  ...CALM,
  open: { failed: 3, unknown: 7 },
  lately: { failed: 3, unknown: 7 },
  pauses: [{ pause: { kind: "blocked", host: null, since: 0 }, ledgers: 8 }],
  heldBack: 12,
  used: 41,
};
const SENDER = { shop: "shop.example.com", statusUrl: "https://invitations.example.com/status" };

const situation = (some: Partial<ProblemFigures> = {}) => ({
  complete: true,
  problems: problems({ ...FIGURES, ...some }, { ...CIRCUMSTANCES, monthlyLimit: 50 }),
});
const say = (notice: Notice, some: Partial<ProblemFigures> = {}) =>
  messageText([notice], situation(some), SENDER);

describe("a message", () => {
  it("names the shop first and the status page last, with a line for each problem between", () => {
    const kinds = ["blocked", "failed", "unknown", "allowance"] as const;
    const notices = kinds.map((kind): Notice => ({ kind, level: 1 }));
    const lines = messageText(notices, situation(), SENDER).split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[0]).toBe("Trustpilot review invitations of shop.example.com");
    expect(lines.slice(1, 5).every((line) => /^• .{30}/.test(line))).toBe(true);
    expect(lines[5]).toBe("https://invitations.example.com/status");
  });

  it("says where to look when the Worker's address is not known", () => {
    const text = messageText([{ kind: "failed", level: 1 }], situation(), { shop: null, statusUrl: null });
    expect(text.split("\n")[0]).toBe("Trustpilot review invitations");
    expect(text).toMatch(/\/status .*PUBLIC_URL/);
  });

  it.each<[string, Notice, Partial<ProblemFigures>, RegExp]>([
    ["a block, with the orders that wait", { kind: "blocked", level: 1 }, {}, /disabled.*: 12 orders wait\./],
    ["failed orders, counted", { kind: "failed", level: 1 }, {}, /3 orders failed/],
    ["unknown orders, counted", { kind: "unknown", level: 1 }, {}, /7 orders may or may not.*send it again/],
    ["that the allowance nears its end", { kind: "allowance", level: 1 }, {}, /41 of this month's 50/],
    [
      "that the allowance is used up, with the orders that wait",
      { kind: "allowance", level: 2 },
      { used: 50, pauses: [{ pause: { kind: "allowance", limit: 50, until: 1 }, ledgers: 8 }] },
      /used up: 12 orders wait\..*MONTHLY_LIMIT/,
    ],
  ])("says %s", (_, notice, some, expected) => {
    expect(say(notice, some)).toMatch(expected);
  });

  it.each(Object.entries(PROBLEMS).filter(([, over]) => over !== null))(
    "says once that %s is resolved, in a sentence",
    (kind, over) => {
      expect(say({ kind: kind as ProblemKind, level: null })).toContain(`• Resolved: ${over}\n`);
      expect(over).toMatch(/^[a-zT].*\.$/);
    },
  );

  it("holds no reason that an operator wrote, and nothing that Trustpilot said", () => {
    const explanations = [{ message: "Jane is on the suppression list", count: 3 }];
    expect(say({ kind: "failed", level: 1 }, { explanations })).not.toContain("Jane");
    expect(PROBLEMS.operator).toBeNull();
  });
});
