import { describe, expect, it, vi } from "vitest";
import { isReachable } from "../../src/trustpilot/reachable.ts";
import { integrationKey } from "../../src/trustpilot/integration-key/integration-key.ts";
import { personalOf } from "../support/status.ts";
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
  [502, "noResponse"],
  [503, "transient"],
  [521, "transient"],
  [522, "transient"],
  [504, "noResponse"],
  [520, "noResponse"],
  [599, "transient"],
  [524, "noResponse"],
  [301, "redirected"],
  [302, "redirected"],
  [303, "redirected"],
  [304, "redirected"],
  [307, "redirected"],
  [308, "redirected"],
  [400, "refused"],
  [401, "accessRefused"],
  [403, "accessRefused"],
  [404, "accessRefused"],
  [405, "accessRefused"],
  [407, "accessRefused"],
  [409, "refused"],
  [410, "accessRefused"],
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

describe("the answer to a probe", () => {
  it.each([
    [200, true],
    [301, true],
    [401, true],
    [403, true],
    [404, true],
    [405, true],
    [408, false],
    [425, false],
    [429, false],
    [500, false],
    [502, false],
    [503, false],
    [521, false],
    [599, false],
  ])("%i shows that Trustpilot is there: %s", async (status, there) => {
    vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(null, { status }));
    expect(await isReachable("https://trustpilot.example.com")).toBe(there);
    vi.restoreAllMocks();
  });
});

describe("the body of an answer", () => {
  it.each([200, 201, 202, 251, 302, 400, 403, 429, 500, 502, 524])(
    "of %i that never ends is not read to its end, and gives the connection back",
    async (status) => {
      const cancelled: boolean[] = [];
      vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
        const index = cancelled.push(false) - 1;
        const body = new ReadableStream({
          pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(1_000))),
          cancel: () => void (cancelled[index] = true),
        });
        return new Response(body, { status });
      });
      const settings = { apiUrl: "https://trustpilot.example.com", integrationKey: "key", shopOrigin: null };
      await integrationKey(settings as Parameters<typeof integrationKey>[0])
        .prepare(personalOf("body"))
        .send();
      expect(cancelled).toEqual(status === 202 ? [true, true] : [true]);
      vi.restoreAllMocks();
    },
  );
});
