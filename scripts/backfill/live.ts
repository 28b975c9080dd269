/**
 * Sends the orders of a file.
 *
 * Nothing here decides about an order: rows become events, the Worker answers, and the answers are counted. That is
 * why it can be stopped anywhere and started again: what is sent twice is a duplicate.
 */
import { UserError } from "../lib/command.ts";
import { messageOf, Unreachable, type Deployment } from "../lib/deployment.ts";
import { duration, ProgressBar } from "../lib/progress.ts";
import type { Columns } from "./columns.ts";
import { deliver, type Settled } from "./deliver.ts";
import { toOutgoing, type EventOptions, type Outgoing } from "./events.ts";
import type { Journal, Progress } from "./journal.ts";
import { readOrders } from "./orders.ts";
import { Rejects } from "./rejects.ts";
import { reportTotals } from "./report.ts";
import type { Input } from "./row.ts";
import type { Survey } from "./survey.ts";

interface Backfill {
  input: Input;
  columns: Columns;
  options: EventOptions;
  deployment: Deployment;
  journal: Journal;
  batchSize: number;
  inFlight: number;
}

/** @param progress of an earlier run; changed as this one goes on @returns the exit code */
export async function sendAll(backfill: Backfill, { rows }: Survey, progress: Progress): Promise<number> {
  const { input, journal } = backfill;
  const rejects = await Rejects.open(input.path, progress.rejectsBytes);
  const started = Date.now();
  const already = progress.rows;
  if (already > 0) console.log(`Resuming after row ${already.toLocaleString("en")}.`);
  const bar = new ProgressBar("rows", rows, already);
  const stop = stopOnSignal();
  try {
    for await (const batch of batches(backfill, progress, bar, stop.signal)) {
      await commit(batch, progress, rejects);
      await journal.note(progress);
      bar.update(progress.rows);
    }
  } catch (error) {
    if (error instanceof UserError) error.message += ` The same command resumes after row ${progress.rows}.`;
    throw error;
  } finally {
    bar.stop();
    await rejects.close();
    await journal.write(progress);
  }
  if (stop.signal.aborted && progress.rows < rows) {
    const row = progress.rows.toLocaleString("en");
    console.log(`Stopped after row ${row}. The same command resumes from there.`);
    return 130;
  }
  const seconds = (Date.now() - started) / 1000;
  const sent = progress.rows - already;
  const rate = Math.round(sent / seconds).toLocaleString("en");
  console.log(`${sent.toLocaleString("en")} rows in ${duration(seconds)}, ${rate} a second`);
  return reportTotals(progress.totals, input.path);
}

function batches(
  { input, columns, options, deployment, batchSize, inFlight }: Backfill,
  progress: Progress,
  bar: ProgressBar,
  signal: AbortSignal,
): AsyncGenerator<Settled[]> {
  return deliver(outgoing(input, columns, options, progress.rows), {
    send: (body) => deployment.send(body),
    batchSize,
    inFlight,
    signal,
    onWait: (why, wait) => bar.update(progress.rows, `waiting ${duration(wait / 1000)}: ${why}`),
  });
}

async function* outgoing(
  input: Input,
  columns: Columns,
  options: EventOptions,
  skip: number,
): AsyncGenerator<Outgoing> {
  for await (const order of readOrders(input, columns, skip)) yield toOutgoing(order, options);
}

/** Counts a batch and writes down its rejects; the journal follows. */
async function commit(batch: Settled[], progress: Progress, rejects: Rejects): Promise<void> {
  const { totals } = progress;
  for (const { answer, rows } of batch) {
    const { outcome, message = "" } = answer;
    if (outcome === "skipped") totals.skipped[message] = (totals.skipped[message] ?? 0) + 1;
    else if (outcome === "left out") totals.leftOut[message] = (totals.leftOut[message] ?? 0) + 1;
    else totals[outcome] += 1;
    progress.rows += rows;
  }
  const rejected = batch.filter(({ answer }) => answer.outcome === "rejected");
  await rejects.add(
    rejected.map(({ line, orderId, answer }) => ({ line, orderId, reason: answer.message ?? "" })),
  );
  progress.rejectsBytes = rejects.bytes;
}

/** @throws UserError when the Worker is away or not set up: better now than after ten attempts */
export async function expectReady(deployment: Deployment): Promise<void> {
  try {
    const reply = await deployment.get("/health");
    const health = reply.json as { status?: string } | null;
    if (health?.status === "ok") return;
    throw new UserError(
      health?.status === undefined
        ? `${deployment.events.origin} is not this Worker: /health answers ${reply.status} ${messageOf(reply)}`
        : "The deployment is not set up. What is missing: npm run doctor.",
    );
  } catch (error) {
    throw error instanceof Unreachable ? new UserError(error.message) : error;
  }
}

/** In place of what a signal does elsewhere: the first lets what is under way finish, a second one ends at once. */
function stopOnSignal(): AbortController {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.removeAllListeners(signal).on(signal, () => {
      if (stop.signal.aborted) process.exit(130);
      console.error("\nFinishing what is under way (again to stop at once) …");
      stop.abort();
    });
  }
  return stop;
}
