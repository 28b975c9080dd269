/**
 * Fills the ledgers with made-up orders in all states, spread over thirty days. Writes into the ledgers' SQLite files
 * while no Worker runs on them: sending a hundred thousand orders through the Worker would take hours.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Miniflare } from "miniflare";
import { SETTINGS } from "../../src/config/settings.ts";
import { hash32 } from "../../src/lib/hash.ts";
import type { HistoryEntry, Order, OrderState, Reason } from "../../src/domain/order.ts";
import { answerCounts, sumCounts, type Counts } from "../../src/domain/answer-counts.ts";
import { ledgerName, ledgerNames } from "../../src/domain/shard.ts";
import { startWorker, type WorkerOptions } from "./workerd.ts";

const DAY = 24 * 60 * 60 * 1000;

interface Fate {
  state: OrderState;
  reason?: Reason;
  /** Of a thousand orders. */
  share: number;
}

const LEDGERS = SETTINGS.storage.ledgers.fallback;

/** The rest is invited. */
const FATES: readonly Fate[] = [
  { state: "failed", reason: "trustpilot_refused", share: 4 },
  { state: "unknown", reason: "no_answer", share: 2 },
  { state: "cancelled", reason: "order_cancelled", share: 15 },
  { state: "cancelled", reason: "order_refunded", share: 10 },
  { state: "skipped", reason: "excluded_audience", share: 30 },
  { state: "skipped", reason: "consent_missing", share: 45 },
  { state: "skipped", reason: "too_old", share: 9 },
  { state: "held", share: 60 },
  { state: "rejected", reason: "email_missing", share: 3 },
];

/** With few orders, every fate occurs in turn. */
const FEW = 50;

/** `100001` is the oldest. */
export function orderIdAt(index: number): string {
  return String(100_001 + index);
}

/** Fills the ledgers of a Worker with `options` in `options.persist`. No Worker may run there meanwhile. */
export async function fill(options: WorkerOptions & { persist: string }, total: number): Promise<void> {
  const now = Date.now();
  const files = await createLedgers(options);
  const ledgers = new Map(ledgerNames(LEDGERS).map((name) => [name, open(files.get(name)!)]));
  const daily = new Map<string, Map<string, Counts>>();
  for (let index = 0; index < total; index++) {
    const orderId = orderIdAt(index);
    const received = timeOf(index, total, now);
    const { state, reason = null } = fateOf(index, total);
    const history = historyOf(index, state, reason, received);
    const personal = state === "held" || state === "failed" || state === "unknown";
    const ledger = ledgerName(orderId, LEDGERS);
    const { insert } = ledgers.get(ledger)!;
    const due =
      state === "held" ? now + DAY + (hash32(orderId) % (6 * DAY)) : personal ? now + 20 * DAY : null;
    insert.run(
      orderId,
      state,
      reason,
      received,
      received + 400,
      due,
      ["skipped", "cancelled", "held", "rejected"].includes(state) ? 0 : 1,
      JSON.stringify(history),
      personal ? JSON.stringify(madeUp(orderId, received)) : null,
    );
    const day = new Date(received).toISOString().slice(0, 10);
    const ofLedger = daily.get(ledger) ?? new Map<string, Counts>();
    daily.set(ledger, ofLedger);
    const counts = countsOf(state, reason, history, isDuplicated(index));
    ofLedger.set(day, sumCounts([ofLedger.get(day) ?? {}, counts]));
  }
  for (const [name, { database }] of ledgers) {
    const insert = database.prepare("INSERT INTO daily VALUES (?, ?)");
    for (const [day, counts] of daily.get(name) ?? []) insert.run(day, JSON.stringify(counts));
    database.exec("COMMIT");
    database.close();
  }
}

/** What an order adds to the counts of its day. */
function countsOf(
  state: OrderState,
  reason: Reason | null,
  history: readonly HistoryEntry[],
  isDuplicated: boolean,
): Counts {
  const end = state === "skipped" ? `skipped:${reason}` : state;
  const others = [state === "held" ? {} : { [end]: 1 }, isDuplicated ? { duplicate: 1 } : {}];
  return sumCounts([...history.map(answerCounts), ...others]);
}

/** Starts the Worker so that it creates its ledgers. @returns their files by name */
async function createLedgers(options: WorkerOptions & { persist: string }): Promise<Map<string, string>> {
  const worker: Miniflare = await startWorker(options);
  const namespace = await worker.getDurableObjectNamespace("LEDGER", "worker");
  const files = new Map<string, string>();
  for (const name of ledgerNames(LEDGERS)) {
    const id = namespace.idFromName(name);
    const ledger = namespace.get(id) as unknown as { find(orderId: string): Promise<unknown> };
    await ledger.find("none");
    files.set(name, join(options.persist, "do/worker-Ledger", `${id.toString()}.sqlite`));
  }
  await worker.dispose();
  return files;
}

function open(file: string) {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN");
  const insert = database.prepare(
    `INSERT INTO orders (order_id, state, reason, received, updated, due, attempts, history, personal)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return { database, insert };
}

function fateOf(index: number, total: number): Fate {
  const invited: Fate = { state: "invited", share: 0 };
  if (total <= FEW) return FATES[index % 10] ?? invited;
  let lot = hash32(`fate ${index}`) % 1000;
  return FATES.find(({ share }) => (lot -= share) < 0) ?? invited;
}

/** More on some days of the week than on others, as in a shop. */
function timeOf(index: number, total: number, now: number): number {
  const span = 30 * DAY - 12 * 60 * 60 * 1000;
  const even = (total - 1 - index) / total;
  const weeks = 30 / 7;
  return Math.round(now - 60_000 - span * (even + 0.013 * Math.sin(even * weeks * 2 * Math.PI)));
}

function isDuplicated(index: number): boolean {
  return hash32(`duplicate ${index}`) % 5 === 0;
}

function historyOf(
  index: number,
  state: OrderState,
  reason: Reason | null,
  received: number,
): HistoryEntry[] {
  if (state === "rejected") return [{ at: received, what: "rejected", reason: reason! }];
  const history: HistoryEntry[] = [{ at: received, what: "received" }];
  if (isDuplicated(index)) history.push({ at: received + 80, what: "duplicate" });
  const status = { invited: 201, failed: 400, unknown: null }[state as "invited" | "failed" | "unknown"];
  if (status !== undefined)
    history.push({
      at: received + 400,
      what: "attempt",
      status,
      ...(state === "failed" && { message: REFUSALS[hash32(`refusal ${index}`) % REFUSALS.length]! }),
      milliseconds: status === null ? 10_000 : 90 + Math.round((hash32(`time ${index}`) % 140) ** 2 / 40),
    });
  if (state !== "held") history.push({ at: received + 400, what: state, ...(reason && { reason }) });
  return history;
}

/** What Trustpilot says about failed orders. */
const REFUSALS = [
  "recipientEmail is on the suppression list",
  "recipientEmail is not a valid e-mail address",
];

/** Tests look for these names and addresses where they must not appear. */
function madeUp(orderId: string, orderedAt: number): Order {
  return {
    orderId,
    email: `customer-${orderId}@example.com`,
    name: "Secretname Customer",
    total: (2000 + (hash32(orderId) % 20_000)) / 100,
    currency: "EUR",
    products: [{ productId: "mug-1", sku: "MUG-1", name: "Stoneware mug", price: 20, currency: "EUR" }],
    customer: { userId: `user-${orderId}`, email: `customer-${orderId}@example.com` },
    orderedAt,
  };
}
