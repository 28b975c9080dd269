/**
 * Ingests a shop's events, whatever their number: ask KV once, tell each ledger once, answer each.
 *
 * Nothing is answered before it is on disk. When a ledger cannot be reached, the whole request fails, so that
 * Segment sends it again: what was recorded is a duplicate then, and nothing is lost.
 */
import { callLedger } from "../bindings/objects.ts";
import { eraseAtTrustpilot, erasesAtTrustpilot } from "../bindings/trustpilot-erasures.ts";
import { getSeen, putSeen } from "../bindings/seen-cache.ts";
import type { Shop } from "../bindings/shops.ts";
import type { Config } from "../config/config.ts";
import { dueTime } from "../domain/eligibility.ts";
import type { EventAnswer } from "../domain/event-answer.ts";
import type { Operation, OperationResult } from "../domain/operation.ts";
import { REASONS } from "../domain/order.ts";
import { ledgerName, ledgerNames } from "../domain/shard.ts";
import { errorName, log } from "../log.ts";
import type { ParsedEvent } from "../segment/parsed-event.ts";
import { updateAudiences, withAudienceRules } from "./audience-rules.ts";
import { isAddressKnown, toAnswer, type ErasureWay } from "./outcome.ts";

export interface IngestedEvent {
  event: ParsedEvent;
  answer: EventAnswer;
}

/** Keeps the runtime alive for work that the answer does not wait for. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** @throws when a Durable Object stays unreachable: answer 503 */
export async function ingest(
  parsed: readonly ParsedEvent[],
  { config, env }: Shop,
  waitUntil: WaitUntil,
): Promise<IngestedEvent[]> {
  const now = Date.now();
  const { rules } = config;
  // Before the orders: an opt-out counts wherever it stands in a batch.
  await updateAudiences(parsed, env);
  const candidates = parsed.map(candidateId);
  const seen = await getSeen(
    env.ORDERS,
    candidates.filter((orderId) => orderId !== null),
  );
  const isSeen = (index: number) => seen.has(candidates[index] ?? "");
  const unseen = parsed.filter((_, index) => !isSeen(index));
  // With a hold they may change until it ends: the Ledger asks before it sends.
  const judged = rules.holdDays === 0 ? await withAudienceRules(unseen, rules, env) : unseen;
  const recorded = await record(
    judged.map((event) => operationsOf(event, config, now)),
    env,
  );

  const erasure = await eraseDeleted(judged, recorded, env);
  const answerTo = (event: ParsedEvent, results: readonly OperationResult[]): IngestedEvent => ({
    event,
    answer: toAnswer(event, results, rules, erasure),
  });
  const answered = judged.map((event, index) => answerTo(event, recorded[index]!)).values();
  const ingested = parsed.map((event, index) =>
    isSeen(index) ? answerTo(event, [{ kind: "duplicate" }]) : answered.next().value!,
  );
  rememberSkipped(ingested, env, waitUntil, now);
  recordRejected(unseen, config, env, waitUntil);
  return ingested;
}

/** The id of an order that may be a duplicate, also of one that is rejected now. */
function candidateId(event: ParsedEvent): string | null {
  if (event.kind === "order") return event.order.orderId;
  return event.kind === "rejected" ? (event.orderId ?? null) : null;
}

/** What the ledgers have to do about an event: nothing, one thing, or for a deletion one thing in each of them. */
function operationsOf(
  event: ParsedEvent,
  { storage: { ledgers }, rules }: Config,
  now: number,
): [ledger: string, Operation][] {
  switch (event.kind) {
    case "order": {
      const { order, skip, undated, at } = event;
      const due = dueTime(order, rules.holdDays, now);
      const times = { due, ...(undated && { undated }), ...(at !== undefined && { at }) };
      return [[ledgerName(order.orderId, ledgers), { kind: "claim", order, skip, ...times }]];
    }
    case "cancellation": {
      const { orderId, reason, refund, customer, anyShop } = event;
      const onlyOf = anyShop && { onlyOf: customer };
      return [[ledgerName(orderId, ledgers), { kind: "cancel", orderId, reason, refund, ...onlyOf }]];
    }
    case "deletion":
      return ledgerNames(ledgers).map((name) => [name, toForget(event)]);
    case "membership":
    case "ignored":
    case "skipped":
    case "rejected":
      return [];
  }
}

export function toForget({ customer, at, everywhere }: ParsedEvent & { kind: "deletion" }): Operation {
  return { kind: "forget", customer, ...(at !== undefined && { at }), ...(everywhere && { everywhere }) };
}

/** One call to each ledger. @returns the results of each event's operations */
async function record(
  operationsOfEvents: readonly [ledger: string, Operation][][],
  env: Env,
): Promise<OperationResult[][]> {
  const results: OperationResult[][] = operationsOfEvents.map(() => []);
  const calls = Map.groupBy(
    operationsOfEvents.flatMap((some, index) =>
      some.map(([ledger, operation]) => ({ ledger, index, operation })),
    ),
    ({ ledger }) => ledger,
  );
  await Promise.all(
    [...calls].map(async ([name, call]) => {
      const operations = call.map(({ operation }) => operation);
      const answers = await callLedger(env, name, (ledger) => ledger.record(operations));
      call.forEach(({ index }, place) => results[index]!.push(answers[place]!));
    }),
  );
  return results;
}

/**
 * Asks Trustpilot to erase the addresses that deletions name; those of open orders come from the ledgers.
 *
 * @returns how erasure is done
 */
async function eraseDeleted(
  events: readonly ParsedEvent[],
  results: readonly OperationResult[][],
  env: Env,
): Promise<ErasureWay> {
  const deletions = events.flatMap((event, index) =>
    event.kind === "deletion" ? [{ customer: event.customer, results: results[index]! }] : [],
  );
  // Without deletions no answer tells it.
  if (deletions.length === 0 || !erasesAtTrustpilot(env)) return "by-hand";
  const addresses = deletions.flatMap(({ customer }) => customer.email ?? []);
  const unknown = deletions.filter(({ customer, results }) => !isAddressKnown(customer, results));
  await eraseAtTrustpilot(env, [...new Set(addresses)], unknown.length);
  return "at-trustpilot";
}

/** Best effort: a rejected order should be found on the status page, but its answer depends on no ledger. */
function recordRejected(
  events: readonly ParsedEvent[],
  { storage: { ledgers } }: Config,
  env: Env,
  waitUntil: WaitUntil,
): void {
  const operations = events.flatMap((event): [string, Operation][] => {
    if (event.kind !== "rejected" || event.orderId === undefined) return [];
    const { orderId } = event;
    const reason = REASONS.find((known) => known === event.reason);
    return reason ? [[ledgerName(orderId, ledgers), { kind: "reject", orderId, reason }]] : [];
  });
  if (operations.length === 0) return;
  const noted = record([operations], env);
  waitUntil(noted.catch((error) => log({ log: "error", error: errorName(error) }, "warn")));
}

/**
 * Those that were skipped at once; the Ledger tells KV of the others when they end. A Replay may skip thousands, and one
 * invocation may not write that many keys; the Ledger knows the rest.
 */
const MOST_REMEMBERED = 100;

function rememberSkipped(ingested: IngestedEvent[], env: Env, waitUntil: WaitUntil, now: number): void {
  ingested
    .flatMap(({ event, answer }) =>
      event.kind === "order" && answer.outcome === "skipped" ? [event.order.orderId] : [],
    )
    .slice(0, MOST_REMEMBERED)
    .forEach((orderId) => waitUntil(putSeen(env.ORDERS, orderId, "skipped", now)));
}
