/**
 * KV's part: a cheap "this order has been taken" that spares the Ledger most duplicates.
 *
 * KV may only ever say yes. It has no compare-and-set, is a minute behind elsewhere in the world and ends first on
 * the free plan, so a missing key means nothing, and an unreachable or slow KV means nothing too. A key is written
 * after the Ledger knows the order, has no expiry and is never turned back: a hit is always right.
 */
import { errorName, log } from "../log.ts";

/** Longer than KV ever needs when it is well; far less than the five seconds that Segment waits. */
const READ_TIMEOUT = 1_000;

/** KV reads this many keys in one operation. */
const BULK = 100;

/** Those of `orderIds` that have been taken for certain. Never throws. */
export async function recall(kv: KVNamespace, orderIds: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>();
  if (orderIds.length === 0) return known;
  const keys = orderIds.map(orderKey);
  const reads: Promise<void>[] = [];
  for (let start = 0; start < keys.length; start += BULK) {
    reads.push(
      kv.get(keys.slice(start, start + BULK)).then((values) => {
        for (const [key, value] of values) if (value !== null) known.add(key.slice(PREFIX.length));
      }),
    );
  }
  const timer = new AbortController();
  try {
    const timeout = scheduler.wait(READ_TIMEOUT, { signal: timer.signal }).then(() => {
      throw new DOMException("KV is slow", "TimeoutError");
    });
    await Promise.race([Promise.all(reads), timeout]);
  } catch (error) {
    log({ log: "kv", reason: "read failed, asking the Ledger instead", error: errorName(error) }, "warn");
  } finally {
    timer.abort();
  }
  return new Set(known);
}

/** Remembers that the Ledger knows `orderId`. Never throws: what KV forgets, the Ledger knows. */
export async function remember(kv: KVNamespace, orderId: string, state: string, now: number): Promise<void> {
  try {
    await kv.put(orderKey(orderId), `${state} ${new Date(now).toISOString()}`);
  } catch (error) {
    log(
      { log: "kv", reason: "write failed, duplicates will ask the Ledger", error: errorName(error) },
      "warn",
    );
  }
}

const PREFIX = "order:";

function orderKey(orderId: string): string {
  return PREFIX + orderId;
}
