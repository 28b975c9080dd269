/** Carries out what the list decides. Each step may be done twice without harm, so it can be stopped anywhere. */
import { deliver } from "../backfill/deliver.ts";
import type { Outgoing } from "../backfill/events.ts";
import { messageOf, type Deployment } from "../lib/deployment.ts";
import { ProgressBar } from "../lib/progress.ts";
import { patiently } from "./orders-here.ts";
import type { Findings } from "./verdict.ts";

export interface Done {
  markedAsSent: number;
  sentAgain: number;
  /** References that are recorded now, as already invited by another integration. */
  recorded: number;
  /** References that are known here after all. */
  known: number;
  /** What could not be done: the order has changed in the meantime, or its reference cannot be an order id. */
  notDone: string[];
}

const AT_ONCE = 4;
const BATCH = 100;

/** @param findings with the orders that are to be sent again @throws UserError when it cannot go on */
export async function settle(deployment: Deployment, findings: Findings): Promise<Done> {
  const { created, notCreated, listedOnly } = findings;
  const done: Done = { markedAsSent: 0, sentAgain: 0, recorded: 0, known: 0, notDone: [] };
  const bar = new ProgressBar("orders", created.length + notCreated.length + listedOnly.length);
  let count = 0;
  const advance = (orders: number) => bar.update((count += orders));
  try {
    await inParallel(created, async ({ orderId }) => {
      if (await act(deployment, orderId, "mark-sent", done)) done.markedAsSent += 1;
      advance(1);
    });
    await inParallel(notCreated, async ({ orderId }) => {
      if (await act(deployment, orderId, "send-again", done)) done.sentAgain += 1;
      advance(1);
    });
    await record(deployment, listedOnly, done, advance);
  } finally {
    bar.stop();
  }
  return done;
}

async function act(deployment: Deployment, orderId: string, action: string, done: Done): Promise<boolean> {
  const reply = await patiently(() => deployment.act(`/orders/${encodeURIComponent(orderId)}/${action}`));
  if (reply.status !== 200) done.notDone.push(`${orderId}: ${messageOf(reply)}`);
  return reply.status === 200;
}

/** Only the reference leaves this machine. */
async function record(
  deployment: Deployment,
  references: readonly string[],
  done: Done,
  advance: (orders: number) => void,
): Promise<void> {
  const batches = deliver(events(references), {
    send: (body) => deployment.send(body),
    batchSize: BATCH,
    inFlight: AT_ONCE,
    signal: new AbortController().signal,
    onWait: () => {},
  });
  for await (const batch of batches) {
    for (const { orderId, answer } of batch) {
      if (answer.outcome === "skipped") done.recorded += 1;
      else if (answer.outcome === "duplicate") done.known += 1;
      else done.notDone.push(`${orderId}: ${answer.message ?? answer.outcome}`);
    }
    advance(batch.length);
  }
}

async function* events(references: readonly string[]): AsyncGenerator<Outgoing> {
  for (const [index, orderId] of references.entries()) {
    const integrations = { Trustpilot: { alreadyInvited: true } };
    const event = {
      type: "track",
      event: "Order Completed",
      integrations,
      properties: { order_id: orderId },
    };
    yield { kind: "event", line: index, rows: 1, orderId, event };
  }
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
