/**
 * Past orders through the same door as new ones, so that the Ledger keeps each from being invited twice.
 *
 * Nothing here decides about an order: rows become events, the Worker answers, and the answers are counted. That
 * is why it can be stopped anywhere and started again: what is sent twice is a duplicate.
 */
import colors from "picocolors";
import { deliver, type Settled } from "./backfill/deliver.ts";
import { FIELDS, findColumns, readMaps, toEvent, type EventOptions } from "./backfill/events.ts";
import { Journal, type Progress, type Totals } from "./backfill/journal.ts";
import { Rejects } from "./backfill/rejects.ts";
import { openInput, readRows, type Format, type Input } from "./backfill/rows.ts";
import { forecast } from "./backfill/forecast.ts";
import { survey } from "./backfill/survey.ts";
import { UserError, run, wholeNumber } from "./lib/command.ts";
import { CREDENTIAL_HELP, CREDENTIAL_OPTIONS, readCredentials, withProof } from "./lib/credentials.ts";
import { Deployment, messageOf, Unreachable, readUrl } from "./lib/deployment.ts";
import { duration, ProgressBar } from "./lib/progress.ts";
import { loadRules } from "./lib/rules.ts";
import { readVars } from "./lib/wrangler-vars.ts";

const HELP = `
npm run backfill -- FILE --url URL [options]

Sends past orders to POST /segment, so that none is invited twice. What is too
old (MAX_ORDER_AGE_DAYS) is recorded and not invited.

  FILE               .csv with a header line, or .ndjson with an object a line
                     (flat as a CSV's row, or an event of Segment's)
  --url URL          the deployment
  --dry-run          sends nothing; says how many orders would be invited,
                     skipped and rejected, and why, by wrangler.toml
  --mark-only        records the orders as already invited, by another
                     integration; only the order ids are sent
  --map F=C,F=C      which column is which, e.g.
                     --map order_id=Order\\ Number,email=E-Mail
                     F is one of ${FIELDS.slice(0, 5).join(", ")},
                     ${FIELDS.slice(5).join(", ")}
  --without-dates    takes orders without a timestamp; they count as new
  --event NAME       the event's name, as in INVITE_ON (Order Completed)
  --format F         csv or ndjson, when the file's name does not say
  --delimiter C      between fields; otherwise found in the header line
  --batch N          orders in one request (100, at most 1000)
  --in-flight N      requests at the same time (4, at most 50)
  --config FILE      another wrangler.toml for --dry-run
${CREDENTIAL_HELP}

Goes on where it was stopped: beside FILE it keeps FILE.backfill.json, and
FILE.rejects.csv with the line and reason of each row that was not taken.
Order ids must be the ones that Segment sends, or nothing is recognised.

Exit code: 0 when every row was taken, 1 when something was wrong, 130 when
it was stopped with Ctrl-C.

  npm run backfill -- orders.csv --url https://… --dry-run
  npm run backfill -- orders.csv --url https://…
`;

const options = {
  url: { type: "string" },
  "dry-run": { type: "boolean" },
  "mark-only": { type: "boolean" },
  map: { type: "string", multiple: true },
  "without-dates": { type: "boolean" },
  event: { type: "string" },
  format: { type: "string" },
  delimiter: { type: "string" },
  batch: { type: "string" },
  "in-flight": { type: "string" },
  config: { type: "string" },
  ...CREDENTIAL_OPTIONS,
} as const;

const LABELS = {
  invited: colors.green("invited"),
  accepted: colors.green("accepted"),
  duplicate: colors.cyan("duplicate"),
  skipped: colors.yellow("skipped"),
  ignored: colors.dim("ignored"),
  rejected: colors.red("rejected"),
};

const command = { name: "npm run backfill", help: HELP, options, beside: "a file" } as const;

await run(command, async (values, [path]) => {
  if (path === undefined) {
    throw new UserError("Name one file of orders: npm run backfill -- orders.csv --url https://…");
  }
  const markOnly = values["mark-only"] ?? false;
  const withoutDates = values["without-dates"] ?? false;
  const batchSize = wholeNumber("batch", values.batch, 100, 1, 1000);
  const inFlight = wholeNumber("in-flight", values["in-flight"], 4, 1, 50);
  const maps = readMaps(values.map ?? []);
  const input = await openInput(path, readFormat(values.format), readDelimiter(values.delimiter));
  const needed = markOnly ? (["order_id"] as const) : (["order_id", "email"] as const);
  const columns = findColumns(input, maps, [
    ...needed,
    ...(markOnly || withoutDates ? [] : (["timestamp"] as const)),
  ]);
  const rowOptions = { columns, markOnly, withoutDates, event: values.event ?? "Order Completed" };

  if (values["dry-run"] === true) return dryRun(input, rowOptions, values.config ?? "wrangler.toml");
  if (values.url === undefined)
    throw new UserError("Name the deployment: --url https://… (or --dry-run first).");
  const url = readUrl(values.url);
  const deployment = new Deployment(url, await withProof(await readCredentials(values, url)));
  return backfill(input, rowOptions, deployment, { batchSize, inFlight });
});

async function backfill(
  input: Input,
  rowOptions: EventOptions,
  deployment: Deployment,
  { batchSize, inFlight }: { batchSize: number; inFlight: number },
): Promise<number> {
  await expectReady(deployment);
  const { rows, sha256 } = await reading(input, (onRows) => survey(input, onRows));
  const identity = { sha256, url: deployment.events.href, markOnly: rowOptions.markOnly };
  const journal = new Journal(input.path, identity);
  const progress = await journal.read();
  if (progress.rows >= rows && rows > 0) {
    console.log(`All ${rows.toLocaleString("en")} rows were sent before (${journal.path}).`);
    return conclude(progress.totals, input.path);
  }
  const rejects = await Rejects.open(input.path, progress.rejectsBytes);
  const stop = stopOnSignal();
  const started = Date.now();
  const already = progress.rows;
  if (already > 0) console.log(`Going on after row ${already.toLocaleString("en")}.`);
  const bar = new ProgressBar("rows", rows, already);

  try {
    const batches = deliver(events(input, rowOptions, already), {
      send: (body) => deployment.send(body),
      batchSize,
      inFlight,
      signal: stop.signal,
      onWait: (why, wait) => bar.update(progress.rows, `waiting ${duration(wait / 1000)}: ${why}`),
    });
    for await (const batch of batches) {
      await commit(batch, progress, rejects);
      await journal.note(progress);
      bar.update(progress.rows);
    }
  } catch (error) {
    if (error instanceof UserError) error.message += ` The same command goes on after row ${progress.rows}.`;
    throw error;
  } finally {
    bar.stop();
    await rejects.close();
    await journal.write(progress);
  }
  if (stop.signal.aborted && progress.rows < rows) {
    console.log(
      `Stopped after row ${progress.rows.toLocaleString("en")}. The same command goes on from there.`,
    );
    return 130;
  }
  const seconds = (Date.now() - started) / 1000;
  const sent = progress.rows - already;
  const rate = Math.round(sent / seconds).toLocaleString("en");
  console.log(`${sent.toLocaleString("en")} rows in ${duration(seconds)}, ${rate} a second`);
  return conclude(progress.totals, input.path);
}

/** Counts a batch and writes down its rejects; the journal follows. */
async function commit(batch: Settled[], progress: Progress, rejects: Rejects): Promise<void> {
  const { totals } = progress;
  for (const { answer } of batch) {
    const { outcome, message = "" } = answer;
    if (outcome === "skipped") totals.skipped[message] = (totals.skipped[message] ?? 0) + 1;
    else totals[outcome] += 1;
  }
  const rejected = batch.filter(({ answer }) => answer.outcome === "rejected");
  await rejects.add(
    rejected.map(({ line, orderId, answer }) => ({ line, orderId, reason: answer.message ?? "" })),
  );
  progress.rows += batch.length;
  progress.rejectsBytes = rejects.bytes;
}

async function* events(input: Input, rowOptions: EventOptions, skip: number) {
  let row = 0;
  for await (const read of readRows(input)) {
    row += 1;
    if (row > skip) yield toEvent(read, rowOptions);
  }
}

/** @throws UserError when the Worker is away or not set up: better now than after ten attempts */
async function expectReady(deployment: Deployment): Promise<void> {
  try {
    const reply = await deployment.get("/health");
    const health = reply.json as { status?: string; problems?: { message: string }[] } | null;
    if (health?.status === "ok") return;
    const problems = health?.problems?.map(({ message }) => message).join(" ");
    throw new UserError(
      problems === undefined
        ? `${deployment.events.origin} is not this Worker: /health answers ${reply.status} ${messageOf(reply)}`
        : `The deployment is not set up: ${problems}`,
    );
  } catch (error) {
    throw error instanceof Unreachable ? new UserError(error.message) : error;
  }
}

async function dryRun(input: Input, rowOptions: EventOptions, configFile: string): Promise<number> {
  const [rules, vars] = await Promise.all([loadRules(), readVars(configFile)]);
  // The key decides about no order.
  const settings = { ...vars, TRUSTPILOT_INTEGRATION_KEY: "dryRun" };
  const problems = rules.problemsOf(settings);
  if (problems.length > 0) throw new UserError(problems.map(({ message }) => message).join(" "));
  const result = await reading(input, (onRows) =>
    forecast(input, rowOptions, rules, settings, Date.now(), onRows),
  );
  console.log(`Dry run of ${input.path}, by the settings in ${configFile}; nothing was sent.\n`);
  for (const { kind, reason, rows, firstLine } of result) {
    const text = kind === "invited" ? "if the Ledger does not know them yet" : reason;
    show(LABELS[kind], rows, kind === "rejected" ? `${text} (first: line ${firstLine})` : text);
  }
  return result.some(({ kind }) => kind === "rejected") ? 1 : 0;
}

function conclude({ accepted, duplicate, ignored, rejected, skipped }: Totals, path: string): number {
  if (accepted > 0) show(LABELS.accepted, accepted, "recorded; their invitations go out one after the other");
  if (duplicate > 0) show(LABELS.duplicate, duplicate, "were known and stay as they are");
  for (const [reason, rows] of Object.entries(skipped)) show(LABELS.skipped, rows, reason);
  if (ignored > 0) show(LABELS.ignored, ignored, "no orders, or not the event of INVITE_ON");
  if (rejected > 0) show(LABELS.rejected, rejected, `see ${path}.rejects.csv`);
  return rejected === 0 ? 0 : 1;
}

function show(label: string, rows: number, text: string): void {
  console.log(`  ${rows.toLocaleString("en").padStart(11)}  ${label}  ${text}`);
}

/** Reads the whole file while a terminal shows how far it is. */
async function reading<Result>(input: Input, work: (onRows: (rows: number) => void) => Promise<Result>) {
  const tell = process.stderr.isTTY ? (text: string) => process.stderr.write(`\r\u001B[K${text}`) : () => {};
  try {
    return await work((rows) => tell(`Reading ${input.path}: ${rows.toLocaleString("en")} rows`));
  } finally {
    tell("");
  }
}

/** The first signal lets what is under way finish; a second one ends at once. */
function stopOnSignal(): AbortController {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(130);
      console.error("\nFinishing what is under way (again to stop at once) …");
      stop.abort();
    });
  }
  return stop;
}

function readFormat(format: string | undefined): Format | undefined {
  if (format === undefined || format === "csv" || format === "ndjson") return format;
  throw new UserError(`--format must be csv or ndjson, not "${format}".`);
}

function readDelimiter(delimiter: string | undefined): string | undefined {
  const character = delimiter === "\\t" || delimiter === "tab" ? "\t" : delimiter;
  if (character === undefined || character.length === 1) return character;
  throw new UserError(`--delimiter must be one character (or tab), not "${delimiter}".`);
}
