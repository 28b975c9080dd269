import { describe, expect, it } from "vitest";
import type { StoredOrder } from "../../scripts/lib/ledger-files.ts";
import { judge } from "../../scripts/soak/verdict.ts";
import { runScript } from "./support/script.ts";

describe("the soak", () => {
  it("in its short form brings every order to its end, over two kills", async () => {
    const short = ["--orders", "60", "--seconds", "4", "--kills", "2", "--faults", "2", "--minutes", "2"];
    const { code, output } = await runScript("soak", ...short, "--seed", "short");
    expect(output).toContain("Every order has ended, and none was invited twice.");
    expect(output).toMatch(/accepted +\d+/);
    expect(code).toBe(0);
  }, 150_000);

  it("stops by itself when orders do not come to their end, says so and fails", async () => {
    const { code, output } = await runScript("soak", "--orders", "5", "--seconds", "60", "--minutes", "0.01");
    expect(output).toContain("Gave up after 0.01 minutes: not every order has ended.");
    expect(code).toBe(1);
  }, 60_000);

  it.each([
    [["--orders", "none"], '--orders must be a whole number from 1 to 1000000, not "none".'],
    [
      ["--transport", "pigeon"],
      '--transport must be one of integration-key, invitations-api, email, not "pigeon".',
    ],
    [["--rate", "1.5"], '--rate must be a number from 0 to 1, not "1.5".'],
  ])("does not take %j", async (options, message) => {
    const { code, output } = await runScript("soak", ...options);
    expect(output).toContain(message);
    expect(code).toBe(1);
  });
});

describe("the verdict of the soak", () => {
  const row = (state: string, rest: Partial<StoredOrder> = {}): StoredOrder => ({
    orderId: "1",
    state,
    reason: null,
    attempts: 1,
    due: null,
    personal: 0,
    ...rest,
  });

  it.each<[string, StoredOrder[], created: string[], accepted: string[]]>([
    ["an order that was invited once", [row("invited")], ["1"], ["1"]],
    ["an order whose acceptance was not heard, because the Worker was killed", [row("invited")], ["1"], []],
    ["an order that Trustpilot refused", [row("failed", { personal: 1 })], [], ["1"]],
    ["an unknown order that was invited", [row("unknown", { personal: 1 })], ["1"], ["1"]],
    ["an unknown order that was not invited", [row("unknown")], [], ["1"]],
  ])("passes %s", (_, stored, created, accepted) => {
    const { problems, ends } = judge(["1"], stored, created, accepted);
    expect(problems).toEqual([]);
    expect(ends).toEqual({ [stored[0]!.state]: 1 });
  });

  it.each<[string, StoredOrder[], created: string[], accepted: string[], problem: RegExp]>([
    ["an order invited twice", [row("invited")], ["1", "1"], ["1"], /created 2 invitations/],
    ["an unknown order invited twice", [row("unknown")], ["1", "1"], ["1"], /created 2 invitations/],
    ["an invitation that Trustpilot never saw", [row("invited")], [], ["1"], /created 0 invitations/],
    ["a failed order that was invited", [row("failed")], ["1"], ["1"], /created 1 invitations/],
    ["an order that waits for ever", [row("held")], [], ["1"], /no end: it is held/],
    ["a lease that never ended", [row("sending")], [], ["1"], /no end: it is sending/],
    ["an order that got lost", [], [], ["1"], /in no ledger/],
    ["an order accepted twice", [row("invited")], ["1"], ["1", "1"], /accepted more than once/],
    ["personal data that stayed", [row("invited", { personal: 1 })], ["1"], ["1"], /kept its personal data/],
    [
      "an order that was never sent",
      [row("invited"), row("held", { orderId: "2" })],
      ["1"],
      [],
      /never delivered/,
    ],
    ["an invitation without an order", [row("invited")], ["1", "2"], ["1"], /never delivered/],
  ])("finds %s", (_, stored, created, accepted, problem) => {
    const { problems } = judge(["1"], stored, created, accepted);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});
