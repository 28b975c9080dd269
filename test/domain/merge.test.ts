import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrive, merge, type PortableOrder } from "../../src/domain/merge.ts";
import { ORDER_STATES } from "../../src/domain/order.ts";

const record = (change: Partial<PortableOrder> = {}): PortableOrder => ({
  orderId: "1001",
  state: "held",
  reason: null,
  received: 10,
  updated: 10,
  attempts: 0,
  resends: 0,
  sentOrderId: null,
  refunds: null,
  notedFor: null,
  erased: null,
  history: [],
  ...change,
});

/** Few values, so that records of equal rank and time are common. */
const anyRecord = fc
  .record({
    orderId: fc.constant("1001"),
    state: fc.constantFrom(...ORDER_STATES),
    reason: fc.constantFrom(null, "operator", "order_cancelled"),
    received: fc.constantFrom(null, 1, 2),
    updated: fc.integer({ min: 1, max: 3 }),
    attempts: fc.integer({ min: 0, max: 2 }),
    resends: fc.constant(0),
    sentOrderId: fc.constantFrom(null, "#1001"),
    refunds: fc.constantFrom(null, [{ amount: 5, key: 1 }]),
    notedFor: fc.constant(null),
    erased: fc.constantFrom(null, null, 1, 2),
    history: fc.constantFrom([], [{ at: 1, what: "received" as const }]),
  })
  .map((order): PortableOrder => ({ ...order, history: [...order.history] }));

const anyArrival = fc.tuple(anyRecord, fc.boolean()).map(([order, fenced]) => arrive(order, fenced));

describe("the merge of two records of one order", () => {
  it("is associative", () => {
    fc.assert(
      fc.property(anyArrival, anyArrival, anyArrival, (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      }),
      { numRuns: 5_000 },
    );
  });

  it("is commutative", () => {
    fc.assert(
      fc.property(anyArrival, anyArrival, (a, b) => {
        expect(merge(a, b)).toEqual(merge(b, a));
      }),
      { numRuns: 5_000 },
    );
  });

  it("is idempotent", () => {
    fc.assert(
      fc.property(anyArrival, anyArrival, (a, b) => {
        expect(merge(a, a)).toEqual(a);
        expect(merge(merge(a, b), b)).toEqual(merge(a, b));
      }),
      { numRuns: 2_000 },
    );
  });

  it("never goes back to a state from which an invitation could be created again", () => {
    const [mayBeOut, maySend] = [
      ["invited", "unknown"],
      ["held", "rejected"],
    ];
    fc.assert(
      fc.property(anyArrival, anyArrival, (a, b) => {
        if (mayBeOut.includes(a.state)) expect(mayBeOut).toContain(merge(a, b).state);
        if (!maySend.includes(a.state) && a.received !== null)
          expect(maySend).not.toContain(merge(a, b).state);
      }),
      { numRuns: 5_000 },
    );
  });

  it("keeps a deletion, whichever side knows of it, and nothing erased waits to be sent", () => {
    fc.assert(
      fc.property(anyArrival, anyArrival, (a, b) => {
        const merged = merge(a, b);
        expect(merged.erased ?? 0).toBe(Math.max(a.erased ?? 0, b.erased ?? 0));
        if (merged.erased !== null) expect(["held", "rejected"]).not.toContain(merged.state);
      }),
      { numRuns: 5_000 },
    );
  });

  const ORDER: [string, Partial<PortableOrder>][] = [
    ["rejected", { state: "rejected" }],
    ["a cancellation noted before its order", { state: "cancelled", received: null }],
    ["held", { state: "held" }],
    ["skipped", { state: "skipped" }],
    ["cancelled", { state: "cancelled" }],
    ["failed", { state: "failed" }],
    ["unknown", { state: "unknown" }],
    ["invited", { state: "invited" }],
  ];
  it.each(
    ORDER.slice(1).map(
      ([name, change], index) => [name, ORDER[index]![0], change, ORDER[index]![1]] as const,
    ),
  )("%s wins over %s, even when it is older", (_name, _other, stronger, weaker) => {
    const [older, newer] = [record({ ...stronger, updated: 1 }), record({ ...weaker, updated: 9 })];
    expect(merge(older, newer)).toEqual(older);
  });

  it("takes the newer record of one state", () => {
    const [older, newer] = [record({ updated: 1, attempts: 3 }), record({ updated: 2 })];
    expect(merge(older, newer)).toEqual(newer);
  });
});

describe("a record that arrives", () => {
  it.each([
    ["held, from a running Worker", { state: "held" }, false, { state: "unknown", reason: "moved" }],
    ["held, from a fenced Worker", { state: "held" }, true, { state: "held", reason: null }],
    [
      "sending, from a running Worker",
      { state: "sending" },
      false,
      { state: "unknown", reason: "interrupted" },
    ],
    [
      "sending, from a fenced Worker",
      { state: "sending" },
      true,
      { state: "unknown", reason: "interrupted" },
    ],
    ["invited, from a running Worker", { state: "invited" }, false, { state: "invited", reason: null }],
    ["failed, from a running Worker", { state: "failed" }, false, { state: "failed", reason: null }],
    [
      "held and erased",
      { state: "held", erased: 5 },
      true,
      { state: "cancelled", reason: "customer_deleted", erased: 5 },
    ],
    ["invited and erased", { state: "invited", erased: 5 }, false, { state: "invited", erased: 5 }],
  ] as const)("%s", (_name, given, fenced, expected) => {
    expect(arrive(record(given), fenced)).toMatchObject(expected);
  });
});
