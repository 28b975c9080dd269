import { describe, expect, it } from "vitest";
import { judgeScriptStatus } from "../../src/trustpilot/integration-key/script-status.ts";

type StatusVerdict = ReturnType<typeof judgeScriptStatus>;

const verdicts = new Map<number, StatusVerdict>([
  [201, "created"],
  [202, "products-wanted"],
  [251, "blocked"],
  [252, "blocked"],
  [253, "blocked"],
  [408, "transient"],
  [425, "transient"],
  [429, "transient"],
  [500, "transient"],
  [502, "transient"],
  [503, "transient"],
  [504, "transient"],
  [520, "transient"],
  [599, "transient"],
  [524, "noResponse"],
  [301, "redirected"],
  [302, "redirected"],
  [303, "redirected"],
  [304, "redirected"],
  [307, "redirected"],
  [308, "redirected"],
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
  [200, "ambiguous"],
  [203, "ambiguous"],
  [204, "ambiguous"],
  [206, "ambiguous"],
  [250, "ambiguous"],
  [254, "ambiguous"],
  [299, "ambiguous"],
]);

describe("a status of Trustpilot", () => {
  it.each([...verdicts])("%i means %s", (status, verdict) => {
    expect(judgeScriptStatus(status)).toBe(verdict);
  });

  it("is judged by its class when it is in no list", () => {
    const byClass: Record<string, StatusVerdict> = {
      2: "ambiguous",
      3: "redirected",
      4: "refused",
      5: "transient",
    };
    for (let status = 200; status <= 599; status++) {
      if (verdicts.has(status)) continue;
      expect([status, judgeScriptStatus(status)]).toEqual([status, byClass[String(status)[0]!]]);
    }
  });

  it("is success only as 201", () => {
    const all = Array.from({ length: 400 }, (_, index) => 200 + index);
    expect(all.filter((status) => judgeScriptStatus(status) === "created")).toEqual([201]);
  });
});
