import { describe, expect, it } from "vitest";
import { ongoing, silence, spanFor, type Arrivals, type Span } from "../../src/domain/silence.ts";

const HOUR = 3_600_000;
const NOW = 1000 * HOUR;

/** What a ledger tells of arrivals at these hours. */
function arrivals(hours: readonly number[], within: number): Arrivals {
  const spans: Span[] = [];
  for (const time of hours.map((hour) => hour * HOUR)) {
    const last = spans.at(-1);
    if (last && time < last.first + within) last.last = time;
    else spans.push({ first: time, last: time });
  }
  return { spans, orders: hours.length };
}

/** @param ledgers hours of arrivals in each */
function judge(...ledgers: number[][]): boolean {
  const within = spanFor(Math.max(...ledgers.flat()) * HOUR, NOW);
  if (within === null) return false;
  return (
    silence(
      ledgers.map((hours) => arrivals(hours, within)),
      within,
      NOW,
    ) !== null
  );
}

const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

describe("a shop is silent", () => {
  it.each<[string, boolean, number[][]]>([
    ["when nothing came for twice its longest gap", true, [every(4, 800, 992)]],
    ["and not a moment before", false, [every(4, 800, 992.1)].map((hours) => [...hours, 992.1])],
    ["not when it had one gap of half the silence", false, [[...every(1, 800, 900), ...every(1, 910, 981)]]],
    ["when it had none as long as that", true, [[...every(1, 800, 900), ...every(1, 910, 979)]]],
    ["never with nineteen orders", false, [every(1, 900, 918)]],
    ["with twenty", true, [every(1, 900, 919)]],
    [
      "when the orders of several ledgers fill each other's gaps",
      true,
      [every(8, 800, 984), every(8, 804, 988)],
    ],
    ["not when another ledger still gets orders", false, [every(4, 800, 900), every(4, 800, 996)]],
    ["counted over all ledgers", true, [every(2, 900, 918), every(2, 901, 919)]],
    ["not within an hour, however busy it was", false, [every(0.01, 998, 999.5)]],
  ])("%s: %s", (_, expected, ledgers) => {
    expect(judge(...ledgers)).toBe(expected);
  });

  it.each<[number | null, boolean]>([
    [null, false],
    [5, true],
    [6, false],
  ])("until an order arrives: the last one at %j", (lastOrder, expected) => {
    expect(ongoing({ since: 5 }, lastOrder) !== null).toBe(expected);
    expect(ongoing(null, lastOrder)).toBeNull();
  });

  it("never before its first order", () => {
    expect(spanFor(null, NOW)).toBeNull();
  });
});
