import { describe, expect, it } from "vitest";
import { dueTime, ineligibility } from "../../src/domain/eligibility.ts";
import { ledgerName, ledgerNames } from "../support/shard.ts";
import { DAY } from "../../src/lib/time.ts";

/** Consecutive order numbers, as a shop gives them. */
const idsOf = (orders: number) => Array.from({ length: orders }, (_, number) => String(100_000 + number));

type Args = Parameters<typeof ineligibility>;
const isSampled = (orderId: string, inviteOneIn: number) =>
  ineligibility({ orderId, orderedAt: null } as Args[0], { inviteOneIn } as Args[1], 0) === null;

describe("one order in N", () => {
  it("is every order when N is 1", () => {
    expect(idsOf(1000).every((id) => isSampled(id, 1))).toBe(true);
  });

  it("is chosen by the order id alone, the same each time", () => {
    const chosen = (id: string) => isSampled(id, 3);
    expect(idsOf(20).filter(chosen)).toEqual(idsOf(20).filter(chosen));
    expect(idsOf(20).filter(chosen)).toEqual([
      "100001",
      "100003",
      "100010",
      "100011",
      "100015",
      "100016",
      "100018",
      "100019",
    ]);
  });

  // Thresholds that pure chance exceeds about once in 10,000 hashes.
  const MOST_DEVIATIONS = 3.9;
  const CHI_SQUARE_OF_8 = 31.8;

  describe.each([2, 3, 8, 10, 100])("for N = %d", (oneIn) => {
    const ids = idsOf(20_000);

    it("is one in N", () => {
      const chosen = ids.filter((id) => isSampled(id, oneIn)).length;
      const deviation = Math.sqrt(ids.length * (1 / oneIn) * (1 - 1 / oneIn));
      expect(Math.abs(chosen - ids.length / oneIn)).toBeLessThan(MOST_DEVIATIONS * deviation);
    });

    it("is one in N of every ledger: the two choices know nothing of each other", () => {
      const [total, chosen] = [new Map<string, number>(), new Map<string, number>()];
      for (const id of ids) {
        const ledger = ledgerName(id);
        total.set(ledger, (total.get(ledger) ?? 0) + 1);
        if (isSampled(id, oneIn)) chosen.set(ledger, (chosen.get(ledger) ?? 0) + 1);
      }
      const chiSquare = ledgerNames()
        .map((ledger) => {
          const expected = total.get(ledger)! / oneIn;
          return ((chosen.get(ledger) ?? 0) - expected) ** 2 / (expected * (1 - 1 / oneIn));
        })
        .reduce((sum, part) => sum + part);
      expect(chiSquare).toBeLessThan(CHI_SQUARE_OF_8);
    });
  });
});

describe("an invitation is due", () => {
  const now = Date.UTC(2026, 5, 15);
  const orderedAt = (time: number | null) => ({ orderedAt: time }) as Parameters<typeof dueTime>[0];

  it.each<[string, number | null, number, number]>([
    ["at once without a hold", now - DAY, 0, now],
    ["the hold after the order", now - DAY, 3, now + 2 * DAY],
    ["at once when the hold is over", now - 5 * DAY, 3, now],
    ["the hold after the arrival when the order has no time", null, 3, now + 3 * DAY],
    ["the hold after the arrival when the order is from the future", now + 9 * DAY, 3, now + 3 * DAY],
  ])("%s", (_, time, holdDays, due) => expect(dueTime(orderedAt(time), holdDays, now)).toBe(due));
});
