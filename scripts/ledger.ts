/** Back up a Worker's ledgers, check a backup, and move it into another Worker. */
import { rename } from "node:fs/promises";
import { confirm, isCancel } from "@clack/prompts";
import colors from "picocolors";
import { openBackup } from "./ledger/backup-reader.ts";
import { BackupWriter } from "./ledger/backup-writer.ts";
import { LedgerClient, type WorkerState } from "./ledger/client.ts";
import { exportLedger, personalLines } from "./ledger/export.ts";
import type { Merged } from "../src/domain/merge.ts";
import { compareBackup, importBackup, importPersonal, survey } from "./ledger/import.ts";
import { readPassphrase, writePersonalFile, type Lock } from "./ledger/personal-file.ts";
import { UserError, run } from "./lib/command.ts";
import { isTerminal } from "./lib/credentials.ts";
import { readUrl } from "./lib/deployment.ts";
import { quantity } from "../src/lib/format.ts";
import { printable } from "./lib/printable.ts";
import { readAccessToken } from "./lib/secret-headers.ts";

const HELP = `
npm run ledger -- COMMAND [FILE] --url URL [options]

  export --out FILE    writes a backup of every shop's ledgers
  verify FILE          checks a backup by itself; with --url, against a Worker
  import FILE          merges a backup into a Worker, which then sends nothing
                       until it is resumed
  fence                stops the Worker from accepting and sending anything, so
                       that its backup is complete; Segment repeats for 4 hours
  unfence              ends that
  state                says whether the Worker is fenced or paused

  --url URL            the deployment
  --with-personal-data also exports what open orders need to be sent, and the
                       audiences, into FILE.personal.age, encrypted; with
                       import: reads that file
  --recipient age1…    encrypts to this X25519 recipient, not to a passphrase
  --yes                asks nothing, for scripts

Secrets come from the environment: LEDGER_SECRET (as set in the Worker),
LEDGER_PASSPHRASE for a passphrase, LEDGER_IDENTITY for an age identity
(AGE-SECRET-KEY-1…), and where Cloudflare Access stands before /ledger
CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET, a service token.

Every command may be interrupted and repeated. Moving to another account,
jurisdiction or number of ledgers: see docs/storage.md.

Exit code: 0 when all is well, 1 when something is wrong.
`;

const options = {
  url: { type: "string" },
  out: { type: "string" },
  "with-personal-data": { type: "boolean" },
  recipient: { type: "string" },
  yes: { type: "boolean" },
} as const;

interface Settings {
  url: URL | null;
  file: string | undefined;
  personal: boolean;
  recipient: string | undefined;
  yes: boolean;
}

const COMMANDS = { export: runExport, verify, import: runImport, fence, unfence, state };

const command = { name: "npm run ledger", help: HELP, options, beside: "a command and a file" } as const;

await run(command, async (values, [name, file]) => {
  if (name === undefined || !Object.hasOwn(COMMANDS, name)) {
    throw new UserError(
      `Name a command: ${Object.keys(COMMANDS).join(", ")}. All options: npm run ledger -- --help`,
    );
  }
  return COMMANDS[name as keyof typeof COMMANDS]({
    url: values.url === undefined ? null : readUrl(values.url),
    file: name === "export" ? (values.out ?? file) : file,
    personal: values["with-personal-data"] ?? false,
    recipient: values.recipient,
    yes: values.yes ?? false,
  });
});

async function runExport(settings: Settings): Promise<number> {
  const path = fileOf(settings, "npm run ledger -- export --url https://… --out backup.ndjson");
  const url = urlOf(settings);
  const client = clientOf(url);
  const lock = settings.personal ? await readLock(settings.recipient) : null;
  const lines = await exportLedger(client, url, path, lock !== null);
  if (lock !== null) {
    // Written anew each time: an encrypted stream cannot be continued, and open orders are few.
    await writePersonalFile(`${personalOf(path)}.part`, lock, personalLines(client));
    await rename(`${personalOf(path)}.part`, personalOf(path));
  }
  await BackupWriter.forgetJournal(path);
  const { header } = await openBackup(path);
  console.log(
    printable(
      `${quantity(lines["order"] ?? 0, "order")} in ${path}${lock === null ? "" : ` and ${personalOf(path)}`}.`,
    ),
  );
  console.log(
    header.fenced
      ? "The Worker was fenced: the backup is complete."
      : colors.yellow("The Worker was running: import treats orders that waited as possibly sent."),
  );
  return 0;
}

async function verify(settings: Settings): Promise<number> {
  const backup = await openBackup(fileOf(settings, "npm run ledger -- verify backup.ndjson"));
  const { orders } = await survey(backup);
  console.log(`${colors.green("✔")} ${printable(backup.path)} is complete: ${quantity(orders, "order")}.`);
  if (settings.url === null) return 0;
  const merged = await compareBackup(clientOf(settings.url), backup);
  const missing = merged.added + merged.advanced;
  console.log(
    missing === 0
      ? `${colors.green("✔")} The Worker knows all of it.`
      : `${colors.red("✘")} The Worker lacks ${quantity(merged.added, "order")} and is behind on ${merged.advanced.toLocaleString("en")}. Import the backup.`,
  );
  return missing === 0 ? 0 : 1;
}

async function runImport(settings: Settings): Promise<number> {
  const path = fileOf(settings, "npm run ledger -- import backup.ndjson --url https://…");
  const url = urlOf(settings);
  const client = clientOf(url);
  const backup = await openBackup(path);
  const { days } = await survey(backup);
  await expectYes(
    settings,
    `Merge ${printable(path)} into ${url.origin}? It sends nothing until you resume it.`,
  );
  const key = settings.personal ? await readOpeningKey() : null;
  // The audiences' hashes match nothing without their key, so the key goes first.
  if (key !== null) await importPersonal(client, personalOf(path), key, "audience-key");
  const merged = await importBackup(client, url, backup, days);
  if (key !== null) await importPersonal(client, personalOf(path), key, "personal");
  report(merged);
  console.log(
    backup.header.fenced
      ? "The Worker is paused. Switch the sender's URL to it, then resume: POST /resume, or the button on /status."
      : colors.yellow(
          "The backup comes from a running Worker: reconcile with Trustpilot's list before you resume. /status names the days.",
        ),
  );
  return 0;
}

async function fence(settings: Settings): Promise<number> {
  const client = clientOf(urlOf(settings));
  await expectYes(
    settings,
    "Fence the Worker? It answers 503 until you unfence it; Segment repeats for four hours.",
  );
  let { sending } = await client.call<{ sending: number }>("fence");
  // What is out comes back within seconds; a backup written before would have to call it unknown.
  for (let tries = 0; sending > 0 && tries < 60; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    ({ sending } = await client.call<{ sending: number }>("fence"));
  }
  console.log(
    `The Worker is fenced: it accepts and sends nothing.${sending > 0 ? ` Still out: ${sending}.` : ""}`,
  );
  return 0;
}

async function unfence(settings: Settings): Promise<number> {
  const client = clientOf(urlOf(settings));
  await expectYes(
    settings,
    "Unfence the Worker? If its backup has been imported elsewhere and resumed there, orders that wait here are invited a second time.",
  );
  await client.call("unfence");
  console.log("The Worker accepts and sends again.");
  return 0;
}

async function state(settings: Settings): Promise<number> {
  const { shops } = await clientOf(urlOf(settings)).call<WorkerState>("state");
  for (const { shop, ledgers, fenced, sending, paused } of shops) {
    const is = fenced ? "fenced" : paused ? "paused" : "running";
    console.log(`${shop ?? "default shop"}: ${quantity(ledgers, "ledger")}, ${is}, ${sending} being sent`);
  }
  return 0;
}

function report({ added, advanced, unchanged }: Merged): void {
  console.log(
    `${quantity(added, "order")} added, ${advanced.toLocaleString("en")} moved forward, ${unchanged.toLocaleString("en")} unchanged.`,
  );
}

async function readLock(recipient: string | undefined): Promise<Lock> {
  if (recipient !== undefined) return { recipient };
  return { passphrase: await readPassphrase("A passphrase for the personal data (at least 16 characters)") };
}

async function readOpeningKey(): Promise<string> {
  return process.env["LEDGER_IDENTITY"] || readPassphrase("The passphrase of the personal data");
}

/** @throws UserError when the answer is no, or there is no terminal to ask at */
async function expectYes({ yes }: Settings, message: string): Promise<void> {
  if (yes) return;
  if (!isTerminal()) throw new UserError(`${message} Add --yes to say so without a terminal.`);
  const answer = await confirm({ message, initialValue: false });
  if (isCancel(answer) || !answer) throw new UserError("Cancelled. Nothing was changed.");
}

function clientOf(url: URL): LedgerClient {
  const secret = process.env["LEDGER_SECRET"];
  const openers = { ledgerSecret: secret ?? null, access: readAccessToken() };
  if (secret) return new LedgerClient(url, openers, (why) => console.error(`Waiting: ${why}`));
  throw new UserError("Set LEDGER_SECRET in the environment, as it is set in the Worker.");
}

function urlOf({ url }: Settings): URL {
  if (url !== null) return url;
  throw new UserError("Name the deployment: --url https://…");
}

function fileOf({ file }: Settings, example: string): string {
  if (file !== undefined) return file;
  throw new UserError(`Name the file: ${example}`);
}

function personalOf(path: string): string {
  return `${path}.personal.age`;
}
