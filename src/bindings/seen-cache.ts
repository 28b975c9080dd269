/**
 * The seen cache in KV: a cheap "this order is known" that spares the Ledger most duplicates.
 *
 * KV may only ever say yes. It has no compare-and-set, lags a minute behind elsewhere in the world and is the first
 * to reach its limit on the free plan, so a missing key means nothing, and neither does a slow or unreachable KV. A
 * key is written after the Ledger knows the order, has no expiry and is never taken back: a hit is always right.
 */
import { errorName, log } from "../log.ts";
import { within } from "../lib/within.ts";

/** Longer than a healthy KV needs; far less than the five seconds that Segment waits. */
const READ_TIMEOUT = 1_000;

/** Nothing waits for a write but the invocation that makes it. */
const WRITE_TIMEOUT = 3_000;

/** KV reads this many keys in one operation. */
const BULK = 100;

/** Those of `orderIds` that are known for certain. Never throws. */
export async function getSeen(kv: KVNamespace, orderIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (orderIds.length === 0) return NOTHING;
  try {
    return await within(READ_TIMEOUT, read(kv, orderIds));
  } catch (error) {
    log({ log: "kv", reason: "read failed, asking the Ledger instead", error: errorName(error) }, "warn");
    return NOTHING;
  }
}

/** Whether KV answers at all, for the status page. */
export async function isAnswering(kv: KVNamespace): Promise<boolean> {
  return within(READ_TIMEOUT, kv.get("no order")).then(
    () => true,
    () => false,
  );
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

/** Notes that the Ledger knows `orderId`. Never throws: what KV forgets, the Ledger knows. */
export function putSeen(kv: KVNamespace, orderId: string, state: string, now: number): Promise<void> {
  return within(WRITE_TIMEOUT, write(kv, orderId, state, now)).catch(logFailedWrite);
}

async function write(kv: KVNamespace, orderId: string, state: string, now: number): Promise<void> {
  await kv.put(orderKey(orderId), `${state} ${new Date(now).toISOString()}`);
}

function logFailedWrite(error: unknown): void {
  const reason = "write failed, duplicates will ask the Ledger";
  log({ log: "kv", reason, error: errorName(error) }, "warn");
}

/**
 * A ledger's writes to the seen cache, one at a time: an object has six connections, and a write that hangs must not
 * take one from the deliveries. It cannot be called off, so there is no time-out after which the next one would begin
 * and take another. One that hangs is logged, and nothing waits for it.
 */
export class SeenWriter {
  /** What each order id gets; the newest ones when there are too many. */
  readonly #waiting = new Map<string, [state: string, now: number]>();
  /** Since when a write has been under way, in ms. */
  #since: number | null = null;

  /** Returns at once and never throws. @param now in ms */
  put(kv: KVNamespace, orderId: string, state: string, now: number): void {
    this.#waiting.set(orderId, [state, now]);
    if (this.#waiting.size > MOST_WAITING) this.#waiting.delete(this.#waiting.keys().next().value!);
    if (this.#since === null) void this.#writeAll(kv);
    else if (Date.now() > this.#since + WRITE_TIMEOUT) {
      logFailedWrite(new DOMException("No answer in time", "TimeoutError"));
      // Once is enough.
      this.#since = Infinity;
    }
  }

  async #writeAll(kv: KVNamespace): Promise<void> {
    for (const [orderId, seen] of this.#waiting) {
      this.#waiting.delete(orderId);
      this.#since = Date.now();
      await write(kv, orderId, ...seen).catch(logFailedWrite);
    }
    this.#since = null;
  }
}

const MOST_WAITING = 1_000;

function orderKey(orderId: string): string {
  return `order:${orderId}`;
}
