/** Reads a backup line by line in constant memory, and finds whatever is wrong with it. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import * as v from "valibot";
import { ledgerName } from "../../src/domain/shard.ts";
import { BodyLine, Header, Trailer } from "../../src/portable/backup-format.ts";
import { UserError } from "../lib/command.ts";

export interface Backup {
  path: string;
  header: Header;
  /** Of the whole file. */
  bytes: number;
}

interface ReadLine {
  line: BodyLine;
  /** Where the next line begins, in bytes from the start of the file. */
  end: number;
}

/** @throws UserError when the file is no backup */
export async function openBackup(path: string): Promise<Backup> {
  const { size } = await stat(path).catch(() => {
    throw new UserError(`${path} cannot be read. Is the name right?`);
  });
  for await (const { text } of linesOf(path)) {
    const header = v.safeParse(Header, parse(text));
    if (header.success) return { path, header: header.output, bytes: size };
    break;
  }
  throw new UserError(`${path} is not a backup of this format: its first line is no header.`);
}

/**
 * The lines between header and trailer.
 *
 * @throws UserError at the first line that is damaged, out of place or missing: names the line
 */
export async function* readBackup({ path, header }: Backup): AsyncGenerator<ReadLine> {
  const hash = createHash("sha256");
  const counts = { order: 0, audience: 0, allowance: 0, count: 0 };
  const ascending = new Ascending(header);
  let trailer: Trailer | null = null;
  let number = 0;
  for await (const { text, raw, end } of linesOf(path)) {
    number += 1;
    if (trailer !== null) throw damaged(path, number, "there is text after the trailer");
    const json = parse(text);
    const last = v.safeParse(Trailer, json);
    if (last.success) {
      trailer = last.output;
      continue;
    }
    hash.update(raw);
    if (number === 1) continue;
    const line = v.safeParse(BodyLine, json);
    if (!line.success) throw damaged(path, number, line.issues[0].message);
    if (line.output.kind === "order" && !ascending.add(line.output)) {
      throw damaged(path, number, "its order is repeated or out of place");
    }
    counts[line.output.kind] += 1;
    yield { line: line.output, end };
  }
  if (trailer === null) throw new UserError(`${path} is incomplete: it has no trailer. Export again.`);
  const right =
    trailer.sha256 === hash.digest("hex") &&
    trailer.orders === counts.order &&
    trailer.audiences === counts.audience &&
    trailer.allowances === counts.allowance &&
    trailer.counts === counts.count;
  if (!right) throw new UserError(`${path} is damaged: its content does not match its trailer.`);
}

/** Each ledger writes its orders in ascending order, so that a repeated one is found without remembering all. */
class Ascending {
  readonly #ledgers: ReadonlyMap<string | null, number>;
  readonly #ended = new Set<string>();
  #run = "";
  #last: Buffer = Buffer.alloc(0);

  constructor({ shops }: Header) {
    this.#ledgers = new Map(shops.map(({ shop, ledgers }) => [shop, ledgers]));
  }

  add({ shop, orderId }: { shop: string | null; orderId: string }): boolean {
    const ledgers = this.#ledgers.get(shop);
    if (ledgers === undefined) return false;
    const run = `${shop ?? ""}:${ledgerName(orderId, ledgers)}`;
    const bytes = Buffer.from(orderId);
    const follows = run === this.#run ? Buffer.compare(this.#last, bytes) < 0 : !this.#ended.has(run);
    if (run !== this.#run) this.#ended.add(this.#run);
    [this.#run, this.#last] = [run, bytes];
    return follows;
  }
}

async function* linesOf(path: string): AsyncGenerator<{ text: string; raw: Buffer; end: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let end = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let at = rest.indexOf(0x0a); at !== -1; at = rest.indexOf(0x0a, start)) {
      const raw = rest.subarray(start, at + 1);
      start = at + 1;
      end += raw.length;
      yield { text: raw.toString("utf8", 0, raw.length - 1), raw, end };
    }
    rest = rest.subarray(start);
  }
  if (rest.length > 0) throw new UserError(`${path} is incomplete: its last line has no end. Export again.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function damaged(path: string, line: number, why: string): UserError {
  return new UserError(`${path}, line ${line}: ${why}.`);
}
