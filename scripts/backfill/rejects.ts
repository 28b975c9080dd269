/** The rows that were not taken, with line and reason: a CSV that a spreadsheet opens. Holds no personal data. */
import { createWriteStream, type WriteStream } from "node:fs";
import { rm, truncate } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { printable } from "../lib/printable.ts";

const HEADER = toRow(["line", "order_id", "reason"]);

export class Rejects {
  readonly path: string;
  #stream: WriteStream | undefined;
  #bytes = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param bytes how much of it an earlier run had accounted for; the rest is written again */
  static async open(input: string, bytes: number): Promise<Rejects> {
    const rejects = new Rejects(`${input}.rejects.csv`);
    if (bytes === 0) await rm(rejects.path, { force: true });
    else await truncate(rejects.path, bytes);
    rejects.#bytes = bytes;
    return rejects;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves when it is written: the journal must never be ahead. */
  async add(rows: { line: number; orderId: string; reason: string }[]): Promise<void> {
    if (rows.length === 0) return;
    const lines = rows.map(({ line, orderId, reason }) => toRow([String(line), orderId, reason]));
    const text = Buffer.from((this.#bytes === 0 ? HEADER : "") + lines.join(""));
    this.#stream ??= createWriteStream(this.path, { flags: "a" });
    await new Promise<void>((written, failed) =>
      this.#stream!.write(text, (error) => (error ? failed(error) : written())),
    );
    this.#bytes += text.length;
  }

  async close(): Promise<void> {
    if (this.#stream === undefined) return;
    this.#stream.end();
    await finished(this.#stream);
  }
}

function toRow(fields: string[]): string {
  return `${fields.map(toField).join(",")}\n`;
}

/** Quoted always: no delimiter of any spreadsheet ends it. What begins like a formula must not become one. */
function toField(text: string): string {
  const plain = printable(text);
  const safe = /^\s*[=+\-@＝＋－＠]/.test(plain) ? `'${plain}` : plain;
  return `"${safe.replaceAll('"', '""')}"`;
}
