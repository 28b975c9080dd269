import { describe, expect, it } from "vitest";
import { CONDITIONS, type Notice, type Situation } from "../../src/alerts/incidents.ts";
import { messageText } from "../../src/alerts/message.ts";

const SITUATION: Situation = {
  complete: true,
  blocked: true,
  waiting: 12,
  failed: 3,
  unknown: 7,
  allowance: { used: 41, limit: 50 },
};
const SENDER = { shop: "shop.example.com", statusUrl: "https://invitations.example.com/status" };

const say = (notice: Notice, situation: Partial<Situation> = {}) =>
  messageText([notice], { ...SITUATION, ...situation }, SENDER);

describe("a message", () => {
  it("names the shop first and the status page last, with a line for each condition between", () => {
    const notices = CONDITIONS.map((condition): Notice => ({ condition, level: 1 }));
    const lines = messageText(notices, SITUATION, SENDER).split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[0]).toBe("Trustpilot review invitations of shop.example.com");
    expect(lines.slice(1, 5).every((line) => line.startsWith("• "))).toBe(true);
    expect(lines[5]).toBe("https://invitations.example.com/status");
  });

  it("says where to look when the Worker's address is not known", () => {
    const text = messageText([{ condition: "failed", level: 1 }], SITUATION, { shop: null, statusUrl: null });
    expect(text.split("\n")[0]).toBe("Trustpilot review invitations");
    expect(text).toMatch(/\/status .*PUBLIC_URL/);
  });

  it.each<[string, Notice, Partial<Situation>, RegExp]>([
    ["a block, with the orders that wait", { condition: "blocked", level: 1 }, {}, /disabled.* wait: 12\./],
    ["the end of a block", { condition: "blocked", level: null }, {}, /Over: no order is held back/],
    ["failed orders, counted", { condition: "failed", level: 1 }, {}, /failed for good.*: 3\./],
    ["that none is left that failed", { condition: "failed", level: null }, {}, /Over: .*failed/],
    ["unknown orders, counted", { condition: "unknown", level: 1 }, {}, /unknown.*: 7\..*risk/],
    ["that few are left that are unknown", { condition: "unknown", level: null }, {}, /Over: .*unknown/],
    ["that the allowance nears its end", { condition: "allowance", level: 1 }, {}, /nears its end: 41 of 50/],
    [
      "that the allowance is used up, with the orders that wait",
      { condition: "allowance", level: 2 },
      { allowance: { used: 50, limit: 50 } },
      /used up: 50 of 50.* wait: 12\./,
    ],
    [
      "that there is an allowance again",
      { condition: "allowance", level: null },
      { allowance: { used: 2, limit: 50 } },
      /Over: .*: 2 of 50/,
    ],
    [
      "that there is no limit any more",
      { condition: "allowance", level: null },
      { allowance: null },
      /Over: there is no MONTHLY_LIMIT/,
    ],
  ])("says %s", (_, notice, situation, expected) => {
    expect(say(notice, situation)).toMatch(expected);
  });
});
