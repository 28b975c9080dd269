/**
 * Sends orders in batches, several at a time, and commits them in the order of the file.
 *
 * Committing in order is what makes a single number a complete account of what is done; the price is that a slow
 * batch holds up the count of the ones behind it, not their sending.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { BatchAnswer, EventAnswer } from "../../src/domain/event-answer.ts";
import { readRetryAfter } from "../../src/trustpilot/retry-after.ts";
import { UserError } from "../lib/command.ts";
import { messageOf, Unreachable, type Reply } from "../lib/deployment.ts";
import type { Outgoing } from "./events.ts";

/** What became of an order, in the order of the file. `rows`: how many rows of the file it takes. */
export interface Settled {
  line: number;
  rows: number;
  orderId: string;
  answer: EventAnswer | { outcome: "left out"; message: string };
}

interface DeliverOptions {
  send: (body: string) => Promise<Reply>;
  batchSize: number;
  inFlight: number;
  /** No further batch is begun once it is aborted, and no waiting goes on. */
  signal: AbortSignal;
  /** Told of each wait: what the Worker said, and for how long, in ms. */
  onWait: (why: string, milliseconds: number) => void;
}

/** Attempts for a batch; with their waits they take about five minutes. */
const ATTEMPTS = 10;
const LONGEST_WAIT = 60_000;
const LONGEST_ASKED_WAIT = 10 * 60_000;

/** Yields the batches in the order of the file, each once all of it is answered. @throws UserError when it cannot go on */
export async function* deliver(
  orders: AsyncIterable<Outgoing>,
  options: DeliverOptions,
): AsyncGenerator<Settled[]> {
  const gate = new Gate(options.signal);
  const window: Promise<Settled[] | null>[] = [];
  for await (const batch of batchesOf(orders, options.batchSize)) {
    if (options.signal.aborted) break;
    const settled = settle(batch, options, gate);
    // Looked at in its turn; until then a failure must not count as unhandled.
    settled.catch(() => {});
    window.push(settled);
    if (window.length < options.inFlight) continue;
    const done = await window.shift()!;
    if (done === null) return;
    yield done;
  }
  for (const settled of window) {
    const done = await settled;
    if (done === null) return;
    yield done;
  }
}

async function* batchesOf(orders: AsyncIterable<Outgoing>, size: number): AsyncGenerator<Outgoing[]> {
  let batch: Outgoing[] = [];
  for await (const order of orders) {
    batch.push(order);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** @returns `null` when it was stopped before the batch was answered */
async function settle(batch: Outgoing[], options: DeliverOptions, gate: Gate): Promise<Settled[] | null> {
  const events = batch.flatMap((order) => (order.kind === "event" ? [order.event] : []));
  const answers = events.length === 0 ? [] : await sendUntilTaken(events, options, gate);
  if (answers === null) return null;
  const next = answers.values();
  return batch.map((order) => ({
    line: order.line,
    rows: order.rows,
    orderId: order.orderId,
    answer: order.kind === "event" ? next.next().value! : { outcome: order.kind, message: order.reason },
  }));
}

async function sendUntilTaken(
  events: object[],
  { send, onWait, batchSize }: DeliverOptions,
  gate: Gate,
): Promise<EventAnswer[] | null> {
  const body = JSON.stringify(events);
  for (let attempt = 1; ; attempt++) {
    if (!(await gate.passes())) return null;
    const reply = await send(body).catch((error: unknown) => {
      if (error instanceof Unreachable) return error;
      throw error;
    });
    if (!(reply instanceof Unreachable)) {
      const answers = answersOf(reply, events.length);
      if (answers !== null) return answers;
      if (reply.status !== 429 && reply.status < 500) throw failure(reply, batchSize);
    }
    const why = reply instanceof Unreachable ? reply.message : `${reply.status} ${messageOf(reply)}`;
    if (attempt === ATTEMPTS) throw new UserError(`Given up after ${ATTEMPTS} attempts: ${why}`);
    const asked =
      reply instanceof Unreachable ? null : readRetryAfter(reply.header("Retry-After"), Date.now());
    const wait = waitAfter(attempt, asked, Math.random());
    onWait(why, wait);
    gate.closeFor(wait);
  }
}

/** In ms: what the server asked for, or doubling with jitter. @param random 0 … 1 */
export function waitAfter(attempt: number, asked: number | null, random: number): number {
  const backoff = Math.min(LONGEST_WAIT, 1000 * 2 ** (attempt - 1)) * (0.5 + random / 2);
  return asked === null ? backoff : Math.min(LONGEST_ASKED_WAIT, asked + random * 1000);
}

function answersOf({ status, json }: Reply, expected: number): EventAnswer[] | null {
  if (status !== 200) return null;
  const events = (json as Partial<BatchAnswer> | null)?.events;
  if (Array.isArray(events) && events.length === expected) return events;
  throw new UserError("The answer is none of this Worker's: check --url.");
}

function failure(reply: Reply, batchSize: number): UserError {
  const advice = reply.status === 413 ? ` Try --batch ${Math.max(1, Math.floor(batchSize / 2))}.` : "";
  return new UserError(`${reply.status} ${messageOf(reply)}${advice}`);
}

/** One for all batches: when the Worker asks for quiet, it means everybody. */
class Gate {
  readonly #signal: AbortSignal;
  #closedUntil = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  closeFor(milliseconds: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, Date.now() + milliseconds);
  }

  /** Waits for as long as it is closed. @returns `false` when the work is to stop instead */
  async passes(): Promise<boolean> {
    while (!this.#signal.aborted) {
      const wait = this.#closedUntil - Date.now();
      if (wait <= 0) return true;
      await sleep(wait, undefined, { signal: this.#signal }).catch(() => {});
    }
    return false;
  }
}
