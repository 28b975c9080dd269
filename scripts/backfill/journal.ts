/**
 * How far a backfill has come, in a small file beside its input, so that it can go on after Ctrl-C or a crash.
 *
 * It only ever lags behind: rows are counted after they have been answered, and what is sent a second time is a
 * duplicate to the Ledger. Nothing that is lost here can make an order be invited twice.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { UserError } from "../lib/command.ts";

export interface Totals {
  accepted: number;
  duplicate: number;
  ignored: number;
  rejected: number;
  /** By the reason in words. */
  skipped: Record<string, number>;
}

export interface Progress {
  /** Rows from the start of the file that have all been answered. */
  rows: number;
  /** The length of the file of rejects at that time. */
  rejectsBytes: number;
  totals: Totals;
}

/** What has to be the same for a backfill to go on. */
export interface Identity {
  sha256: string;
  url: string;
  markOnly: boolean;
}

export const NOTHING_DONE: Progress = {
  rows: 0,
  rejectsBytes: 0,
  totals: { accepted: 0, duplicate: 0, ignored: 0, rejected: 0, skipped: {} },
};

export class Journal {
  readonly path: string;
  readonly #identity: Identity;
  #written = 0;

  constructor(input: string, identity: Identity) {
    this.path = `${input}.backfill.json`;
    this.#identity = identity;
  }

  /** How far an earlier run came. @throws UserError when the file has changed, or the journal is of another backfill */
  async read(): Promise<Progress> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch {
      return structuredClone(NOTHING_DONE);
    }
    const { identity, progress } = this.#parse(text);
    const other = (Object.keys(this.#identity) as (keyof Identity)[]).find(
      (name) => identity[name] !== this.#identity[name],
    );
    if (other === undefined) return progress;
    throw new UserError(
      `${this.path} belongs to a backfill ${DIFFERENCES[other]}. Remove it to begin again: orders that were taken are known, and are not invited twice.`,
    );
  }

  /** Never half a journal: a crash leaves the old one or the new one. */
  async write(progress: Progress): Promise<void> {
    this.#written = Date.now();
    const next = `${this.path}.next`;
    await writeFile(next, `${JSON.stringify({ identity: this.#identity, progress }, null, 2)}\n`);
    await rename(next, this.path);
  }

  /** `write`, unless that was done a moment ago. */
  async note(progress: Progress): Promise<void> {
    if (Date.now() - this.#written >= 200) await this.write(progress);
  }

  #parse(text: string): { identity: Identity; progress: Progress } {
    try {
      return JSON.parse(text) as { identity: Identity; progress: Progress };
    } catch {
      throw new UserError(`${this.path} is damaged. Remove it to begin again.`);
    }
  }
}

const DIFFERENCES: Record<keyof Identity, string> = {
  sha256: "of a file with other content",
  url: "to another address",
  markOnly: "with another --mark-only",
};
