/**
 * A move from one ledger to another, with everything that may happen on the way in any order: what arrives, what is
 * sent, what is cut short and repeated. Two ledgers of one Worker stand for the two Workers.
 */
import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import type { PortableOrder } from "../../src/domain/merge.ts";
import type { Operation } from "../../src/domain/operation.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { OrderLine } from "../../src/portable/backup-format.ts";
import { crash, DAY, MINUTE, useLedger } from "../support/ledger.ts";

useLedger();

type Side = "old" | "new";
/** `null`: no answer comes back. */
type Reply = 201 | 400 | 429 | 500 | 502 | 503 | null;

const ORDERS = 5;
const ids = Array.from({ length: ORDERS }, (_, index) => `moved-${index}`);
const order = fc.nat(ORDERS - 1);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("claim" as const), order }) },
  fc.record({ what: fc.constantFrom("cancel" as const, "forget" as const), order }),
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant("live" as const), minutes: fc.constantFrom(1, 20, 300) }),
  },
  fc.record({
    what: fc.constantFrom("fence" as const, "export" as const, "resume" as const, "crash" as const),
  }),
  { weight: 2, arbitrary: fc.record({ what: fc.constant("import" as const), lines: fc.nat(ORDERS) }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;
const reply = fc.constantFrom<Reply>(201, 201, 400, 429, 500, 502, 503, null);

/** The operator, Segment and Trustpilot, as the checklist of a move has them (docs/storage.md). */
class Move {
  /** Requests that created an invitation, or may have, by order. */
  readonly created = new Map<string, number>();
  /** Orders that a deletion has found. */
  readonly forgotten = new Set<string>();
  readonly sentToForgotten: string[] = [];
  readonly #replies: Reply[];
  #active: Side = "old";
  #isFenced = false;
  #backup: PortableOrder[] | null = null;
  #isImported = false;
  /** What was answered 503: Segment sends it again. */
  readonly #fenced: Operation[] = [];
  readonly #claimed = new Set<string>();
  readonly #taken = new Set<string>();

  constructor(replies: Reply[]) {
    this.#replies = replies;
    vi.spyOn(globalThis, "fetch").mockImplementation((_url, init) => this.#fetch(init));
  }

  async #fetch(init?: RequestInit): Promise<Response> {
    if (init?.method === "HEAD") return new Response(null, { status: 404 });
    const { referenceId } = JSON.parse(init!.body as string) as { referenceId: string };
    const status = this.#replies.length === 0 ? 201 : this.#replies.shift()!;
    if (this.forgotten.has(referenceId)) this.sentToForgotten.push(referenceId);
    if (status === null || status === 201 || status === 502)
      this.created.set(referenceId, (this.created.get(referenceId) ?? 0) + 1);
    if (status === null) throw new DOMException("The operation was aborted", "TimeoutError");
    return new Response(null, { status });
  }

  async take(one: Step): Promise<void> {
    switch (one.what) {
      case "claim":
        return this.#send(claimOf(ids[one.order]!));
      case "cancel":
        return this.#send({
          kind: "cancel",
          orderId: ids[one.order]!,
          reason: "order_cancelled",
          refund: "all",
        });
      case "forget":
        return this.#send({ kind: "forget", customer: { userId: `user of ${ids[one.order]!}` } });
      case "live":
        return this.#live(one.minutes * MINUTE);
      case "fence":
        return this.#fence();
      case "export":
        return this.#export();
      case "import":
        return this.#import(one.lines);
      case "resume":
        if (this.#isImported) await ledger("new").resume();
        return;
      case "crash":
        await crash();
    }
  }

  /** Ends the move; then Trustpilot is well, Segment sends everything again, and time passes. */
  async finish(): Promise<void> {
    this.#replies.length = 0;
    await this.#fence();
    while (this.#backup === null) {
      await this.#live(MINUTE);
      await this.#export();
    }
    await this.#import(this.#backup.length);
    for (const operation of this.#fenced.splice(0)) await this.#send(operation);
    // The import and every event once more, when all is done already.
    for (let round = 0; round < 2; round++) {
      // Nothing but what is on disk may keep an order from being sent again.
      await crash();
      await this.#live(MINUTE);
      await this.#import(this.#backup.length);
      await ledger("new").resume();
      for (const orderId of this.#claimed) await this.#send(claimOf(orderId));
      await this.#live(50 * DAY, ["new"]);
    }
  }

  async #send(operation: Operation): Promise<void> {
    if (operation.kind === "claim") this.#claimed.add(operation.order.orderId);
    try {
      await ledger(this.#active).record([operation]);
      if (operation.kind === "claim") this.#taken.add(operation.order.orderId);
      if (operation.kind === "forget") this.#forget(operation.customer.userId!.slice("user of ".length));
    } catch {
      expect(this.#isFenced, "only a fenced Worker records nothing").toBe(true);
      this.#fenced.push(operation);
    }
  }

  /** A customer who orders again after a deletion is a new one. */
  #forget(orderId: string): void {
    if (this.#taken.has(orderId)) this.forgotten.add(orderId);
  }

  /** Runs the alarms as they come due, for `time` (ms). */
  async #live(time: number, sides: readonly Side[] = ["old", "new"]): Promise<void> {
    const end = Date.now() + time;
    for (const side of sides) {
      const started = Date.now();
      for (let next = await alarmOf(side); next !== null && next <= end; next = await alarmOf(side)) {
        vi.setSystemTime(Math.max(Date.now(), next));
        await runDurableObjectAlarm(ledger(side));
      }
      vi.setSystemTime(side === sides.at(-1) ? end : started);
    }
  }

  async #fence(): Promise<void> {
    this.#isFenced ||= this.#active === "old";
    await runInDurableObject(ledger("old"), (instance) => instance.transfer().setFence(true));
  }

  /** A backup counts as complete when nothing was out while it was read. */
  async #export(): Promise<void> {
    if (!this.#isFenced || this.#backup !== null) return;
    this.#backup = await runInDurableObject(ledger("old"), (instance) => {
      const transfer = instance.transfer();
      return transfer.state().sending > 0 ? null : linesOf(transfer.orders(null, null).lines);
    });
  }

  /** Merges the first lines only, as an import that is cut short. After the whole of it Segment gets the new address. */
  async #import(lines: number): Promise<void> {
    if (this.#backup === null) return;
    const records = this.#backup.slice(0, lines);
    const isWhole = records.length === this.#backup.length;
    await runInDurableObject(ledger("new"), (instance) => {
      const transfer = instance.transfer();
      if (transfer.beginImport() > 0) return;
      transfer.merge(records, true, true);
      if (!isWhole) return;
      transfer.endImport({ reconcile: [], lacksAudiences: false });
      this.#isImported = true;
      this.#active = "new";
      this.#isFenced = false;
    });
  }
}

function ledger(side: Side): DurableObjectStub<Ledger> {
  return env.LEDGER.getByName(side === "old" ? "v1-0" : "v1-1");
}

function alarmOf(side: Side): Promise<number | null> {
  return runInDurableObject(ledger(side), (_, { storage }) => storage.getAlarm());
}

function claimOf(orderId: string): Operation {
  const customer = { userId: `user of ${orderId}` };
  const order = {
    orderId,
    email: `${orderId}@example.com`,
    name: "",
    total: null,
    currency: null,
    products: [],
    customer,
    orderedAt: null,
  };
  return { kind: "claim", order, skip: null, due: Date.now() };
}

function linesOf(lines: string): PortableOrder[] {
  const parsed = lines === "" ? [] : lines.split("\n").map((line) => JSON.parse(line) as OrderLine);
  return parsed.map(({ kind: _kind, shop: _shop, ...order }) => order);
}

it("a fenced move in any order of steps creates at most one invitation an order, loses none, and keeps deletions", async () => {
  const run = async (steps: Step[], replies: Reply[]) => {
    await reset();
    const move = new Move([...replies]);
    for (const one of steps) await move.take(one);
    await move.finish();

    for (const [orderId, created] of move.created) expect(created, orderId).toBe(1);
    expect(move.sentToForgotten, "nothing goes to a customer who was deleted").toEqual([]);
    const rows = await runInDurableObject(ledger("new"), (instance) =>
      ids.map((orderId) => instance.find(orderId)).filter((row) => row !== null),
    );
    for (const row of rows) {
      expect(row, "every order has ended, without personal data").toMatchObject({
        due: null,
        personal: null,
      });
    }
    const invited = rows.filter(({ state }) => state === "invited").map(({ orderId }) => orderId);
    for (const orderId of invited) expect(move.created.get(orderId)).toBe(1);
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.array(reply, { maxLength: 12 }), run),
    { numRuns: 12 },
  );
}, 60_000);
