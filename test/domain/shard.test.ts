import { describe, expect, it } from "vitest";
import { hash32 } from "../../src/lib/hash.ts";
import { SETTINGS } from "../../src/config/settings.ts";
import { ledgerName, ledgerNames } from "../../src/domain/shard.ts";

describe("the ledger of an order", () => {
  // Reckoned by another implementation. If one of these fails, every order known so far would look new.
  it.each([
    ["1", 1428125071, "v1-7"],
    ["2", 1020151135, "v1-7"],
    ["1001", 2500018170, "v1-2"],
    ["1002", 1539124475, "v1-3"],
    ["50314b8e9bcf000000000000", 1650822128, "v1-0"],
    ["Bestellung Ä 7", 1582192580, "v1-4"],
    ["訂單-9", 3999067641, "v1-1"],
    ["😀", 855877642, "v1-2"],
    ["#A-1/2", 2939248582, "v1-6"],
  ])("%s hashes to %i and is in %s, for ever", (orderId, hash, name) => {
    expect(hash32(orderId)).toBe(hash);
    expect(ledgerName(orderId, 8)).toBe(name);
  });

  it.each([
    ["1", 64, "v1-15"],
    ["1001", 64, "v1-58"],
    ["Bestellung Ä 7", 16, "v1-4"],
    ["😀", 1, "v1-0"],
  ])("%s is, with %i ledgers, in %s, for ever", (orderId, ledgers, name) => {
    expect(ledgerName(orderId, ledgers)).toBe(name);
    expect(ledgerNames(ledgers)).toContain(name);
    expect(ledgerNames(ledgers)).toHaveLength(ledgers);
  });

  it("is one of eight unless configured otherwise", () => {
    expect(ledgerNames(SETTINGS.storage.ledgers.fallback)).toEqual([
      "v1-0",
      "v1-1",
      "v1-2",
      "v1-3",
      "v1-4",
      "v1-5",
      "v1-6",
      "v1-7",
    ]);
  });

  it("is spread evenly over consecutive order numbers", () => {
    const counts = new Map(ledgerNames(8).map((name) => [name, 0]));
    for (let number = 0; number < 8000; number++) {
      const name = ledgerName(String(100_000 + number), 8);
      counts.set(name, counts.get(name)! + 1);
    }
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(900);
      expect(count).toBeLessThan(1100);
    }
  });
});
