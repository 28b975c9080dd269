import { describe, expect, it } from "vitest";
import { judgeStatus, type StatusVerdict } from "../../src/trustpilot/answer.ts";

const verdicts = new Map<number, StatusVerdict>([
  [201, "created"],
  [202, "products-wanted"],
  [251, "blocked"],
  [252, "blocked"],
  [253, "blocked"],
  [408, "passing"],
  [425, "passing"],
  [429, "passing"],
  [500, "passing"],
  [502, "passing"],
  [503, "passing"],
  [504, "passing"],
  [520, "passing"],
  [599, "passing"],
  [524, "lost"],
  [301, "refused"],
  [302, "refused"],
  [303, "refused"],
  [304, "refused"],
  [307, "refused"],
  [308, "refused"],
  [400, "refused"],
  [401, "refused"],
  [403, "refused"],
  [404, "refused"],
  [405, "refused"],
  [409, "refused"],
  [410, "refused"],
  [413, "refused"],
  [415, "refused"],
  [422, "refused"],
  [451, "refused"],
  [200, "unconfirmed"],
  [203, "unconfirmed"],
  [204, "unconfirmed"],
  [206, "unconfirmed"],
  [250, "unconfirmed"],
  [254, "unconfirmed"],
  [299, "unconfirmed"],
]);

describe("a status of Trustpilot", () => {
  it.each([...verdicts])("%i means %s", (status, verdict) => {
    expect(judgeStatus(status)).toBe(verdict);
  });

  it("is judged by its class when it is in no list", () => {
    const byClass: Record<string, StatusVerdict> = {
      2: "unconfirmed",
      3: "refused",
      4: "refused",
      5: "passing",
    };
    for (let status = 200; status <= 599; status++) {
      if (verdicts.has(status)) continue;
      expect([status, judgeStatus(status)]).toEqual([status, byClass[String(status)[0]!]]);
    }
  });

  it("is success only as 201", () => {
    const all = Array.from({ length: 400 }, (_, index) => 200 + index);
    expect(all.filter((status) => judgeStatus(status) === "created")).toEqual([201]);
  });
});
