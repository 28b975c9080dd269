/**
 * Merges a backup into a Worker. Every request may be repeated: the Worker merges forward, and what it knows already
 * changes nothing.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import type { Merged } from "../../src/domain/merge.ts";
import type { BodyLine } from "../../src/portable/backup-format.ts";
import { UserError } from "../lib/command.ts";
import { ProgressBar } from "../lib/progress.ts";
import { readBackup, type Backup } from "./backup-reader.ts";
import type { LedgerClient } from "./client.ts";
import { readPersonalFile } from "./personal-file.ts";

/** Lines in one request. */
const BATCH = 500;
/** Requests at the same time. */
const IN_FLIGHT = 4;

/**
 * @param days with orders that may have been sent since (see `survey`)
 * @returns what the Worker did @throws UserError when the file is damaged: nothing is lost, and a repeat continues
 */
export async function importBackup(
  client: LedgerClient,
  url: URL,
  backup: Backup,
  days: readonly string[],
): Promise<Merged> {
  const journal = new Journal(backup, url);
  const from = await journal.read();
  if (from.bytes > 0) console.error("Resuming where the import was interrupted.");
  await client.call("import/begin", { fenced: backup.header.fenced });
  const merged = await sendAll(client, backup, "import", from, journal);
  await client.call("import/end", {
    fenced: backup.header.fenced,
    audiences: backup.header.audiences,
    days,
  });
  await journal.remove();
  return merged;
}

/**
 * Reads the whole file once, so that half of a damaged one is never merged.
 *
 * @returns how many orders it holds, and the days (UTC) of those that had not ended when it was written
 */
export async function survey(backup: Backup): Promise<{ orders: number; days: string[] }> {
  const days = new Set<string>();
  let orders = 0;
  const bar = new ProgressBar("bytes", backup.bytes);
  for await (const { line, end } of readBackup(backup)) {
    if (line.kind !== "order") continue;
    orders += 1;
    bar.update(end);
    const isOpen = line.state === "held" || line.state === "sending";
    if (isOpen && line.received !== null) days.add(new Date(line.received).toISOString().slice(0, 10));
  }
  bar.stop();
  return { orders, days: [...days].toSorted() };
}

/** What an import would do. Changes nothing. */
export function compareBackup(client: LedgerClient, backup: Backup): Promise<Merged> {
  return sendAll(client, backup, "compare", { bytes: 0, added: 0, advanced: 0, unchanged: 0 }, null);
}

type Position = Merged & { bytes: number };

async function sendAll(
  client: LedgerClient,
  backup: Backup,
  path: "import" | "compare",
  from: Position,
  journal: Journal | null,
): Promise<Merged> {
  const bar = new ProgressBar("bytes", backup.bytes, from.bytes);
  const position = { ...from };
  try {
    const sent: Promise<{ merged: Merged; end: number }>[] = [];
    const settleFirst = async () => {
      const { merged, end } = await sent.shift()!;
      position.bytes = end;
      for (const kind of ["added", "advanced", "unchanged"] as const) position[kind] += merged[kind];
      await journal?.write(position);
      bar.update(end);
    };
    for await (const { lines, end } of batches(backup, from.bytes)) {
      const answer = client
        .call<Merged>(path, { fenced: backup.header.fenced, lines })
        .then((merged) => ({ merged, end }));
      // Awaited in order below; until then a failure must not count as unhandled.
      answer.catch(() => {});
      sent.push(answer);
      if (sent.length >= IN_FLIGHT) await settleFirst();
    }
    while (sent.length > 0) await settleFirst();
  } finally {
    bar.stop();
  }
  const { added, advanced, unchanged } = position;
  return { added, advanced, unchanged };
}

async function* batches(backup: Backup, after: number): AsyncGenerator<{ lines: BodyLine[]; end: number }> {
  let lines: BodyLine[] = [];
  let last = 0;
  for await (const { line, end } of readBackup(backup)) {
    if (end <= after) continue;
    lines.push(line);
    last = end;
    if (lines.length < BATCH) continue;
    yield { lines, end };
    lines = [];
  }
  if (lines.length > 0) yield { lines, end: last };
}

/** How far an import has come, in a small file beside the backup. It only ever lags behind. */
class Journal {
  readonly #path: string;
  readonly #identity: { url: string; bytes: number; written: string };

  constructor({ path, bytes, header }: Backup, url: URL) {
    this.#path = `${path}.import.json`;
    this.#identity = { url: url.href, bytes, written: header.written };
  }

  async read(): Promise<Position> {
    const start = { bytes: 0, added: 0, advanced: 0, unchanged: 0 };
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch {
      return start;
    }
    try {
      const { identity, position } = JSON.parse(text) as { identity: object; position: Position };
      return JSON.stringify(identity) === JSON.stringify(this.#identity) ? position : start;
    } catch {
      throw new UserError(`${this.#path} is damaged. Remove it and import again: nothing is taken twice.`);
    }
  }

  async write(position: Position): Promise<void> {
    await writeFile(`${this.#path}.next`, JSON.stringify({ identity: this.#identity, position }));
    await rename(`${this.#path}.next`, this.#path);
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

/** Imports one kind of lines of a file of personal data. @param key the passphrase or the age identity that opens it */
export async function importPersonal(
  client: LedgerClient,
  path: string,
  key: string,
  kind: "audience-key" | "personal",
): Promise<void> {
  let lines: object[] = [];
  const send = async () => {
    if (lines.length > 0) await client.call("import/personal", { lines });
    lines = [];
  };
  for await (const line of readPersonalFile(path, key)) {
    if (line.kind !== kind) continue;
    lines.push(line);
    if (lines.length === 100) await send();
  }
  await send();
}
