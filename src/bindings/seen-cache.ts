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
export async function recall(kv: KVNamespace, orderIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (orderIds.length === 0) return NOTHING;
  try {
    return await inTime(read(kv, orderIds));
  } catch (error) {
    log({ log: "kv", reason: "read failed, asking the Ledger instead", error: errorName(error) }, "warn");
    return NOTHING;
  }
}

/** Whether KV answers at all, for whoever asks how the storage does. */
export async function isAnswering(kv: KVNamespace): Promise<boolean> {
  return inTime(kv.get("no order")).then(
    () => true,
    () => false,
  );
}

/**
 * The timer is not taken back: it ends with the request. `setTimeout`, whose handle could do so, costs 10 to 70 µs
 * more for each read.
 *
 * @throws when it takes longer than KV should
 */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const timeout = scheduler.wait(READ_TIMEOUT).then((): never => {
    throw new DOMException("KV is slow", "TimeoutError");
  });
  return Promise.race([answer, timeout]);
}

const NOTHING: ReadonlySet<string> = new Set();

async function read(kv: KVNamespace, orderIds: readonly string[]): Promise<ReadonlySet<string>> {
  const [first] = orderIds;
  // The usual case, and the cheapest read.
  if (orderIds.length === 1) return (await kv.get(orderKey(first!))) === null ? NOTHING : new Set(orderIds);
  const different = [...new Set(orderIds)];
  const known = new Set<string>();
  const readSome = async (some: readonly string[]) => {
    const values = await kv.get(some.map(orderKey));
    for (const id of some) if ((values.get(orderKey(id)) ?? null) !== null) known.add(id);
  };
  const reads: Promise<void>[] = [];
  for (let start = 0; start < different.length; start += BULK)
    reads.push(readSome(different.slice(start, start + BULK)));
  await Promise.all(reads);
  return known;
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
