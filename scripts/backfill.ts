/** Past orders through the same door as new ones, so that the Ledger keeps each from being invited twice. */
import { checkShops } from "../src/config/check-shops.ts";
import { findColumns, readMaps, type Columns } from "./backfill/columns.ts";
import { FIELDS, type Field } from "./backfill/fields.ts";
import type { EventOptions } from "./backfill/events.ts";
import { EXPORTS, recognize, type ExportName } from "./backfill/exports.ts";
import { forecast } from "./backfill/forecast.ts";
import { openInput } from "./backfill/input.ts";
import { CHOICES, Journal, type Choices } from "./backfill/journal.ts";
import { expectReady, sendAll } from "./backfill/live.ts";
import { readDateFormat, readDelimiter } from "./backfill/options.ts";
import { ask, describeColumns, describeKnown, describeSamples } from "./backfill/preview.ts";
import { reportForecast, reportTotals } from "./backfill/report.ts";
import type { Format, Input } from "./backfill/row.ts";
import { invitedStatuses } from "./backfill/statuses.ts";
import { survey, type Survey } from "./backfill/survey.ts";
import { UserError, run, wholeNumber } from "./lib/command.ts";
import { CREDENTIAL_HELP, isTerminal, readCredentials, withProof } from "./lib/credentials.ts";
import { Deployment, readUrl } from "./lib/deployment.ts";
import { printable } from "./lib/printable.ts";
import { withCounter } from "./lib/progress.ts";
import { readVars } from "./lib/wrangler-vars.ts";
import { neededNames, placeholders } from "./deploy/needed.ts";

const HELP = `
npm run backfill -- FILE --url URL [options]

Sends past orders to POST /segment, so that none is invited twice. What is too
old (MAX_ORDER_AGE_DAYS) is recorded and not invited.

  FILE               .csv with a header line, or .ndjson with an object a line
                     (flat as a CSV's row, or an event of Segment's)
  --url URL          the deployment
  --dry-run          sends nothing; says how many orders would be invited,
                     skipped, left out and rejected, and why, by wrangler.toml
  --mark-only        records the orders as already invited, by another
                     integration; only the order ids are sent
  --from SHOP        ${Object.keys(EXPORTS).join(", ")}: whose order export it is;
                     found by its columns when they are clear. Cancelled,
                     refunded and unpaid orders are left out, and counted
  --statuses A,B     the statuses to invite, when the shop has other words
  --map F=C,F=C      which column is which, e.g.
                     --map order_id=Order\\ Number,email=E-Mail
                     F is one of ${FIELDS.slice(0, 5).join(", ")},
                     ${FIELDS.slice(5, 9).join(", ")},
                     ${FIELDS.slice(9, 13).join(", ")},
                     ${FIELDS.slice(13).join(", ")}
  --date-format T    the order of dates such as 03/04/2026, e.g. DD/MM/YYYY
  --without-dates    takes orders without a timestamp; they count as new
  --event NAME       the event's name, as in INVITE_ON (Order Completed)
  --format F         csv or ndjson, when the file's name does not say
  --delimiter C      between fields; otherwise found in the header line
  --batch N          orders in one request (100, at most 1000)
  --in-flight N      requests at the same time (4, at most 50)
  --config FILE      another wrangler.toml for --dry-run
  --yes              sends without a question
  --restart          forgets how far an earlier run came
${CREDENTIAL_HELP}

Adjacent rows with the same order id are one order with several products.
On a terminal it shows what it will send, and asks. It resumes where it was
stopped, with the options of that run: beside FILE it keeps FILE.backfill.json,
and FILE.rejects.csv with the line and reason of each row that was not taken.
Order ids must be the ones that Segment sends, or nothing is recognised.

Exit code: 0 when every row was taken or left out, 1 when something was wrong,
130 when it was stopped with Ctrl-C.

  npm run backfill -- orders.csv --url https://… --dry-run
  npm run backfill -- orders.csv --url https://…
`;

const options = {
  url: { type: "string" },
  "dry-run": { type: "boolean" },
  "mark-only": { type: "boolean" },
  from: { type: "string" },
  statuses: { type: "string" },
  map: { type: "string", multiple: true },
  "date-format": { type: "string" },
  "without-dates": { type: "boolean" },
  event: { type: "string" },
  format: { type: "string" },
  delimiter: { type: "string" },
  batch: { type: "string" },
  "in-flight": { type: "string" },
  config: { type: "string" },
  yes: { type: "boolean" },
  restart: { type: "boolean" },
} as const;

/** A file and how it is read. */
interface Plan {
  input: Input;
  from: ExportName | null;
  columns: Columns;
  options: EventOptions;
}

const command = { name: "npm run backfill", help: HELP, options, beside: "a file" } as const;

await run(command, async (values, [path]) => {
  if (path === undefined) {
    throw new UserError("Name one file of orders: npm run backfill -- orders.csv --url https://…");
  }
  const batchSize = wholeNumber("batch", values.batch, 100, 1, 1000);
  const inFlight = wholeNumber("in-flight", values["in-flight"], 4, 1, 50);
  const given = Object.fromEntries(
    CHOICES.filter((name) => values[name] !== undefined).map((name) => [name, values[name]!]),
  ) as Choices;
  if (values["dry-run"] === true) return dryRun(await plan(path, given), values.config ?? "wrangler.toml");
  if (values.url === undefined) {
    throw new UserError("Name the deployment: --url https://… (or --dry-run first).");
  }
  const journal = await Journal.open(path, given, values.restart ?? false);
  const planned = await plan(path, journal.choices);
  const url = readUrl(values.url);
  const deployment = new Deployment(url, await withProof(await readCredentials(url), url));
  await expectReady(deployment);
  const { input, columns, options } = planned;
  const found = await reading(input, (onRows) => survey(input, columns, options, onRows));
  const progress = journal.begin({ sha256: found.sha256, url: deployment.events.href });
  if (progress.rows >= found.rows && found.rows > 0) {
    console.log(`All ${found.rows.toLocaleString("en")} rows were sent before (${printable(journal.path)}).`);
    return reportTotals(progress.totals, path);
  }
  const asks = isTerminal() && values.yes !== true && progress.rows === 0;
  if (asks && !(await confirmed(planned, found, deployment))) return 1;
  return sendAll({ input, columns, options, deployment, journal, batchSize, inFlight }, found, progress);
});

/** @throws UserError when an option is wrong, or the file and the options do not fit */
async function plan(path: string, choices: Choices): Promise<Plan> {
  const text = (name: keyof Choices) => choices[name] as string | undefined;
  const markOnly = choices["mark-only"] === true;
  const withoutDates = choices["without-dates"] === true;
  const maps = readMaps((choices["map"] as string[] | undefined) ?? []);
  const input = await openInput(path, readFormat(text("format")), readDelimiter(text("delimiter")));
  const from = readFrom(text("from")) ?? recognize(input.columns);
  const needed: Field[] = markOnly ? ["order_id"] : ["order_id", "email"];
  if (!markOnly && !withoutDates) needed.push("timestamp");
  if (!markOnly && from !== null) needed.push("status");
  const columns = findColumns(input, maps, from, needed);
  const dateOrder = readDateFormat(text("date-format"));
  const invited = invitedStatuses(text("statuses"), from, columns.status !== undefined);
  const event = text("event") ?? "Order Completed";
  return { input, from, columns, options: { event, markOnly, withoutDates, dateOrder, invited } };
}

async function confirmed({ columns, from }: Plan, found: Survey, deployment: Deployment): Promise<boolean> {
  console.log(`${describeColumns(columns, from)}\n\n${describeSamples(found)}\n`);
  if (found.orderIds.length > 0) console.log(`${await describeKnown(deployment, found.orderIds)}\n`);
  return ask(`Send ${found.orders.toLocaleString("en")} orders to ${deployment.events.href}?`);
}

async function dryRun({ input, from, columns, options }: Plan, configFile: string): Promise<number> {
  const vars = await readVars(configFile);
  // Which orders are invited does not depend on the secrets.
  const checked = checkShops({ ...placeholders(neededNames(vars)), ...vars });
  if (!checked.ok) throw new UserError(checked.problems.map(({ message }) => message).join(" "));
  const worker = { shops: checked.shops, now: Date.now() };
  const result = await reading(input, (onRows) => forecast(input, columns, options, worker, onRows));
  const [file, config] = [input.path, configFile].map(printable);
  console.log(`Dry run of ${file}, by the settings in ${config}; nothing was sent.\n`);
  if (input.format === "csv") console.log(`${describeColumns(columns, from)}\n`);
  return reportForecast(result);
}

function reading<Result>({ path }: Input, work: (onRows: (rows: number) => void) => Promise<Result>) {
  return withCounter((rows) => `Reading ${path}: ${rows} rows`, work);
}

function readFrom(from: string | undefined): ExportName | null {
  if (from === undefined) return null;
  const name = Object.keys(EXPORTS).find((known) => known === from.toLowerCase());
  if (name !== undefined) return name as ExportName;
  throw new UserError(`--from must be one of ${Object.keys(EXPORTS).join(", ")}, not "${from}".`);
}

function readFormat(format: string | undefined): Format | undefined {
  if (format === undefined || format === "csv" || format === "ndjson") return format;
  throw new UserError(`--format must be csv or ndjson, not "${format}".`);
}
