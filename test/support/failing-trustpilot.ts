/** A Trustpilot that fails for days, and a ledger that lives through them: the clock jumps from alarm to alarm. */
import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import type { Operation } from "../../src/domain/operation.ts";
import { advance, alarmIn, ledgerOf, runAlarm } from "./ledger.ts";
import { PLAIN_ORDER } from "./events.ts";

/** A status, or no answer at all. */
export type Reply = number | "silent";

export class FailingTrustpilot {
  probe: Reply = 404;
  order: Reply = 201;
  /** How many more probes are answered before `probe` turns silent. */
  probesLeft = Infinity;
  /** Answers for single orders, by reference id. */
  readonly orders: Record<string, Reply> = {};
  /** Requests that create an invitation, by reference id. */
  readonly posts = new Map<string, number>();
  inFlight = 0;
  mostInFlight = 0;

  get total(): number {
    return [...this.posts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Takes the place of `fetch` until the mocks are restored. */
  start(): this {
    vi.spyOn(globalThis, "fetch").mockImplementation((_url, init) =>
      init?.method === "HEAD"
        ? answer(this.probesLeft-- > 0 ? this.probe : "silent")
        : this.#post(init?.body as string),
    );
    return this;
  }

  async #post(body: string): Promise<Response> {
    const { referenceId } = JSON.parse(body) as { referenceId: string };
    this.posts.set(referenceId, (this.posts.get(referenceId) ?? 0) + 1);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    await scheduler.wait(0);
    this.inFlight--;
    return answer(this.orders[referenceId] ?? this.order);
  }
}

async function answer(reply: Reply): Promise<Response> {
  if (reply === "silent") throw new DOMException("The operation was aborted", "TimeoutError");
  return new Response(null, { status: reply });
}

/** Orders that are due now, in one call of the ledger. */
export async function claim(...orderIds: string[]): Promise<void> {
  const due = Date.now();
  const operations = orderIds.map((orderId): Operation => {
    const order = { ...PLAIN_ORDER, orderId };
    return { kind: "claim", order, skip: null, due };
  });
  await ledgerOf(orderIds[0]!).record(operations);
}

/** Runs the alarms of the order's ledger as they come due, for `time` (ms). */
export async function live(orderId: string, time: number): Promise<void> {
  const end = Date.now() + time;
  for (;;) {
    const next = await alarmIn(orderId);
    if (next === null || Date.now() + next > end) break;
    advance(Math.max(0, next));
    await runAlarm(orderId);
  }
  advance(end - Date.now());
}

/** How many orders of the ledger are in each state. */
export async function states(orderId: string): Promise<Record<string, number>> {
  const rows = await runInDurableObject(ledgerOf(orderId), (_, { storage }) =>
    storage.sql
      .exec<{ state: string; count: number }>("SELECT state, COUNT(*) AS count FROM orders GROUP BY state")
      .toArray(),
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
