/**
 * Takes a list of events, whatever their number: glance at each, ask KV once, read what KV does not know, tell each
 * ledger once, answer each.
 *
 * Nothing is answered before it is on disk. When a ledger cannot be reached, the whole request fails, so that
 * Segment sends it again: what had been taken is a duplicate then, and nothing is lost.
 */
import type { Config } from "../config/config.ts";
import { audienceRule, hasAudienceRule } from "../domain/audience-rule.ts";
import { dueTime } from "../domain/eligibility.ts";
import { getSeen, putSeen } from "../bindings/seen-cache.ts";
import type { Customer } from "../domain/order.ts";
import { ledgerName, ledgerNames } from "../domain/shard.ts";
import type { EventAnswer } from "../domain/event-answer.ts";
import { glanceAt, readClaim, type Claim, type Reading } from "../segment/event.ts";
import type { Membership } from "../segment/membership.ts";
import { describeReason, describeTooLate } from "../domain/reasons.ts";
import { callAudiences, callLedger } from "../bindings/objects.ts";
import type { Operation, OperationResult } from "../domain/operation.ts";

export interface TakenEvent {
  reading: KnownOrReading;
  answer: EventAnswer;
}

/** A claim that is still one after KV has been asked is a duplicate. */
type KnownOrReading = Reading | Claim;

type OrderReading = Reading & { kind: "order" };

/**
 * @param later keeps the runtime alive for work that the answer does not wait for
 * @throws when a Durable Object stays unreachable: answer 503
 */
export async function takeEvents(
  rawEvents: unknown[],
  config: Config,
  env: Env,
  later: (work: Promise<unknown>) => void,
): Promise<TakenEvent[]> {
  const now = Date.now();
  const glances = rawEvents.map((raw) => glanceAt(raw, config, now));
  // Most of what a source sends: there is nobody to ask.
  if (glances.every((glance) => glance.kind === "ignored")) return answersTo(glances, [], config);

  const claimed: string[] = [];
  const memberships: Membership[] = [];
  const deletions: Customer[] = [];
  for (const glance of glances) {
    if (glance.kind === "claim") claimed.push(glance.orderId);
    else if (glance.kind === "membership") memberships.push(glance.membership);
    else if (glance.kind === "deletion") deletions.push(glance.customer);
  }
  // Before what is said about orders: an opt-out counts wherever it stands in a batch.
  if (memberships.length + deletions.length > 0) await noteCustomers(memberships, deletions, env);
  const known = await getSeen(env.ORDERS, claimed);
  const readings = glances.map((glance): KnownOrReading =>
    glance.kind === "claim" && !known.has(glance.orderId) ? readClaim(glance, config, now) : glance,
  );
  // Most of what is left: orders that come again.
  if (!readings.some(concernsLedgers)) return answersTo(readings, [], config);

  if (config.rules.holdDays === 0) {
    const orders = readings.filter((reading) => reading.kind === "order");
    await applyAudienceRules(orders, config, env);
  }

  const results = await record(readings, config, env, now);
  const taken = answersTo(readings, results, config);
  const skipped = taken.flatMap(({ reading, answer }) =>
    reading.kind === "order" && answer.outcome === "skipped" ? [reading.order.orderId] : [],
  );
  for (const orderId of skipped.slice(0, MOST_REMEMBERED))
    later(putSeen(env.ORDERS, orderId, "skipped", now));
  return taken;
}

/** @param results what the ledgers said to each; none when no ledger heard of any */
function answersTo(readings: KnownOrReading[], results: OperationResult[][], config: Config): TakenEvent[] {
  return readings.map((reading, index) => ({
    reading,
    answer: answerTo(reading, results[index] ?? [], config),
  }));
}

function concernsLedgers({ kind }: KnownOrReading): boolean {
  return kind === "order" || kind === "cancellation" || kind === "deletion";
}

async function noteCustomers(memberships: Membership[], deletions: Customer[], env: Env): Promise<void> {
  if (memberships.length > 0) await callAudiences(env, (audiences) => audiences.remember(memberships));
  if (deletions.length > 0) await callAudiences(env, (audiences) => audiences.forget(deletions));
}

/** A replay skips thousands at once, and one invocation may not write so many keys: the Ledger knows the others. */
const MOST_REMEMBERED = 100;

/**
 * Marks the orders that audiences exclude, so that the answer can say so. Only a service: the Ledger asks again
 * before it sends, so that silence here costs nothing.
 */
async function applyAudienceRules(orders: OrderReading[], { rules }: Config, env: Env): Promise<void> {
  const candidates = orders.filter(({ skip }) => skip === null);
  if (candidates.length === 0 || !hasAudienceRule(rules)) return;
  try {
    const customers = candidates.map(({ order }) => order.customer);
    const memberOf = await callAudiences(env, (audiences) => audiences.audiencesOf(customers));
    candidates.forEach((reading, index) => (reading.skip = audienceRule(memberOf[index] ?? [], rules)));
  } catch {
    return;
  }
}

/** For each reading what the ledgers said: nothing, one result, or for a deletion one of each ledger. */
async function record(
  readings: KnownOrReading[],
  config: Config,
  env: Env,
  now: number,
): Promise<OperationResult[][]> {
  const results: OperationResult[][] = readings.map(() => []);
  const calls = new Map<string, { index: number; operation: Operation }[]>();
  const add = (ledger: string, index: number, operation: Operation) => {
    const call = calls.get(ledger);
    if (call) call.push({ index, operation });
    else calls.set(ledger, [{ index, operation }]);
  };

  readings.forEach((reading, index) => {
    switch (reading.kind) {
      case "order": {
        const { order, skip } = reading;
        const due = dueTime(order, config.rules.holdDays, now);
        return add(ledgerName(order.orderId, config.ledgers), index, { kind: "claim", order, skip, due });
      }
      case "cancellation": {
        const { orderId, reason, refund } = reading;
        return add(ledgerName(orderId, config.ledgers), index, {
          kind: "cancel",
          orderId,
          reason,
          amount: refund.amount,
        });
      }
      case "deletion":
        return ledgerNames(config.ledgers).forEach((name) =>
          add(name, index, { kind: "forget", customer: reading.customer }),
        );
      case "claim":
      case "membership":
      case "ignored":
      case "skipped":
      case "rejected":
        return;
    }
  });

  await Promise.all(
    [...calls].map(async ([name, call]) => {
      const operations = call.map(({ operation }) => operation);
      const answers = await callLedger(env, name, (ledger) => ledger.record(operations));
      call.forEach(({ index }, place) => results[index]!.push(answers[place]!));
    }),
  );
  return results;
}

function answerTo(reading: KnownOrReading, results: OperationResult[], config: Config): EventAnswer {
  const [result] = results;
  switch (reading.kind) {
    case "claim":
      return { outcome: "duplicate", orderId: reading.orderId };
    case "order":
      return answerToOrder(reading, result!, config);
    case "cancellation":
      return answerToCancellation(reading.orderId, result!);
    case "deletion":
      return answerToDeletion(results);
    case "membership":
      return { outcome: "accepted", message: "The customer's audiences are noted." };
    case "ignored":
      return { outcome: "ignored", message: reading.message };
    case "skipped":
    case "rejected": {
      const { kind, orderId, message } = reading;
      return { outcome: kind, ...(orderId !== undefined && { orderId }), message };
    }
  }
}

function answerToOrder(reading: OrderReading, result: OperationResult, { rules }: Config): EventAnswer {
  const { orderId } = reading.order;
  if (result.kind === "duplicate") return { outcome: "duplicate", orderId };
  if (result.kind === "skipped") {
    return { outcome: "skipped", orderId, message: describeReason(result.reason, rules) };
  }
  return { outcome: "accepted", orderId, ...(reading.warning !== undefined && { message: reading.warning }) };
}

function answerToCancellation(orderId: string, result: OperationResult): EventAnswer {
  switch (result.kind) {
    case "cancelled":
      return { outcome: "accepted", orderId, message: "The waiting invitation is cancelled." };
    case "noted":
      return {
        outcome: "accepted",
        orderId,
        message: "Noted: the order will not be invited when it arrives.",
      };
    case "not-cancelled":
      return { outcome: "ignored", orderId, message: describeTooLate(result.why) };
    case "accepted":
    case "duplicate":
    case "skipped":
    case "forgotten":
      throw new TypeError(`a cancellation was answered with ${result.kind}`);
  }
}

function answerToDeletion(results: OperationResult[]): EventAnswer {
  let [cancelled, beingSent] = [0, 0];
  for (const result of results) {
    if (result.kind !== "forgotten") continue;
    cancelled += result.cancelled;
    beingSent += result.beingSent;
  }
  const out = beingSent > 0 ? `, ${beingSent} just being sent` : "";
  return {
    outcome: "accepted",
    message: `Deleted here; waiting invitations cancelled: ${cancelled}${out}. Trustpilot keeps its own copy: delete the customer's data there too.`,
  };
}
