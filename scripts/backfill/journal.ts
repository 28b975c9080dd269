/**
 * How far a backfill has come, in a small file beside its input, so that it can go on after Ctrl-C or a crash.
 *
 * It only ever lags behind: rows are counted after they have been answered, and what is sent a second time is a
 * duplicate to the Ledger. Nothing that is lost here can make an order be invited twice. It also remembers the options
 * that decide what is sent, so that a file is never sent half with one map and half with another.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { UserError } from "../lib/command.ts";

export interface Totals {
  accepted: number;
  duplicate: number;
  ignored: number;
  rejected: number;
  /** By the reason in words. */
  skipped: Record<string, number>;
  leftOut: Record<string, number>;
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
}

/** The options that decide what is sent, as they were given. */
export type Choices = Partial<Record<(typeof CHOICES)[number], string | boolean | string[]>>;

export const CHOICES = [
  "from", "map", "date-format", "statuses", "event", "mark-only", "without-dates", "format", "delimiter",
] as const; // prettier-ignore

interface Written {
  identity: Identity;
  choices: Choices;
  progress: Progress;
}

const NOTHING_DONE: Progress = {
  rows: 0,
  rejectsBytes: 0,
  totals: { accepted: 0, duplicate: 0, ignored: 0, rejected: 0, skipped: {}, leftOut: {} },
};

export class Journal {
  readonly path: string;
  /** The choices of the earlier run together with those that were given now. */
  readonly choices: Choices;
  readonly #earlier: Written | null;
  #identity: Identity | null = null;
  #written = 0;

  private constructor(path: string, choices: Choices, earlier: Written | null) {
    this.path = path;
    this.choices = choices;
    this.#earlier = earlier;
  }

  /** @param given now @throws UserError when an earlier run was given others, or the journal is damaged */
  static async open(input: string, given: Choices, restart: boolean): Promise<Journal> {
    const path = `${input}.backfill.json`;
    if (restart) await rm(path, { force: true });
    const earlier = await read(path);
    for (const name of earlier === null ? [] : CHOICES) {
      const [now, then] = [given[name], earlier!.choices[name]];
      if (now === undefined || JSON.stringify(now) === JSON.stringify(then)) continue;
      throw other(path, then === undefined ? `without --${name}` : `with another --${name}: ${String(then)}`);
    }
    return new Journal(path, { ...earlier?.choices, ...given }, earlier);
  }

  /** How far an earlier run came. @throws UserError when it was with another file or to another address */
  begin(identity: Identity): Progress {
    this.#identity = identity;
    const earlier = this.#earlier;
    if (earlier === null) return structuredClone(NOTHING_DONE);
    if (earlier.identity.sha256 !== identity.sha256) throw other(this.path, "of a file with other content");
    if (earlier.identity.url !== identity.url) throw other(this.path, `to ${earlier.identity.url}`);
    return earlier.progress;
  }

  /** Never half a journal: a crash leaves the old one or the new one. */
  async write(progress: Progress): Promise<void> {
    this.#written = Date.now();
    const next = `${this.path}.next`;
    const content = { identity: this.#identity, choices: this.choices, progress };
    await writeFile(next, `${JSON.stringify(content, null, 2)}\n`);
    await rename(next, this.path);
  }

  /** `write`, unless that was done a moment ago. */
  async note(progress: Progress): Promise<void> {
    if (Date.now() - this.#written >= 200) await this.write(progress);
  }
}

async function read(path: string): Promise<Written | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Written;
  } catch {
    throw new UserError(`${path} is damaged. --restart begins again.`);
  }
}

function other(path: string, difference: string): UserError {
  return new UserError(
    `${path} belongs to a backfill ${difference}. --restart begins again: orders that were taken are known, and are not invited twice.`,
  );
}
