/**
 * Signs and sends any event as Segment would, and shows the answer and what became of the order.
 *
 * A file that is sent as it is goes out byte for byte, so that an event copied from Segment's debugger is tried
 * exactly as it came; only --set and --fresh write it anew.
 */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import colors from "picocolors";
import { isLoopback } from "../src/config/kinds.ts";
import type { EventAnswer } from "../src/domain/event-answer.ts";
import { UserError, run, wholeNumber } from "./lib/command.ts";
import { CREDENTIAL_HELP, readCredentials, withProof } from "./lib/credentials.ts";
import { Deployment, messageOf, Unreachable, readUrl } from "./lib/deployment.ts";
import { isOver, readOrder, type OrderView } from "./lib/order-view.ts";
import { withChanges } from "./lib/event-changes.ts";

const HELP = `
npm run send -- FILE [options]

Signs an event, or an array of events, and sends it to POST /segment as Segment
would. Prints the answer, and the order's history when the password is known.

  FILE              a JSON file, such as examples/order-completed.json; - reads
                    it from standard input
  --url URL         a deployment; without it http://localhost:8787 (npm run dev)
  --set PATH=VALUE  changes the event before it is sent, e.g.
                    --set properties.order_id=1002; may be given several times
  --fresh           gives the event a new messageId and the current time
  --wait SECONDS    how long to wait for the order to end (10; 0 shows no
                    history)
${CREDENTIAL_HELP}

Exit code: 0 when every event was accepted, 1 when one was rejected or
nothing answered.

  npm run send -- examples/order-completed.json
  npm run send -- examples/order-completed.json --set properties.order_id=1002
  echo '{"type":"page"}' | npm run send -- -
`;

const options = {
  url: { type: "string" },
  set: { type: "string", multiple: true },
  fresh: { type: "boolean" },
  wait: { type: "string" },
} as const;

const COLOURS = {
  accepted: colors.green,
  duplicate: colors.cyan,
  ignored: colors.dim,
  skipped: colors.yellow,
  rejected: colors.red,
};

/** Histories of a large batch would fill the screen. */
const MOST_HISTORIES = 5;

const command = { name: "npm run send", help: HELP, options, beside: "a file" } as const;

await run(command, async (values, [file]) => {
  if (file === undefined) {
    throw new UserError("Name one file with an event, or - for standard input: npm run send -- event.json");
  }
  const wait = wholeNumber("wait", values.wait, 10, 0, 3600) * 1000;
  const url = readUrl(values.url ?? "http://localhost:8787");
  const body = withChanges(await readBody(file), values.set ?? [], values.fresh ?? false, Date.now());
  const deployment = new Deployment(url, await withProof(await readCredentials(url), url));

  try {
    const reply = await deployment.send(body);
    const answers = answersOf(reply.json);
    console.log(`${colors.dim("→")} POST ${deployment.events.href}`);
    if (answers === null) {
      console.log(`${colors.red("←")} ${reply.status} ${messageOf(reply)}`);
      return 1;
    }
    console.log(`${colors.dim("←")} ${reply.status}`);
    for (const answer of answers) console.log(`  ${describe(answer)}`);
    if (wait > 0) await showHistories(deployment, orderIdsOf(answers), wait);
    return answers.some(({ outcome }) => outcome === "rejected") ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const advice = isLoopback(url) ? " Start it with npm run dev, or name a deployment with --url." : "";
    throw new UserError(`${error.message}${advice}`);
  }
});

async function readBody(file: string): Promise<string> {
  const name = file === "-" ? "Standard input" : file;
  let body: string;
  try {
    body = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  } catch (error) {
    throw new UserError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  // Editors on Windows add a byte order mark; Segment does not.
  body = body.replace(/^\uFEFF/, "");
  try {
    const event: unknown = JSON.parse(body);
    if (typeof event === "object" && event !== null) return body;
  } catch (error) {
    throw new UserError(`${name} is not JSON: ${(error as Error).message}`);
  }
  throw new UserError(`${name} is neither an event (a JSON object) nor an array of events.`);
}

/** What the Worker says about each event; `null` when the answer is not the Worker's. */
function answersOf(json: unknown): EventAnswer[] | null {
  if (typeof json !== "object" || json === null) return null;
  if ("events" in json && Array.isArray(json.events)) return json.events as EventAnswer[];
  return "outcome" in json ? [json as EventAnswer] : null;
}

function describe({ outcome, orderId, message }: EventAnswer): string {
  const order = orderId === undefined ? "" : ` order ${orderId}`;
  return `${COLOURS[outcome](outcome)}${order}${message === undefined ? "" : `: ${message}`}`;
}

/** Orders that may be in the Ledger. */
function orderIdsOf(answers: EventAnswer[]): string[] {
  const known = answers.filter(({ outcome }) => outcome !== "rejected" && outcome !== "ignored");
  return [...new Set(known.flatMap(({ orderId }) => orderId ?? []))];
}

async function showHistories(deployment: Deployment, orderIds: string[], wait: number): Promise<void> {
  const end = Date.now() + wait;
  for (const orderId of orderIds.slice(0, MOST_HISTORIES)) {
    console.log(`\n${colors.bold(`Order ${orderId}`)}`);
    let seen = await readOrder(deployment, orderId);
    while (seen.kind === "order" && !isOver(seen.order, Date.now()) && Date.now() < end) {
      await sleep(200);
      seen = await readOrder(deployment, orderId);
    }
    if (seen.kind === "order") showHistory(seen.order);
    else console.log(`  ${colors.dim(seen.message)}`);
    if (seen.kind === "closed") return;
  }
  const rest = orderIds.length - MOST_HISTORIES;
  if (rest > 0) console.log(colors.dim(`\n… and ${rest} more orders`));
}

function showHistory({ state, explanation, heldUntil, history }: OrderView): void {
  // Duplicates are recorded a moment after they arrived.
  for (const { at, what, reason, status, milliseconds } of history.toSorted((a, b) =>
    a.at < b.at ? -1 : 1,
  )) {
    const trustpilot = status === undefined ? "" : ` Trustpilot: ${status ?? "no answer"}`;
    const took = milliseconds === undefined ? "" : colors.dim(` ${milliseconds} ms`);
    const why = reason === undefined ? "" : colors.dim(` (${reason})`);
    console.log(`  ${colors.dim(at)}  ${what}${trustpilot}${took}${why}`);
  }
  const until = heldUntil === null ? "" : ` until ${heldUntil}`;
  console.log(`  now ${colors.bold(state)}${until}${explanation === null ? "" : `: ${explanation}`}`);
}
