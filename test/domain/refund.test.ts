import { describe, expect, it } from "vitest";
import { addRefund, isRefundedInFull } from "../../src/domain/refund.ts";

const refunds = (...amounts: number[]) => amounts.map((amount, key) => ({ amount, key }));

describe("refunds give all the money back when they add up to the total", () => {
  it.each<[number[], number | null, boolean]>([
    [[100], 100, true],
    [[50, 50], 100, true],
    [[33.33, 33.33, 33.34], 100, true],
    [[99.996], 100, true],
    [[120], 100, true],
    [[0], 0, true],
    [[50], 100, false],
    [[50, 49.99], 100, false],
    [[], 0, false],
    [[100], null, false],
  ])("%j of %j: %j", (amounts, total, full) => {
    expect(isRefundedInFull(refunds(...amounts), total)).toBe(full);
  });
});

describe("a refund is added", () => {
  it("once, however often its event comes", () => {
    const [one, other] = [
      { amount: 50, key: 1 },
      { amount: 50, key: 2 },
    ];
    expect(addRefund(null, one)).toEqual([one]);
    expect(addRefund([one], { ...one })).toEqual([one]);
    expect(addRefund([one], other)).toEqual([one, other]);
  });

  it("up to a limit that keeps the row small", () => {
    const many = refunds(...Array.from({ length: 50 }, () => 1));
    expect(addRefund(many, { amount: 1, key: 99 })).toHaveLength(50);
  });
});
