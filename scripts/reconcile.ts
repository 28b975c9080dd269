/** Settles what is not known here by Trustpilot's own list of invitations. */
import { readDateFormat, readDelimiter } from "./backfill/options.ts";
import { ask } from "./backfill/preview.ts";
import { expectReady } from "./backfill/live.ts";
import { UserError, run } from "./lib/command.ts";
import { CREDENTIAL_HELP, isTerminal, readCredentials, withProof } from "./lib/credentials.ts";
import { Deployment, readUrl } from "./lib/deployment.ts";
import { compare } from "./reconcile/compare.ts";
import { LIST_COLUMNS, readInvitationList } from "./reconcile/invitation-list.ts";
import { reportDone, reportFindings, reportList } from "./reconcile/report.ts";
import { settle } from "./reconcile/settle.ts";
import type { Findings } from "./reconcile/verdict.ts";

const HELP = `
npm run reconcile -- FILE --url URL [options]

Compares Trustpilot's own list of invitations with the orders here. Export it at
Trustpilot: Get reviews › Invitation status › Export, without a filter, a day or
more after the last order that is to be settled.

  FILE               the list, a CSV
  --url URL          the deployment
  --send-missing     sends orders again that are unknown here and certainly not
                     in the list; not for a day for which the list lacks an
                     order that was invited from here
  --dry-run          only shows what it would do
  --yes              does it without a question
  --map F=C,F=C      which column is which, e.g. --map reference=Order
                     F is one of ${LIST_COLUMNS.join(", ")}
  --date-format T    the order of dates such as 03/04/2026, e.g. DD/MM/YYYY
  --delimiter C      between fields; otherwise found in the header line
${CREDENTIAL_HELP}

What it does:
  - in the list: the invitation was created. An order that is unknown, failed or
    still waiting here is marked as sent.
  - unknown here and not in the list, which is complete for that day and at
    least a day newer: it was not created. With --send-missing it is sent again.
  - in the list and not known here: it is recorded as already invited, by
    another integration.
It reports both directions of differences. Only reference numbers leave this
machine. It can be stopped and started again at any time.

Exit code: 0 when everything was done, 1 when something was wrong.

  npm run reconcile -- invitations.csv --url https://… --dry-run
`;

const options = {
  url: { type: "string" },
  "send-missing": { type: "boolean" },
  "dry-run": { type: "boolean" },
  yes: { type: "boolean" },
  map: { type: "string", multiple: true },
  "date-format": { type: "string" },
  delimiter: { type: "string" },
} as const;

const command = { name: "npm run reconcile", help: HELP, options, beside: "a file" } as const;

await run(command, async (values, [path]) => {
  if (path === undefined || values.url === undefined) {
    throw new UserError(
      "Name the list and the deployment: npm run reconcile -- invitations.csv --url https://…",
    );
  }
  const list = await readInvitationList(path, {
    maps: values.map ?? [],
    delimiter: readDelimiter(values.delimiter),
    dateOrder: readDateFormat(values["date-format"]),
  });
  const url = readUrl(values.url);
  const deployment = new Deployment(url, await withProof(await readCredentials(url), url));
  await expectReady(deployment);
  const findings = await compare(list, deployment);
  const sendMissing = values["send-missing"] ?? false;
  reportList(list, path);
  reportFindings(findings, sendMissing);
  if (values["dry-run"] === true) return 0;
  const todo: Findings = sendMissing ? findings : { ...findings, notCreated: [] };
  const steps = todo.created.length + todo.notCreated.length + todo.listedOnly.length;
  if (steps === 0) return 0;
  if (values.yes !== true) {
    if (!isTerminal()) throw new UserError("Nothing was done: without a terminal, add --yes or --dry-run.");
    if (!(await ask(describe(todo)))) return 1;
  }
  return reportDone(await settle(deployment, todo));
});

function describe({ created, notCreated, listedOnly }: Findings): string {
  const steps = [
    [created.length, "mark % as sent"],
    [notCreated.length, "send % again"],
    [listedOnly.length, "record % as already invited"],
  ] as const;
  const text = steps
    .filter(([orders]) => orders > 0)
    .map(([orders, what]) => what.replace("%", orders.toLocaleString("en")))
    .join(", ");
  return `${text[0]!.toUpperCase()}${text.slice(1)}?`;
}
