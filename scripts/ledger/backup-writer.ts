/** Writes a backup line by line, and continues one that was interrupted. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { open, readFile, rename, rm, writeFile, type FileHandle } from "node:fs/promises";
import { UserError } from "../lib/command.ts";
import { printable, printableLines } from "../lib/printable.ts";

/** Where an export stands after its last complete page. */
interface Checkpoint {
  /** Which part of the Worker comes next: see scripts/ledger/export.ts. */
  part: number;
  after: string | null;
  bytes: number;
  lines: Record<string, number>;
}

/** What has to be the same for an export to be continued. */
interface Identity {
  url: string;
  header: string;
}

export class BackupWriter {
  readonly #path: string;
  readonly #identity: Identity;
  readonly #hash: Hash;
  readonly #file: FileHandle;
  checkpoint: Checkpoint;

  private constructor(
    path: string,
    identity: Identity,
    file: FileHandle,
    hash: Hash,
    checkpoint: Checkpoint,
  ) {
    [this.#path, this.#identity, this.#file, this.#hash] = [path, identity, file, hash];
    this.checkpoint = checkpoint;
  }

  /** The header of an unfinished export beside `path`; `null` when there is none. */
  static async unfinished(path: string): Promise<Identity | null> {
    const journal = await readJournal(path);
    return journal && journal.identity;
  }

  /** Begins a new file, or continues the one that `identity` belongs to. @throws UserError when a finished one is there */
  static async open(path: string, identity: Identity): Promise<BackupWriter> {
    const journal = await readJournal(path);
    if (journal === null && existsSync(path)) {
      throw new UserError(`${path} exists already. Name another file, or move it away.`);
    }
    const checkpoint = journal?.checkpoint ?? { part: 0, after: null, bytes: 0, lines: {} };
    const hash = createHash("sha256");
    // Before the file: a kill in between must not leave a file that seems to be another export's.
    if (journal === null) await writeJournal(path, { identity, checkpoint });
    // What was written after the last checkpoint is written again.
    const file = await open(path, checkpoint.bytes === 0 ? "w" : "r+", 0o600);
    await file.truncate(checkpoint.bytes);
    if (checkpoint.bytes > 0)
      for await (const chunk of createReadStream(path, { end: checkpoint.bytes - 1 }))
        hash.update(chunk as Buffer);
    const writer = new BackupWriter(path, identity, file, hash, checkpoint);
    if (checkpoint.bytes === 0) await writer.append(identity.header, {}, checkpoint);
    return writer;
  }

  /** Appends `lines` (without the last line break), counted in `counts`; `next` is where the export continues. */
  async append(
    lines: string,
    counts: Record<string, number>,
    next: Pick<Checkpoint, "part" | "after">,
  ): Promise<void> {
    let { bytes } = this.checkpoint;
    const total = { ...this.checkpoint.lines };
    if (lines !== "") {
      const chunk = Buffer.from(`${printableLines(lines)}\n`);
      await this.#file.write(chunk, 0, chunk.length, bytes);
      this.#hash.update(chunk);
      bytes += chunk.length;
      for (const [kind, count] of Object.entries(counts)) total[kind] = (total[kind] ?? 0) + count;
    }
    this.checkpoint = { part: next.part, after: next.after, bytes, lines: total };
    await writeJournal(this.#path, { identity: this.#identity, checkpoint: this.checkpoint });
  }

  /** Appends the trailer: the backup is complete. The journal stays, so that the command can be repeated. */
  async finish(): Promise<void> {
    const { lines, bytes } = this.checkpoint;
    const trailer = JSON.stringify({
      kind: "trailer",
      orders: lines["order"] ?? 0,
      audiences: lines["audience"] ?? 0,
      allowances: lines["allowance"] ?? 0,
      counts: lines["count"] ?? 0,
      sha256: this.#hash.digest("hex"),
    });
    await this.#file.write(`${trailer}\n`, bytes);
    await this.#file.sync();
    await this.#file.close();
  }

  /** The last thing that an export does. */
  static async forgetJournal(path: string): Promise<void> {
    await rm(journalOf(path), { force: true });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

interface Journal {
  identity: Identity;
  checkpoint: Checkpoint;
}

function journalOf(path: string): string {
  return `${path}.progress.json`;
}

async function readJournal(path: string): Promise<Journal | null> {
  const journal = journalOf(path);
  if (!existsSync(journal)) return null;
  try {
    return JSON.parse(await readFile(journal, "utf8")) as Journal;
  } catch {
    throw new UserError(`${journal} is damaged. Remove it and ${path}, then export again.`);
  }
}

/** Never half a journal: a crash leaves the old one or the new one. */
async function writeJournal(path: string, journal: Journal): Promise<void> {
  await writeFile(`${journalOf(path)}.next`, printable(JSON.stringify(journal)));
  await rename(`${journalOf(path)}.next`, journalOf(path));
}
