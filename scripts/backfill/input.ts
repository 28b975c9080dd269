/** A file of past orders: what it is, and its rows one at a time, so that a file of any size takes little memory. */
import { open } from "node:fs/promises";
import { UserError } from "../lib/command.ts";
import { readCsv, readHeader } from "./csv.ts";
import { readNdjson } from "./ndjson.ts";
import type { Format, Input, Row } from "./row.ts";

/** @throws UserError when the file cannot be read */
export async function openInput(path: string, format?: Format, delimiter?: string): Promise<Input> {
  const start = await readStart(path);
  const known = format ?? formatOf(path);
  if (known === "ndjson") {
    return { path, format: known, delimiter: "", hasSeparatorLine: false, columns: [] };
  }
  const lines = start
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/, 2);
  const separator = /^"?sep=(.)"?\s*$/i.exec(lines[0]!)?.[1];
  const header = separator === undefined ? lines[0]! : (lines[1] ?? "");
  const input = {
    path,
    format: known,
    delimiter: delimiter ?? separator ?? guessDelimiter(header),
    hasSeparatorLine: separator !== undefined,
  };
  return { ...input, columns: await readHeader(input) };
}

/** @param onBytes is told each chunk as it is read @throws UserError when the rest of the file cannot be read */
export function readRows(input: Input, onBytes: (chunk: Buffer) => void = () => {}): AsyncGenerator<Row> {
  return input.format === "csv" ? readCsv(input, onBytes) : readNdjson(input.path, onBytes);
}

async function readStart(path: string): Promise<Buffer> {
  const buffer = Buffer.alloc(64 * 1024);
  try {
    const file = await open(path);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0).finally(() => file.close());
    const start = buffer.subarray(0, bytesRead);
    const problem = foreignFormat(start);
    if (problem !== null) throw new UserError(`${path} ${problem}`);
    return start;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function foreignFormat(start: Buffer): string | null {
  const hex = start.subarray(0, 4).toString("hex");
  if (start.length === 0) return "is empty.";
  if (hex.startsWith("fffe") || hex.startsWith("feff"))
    return "is UTF-16. Save it as UTF-8 (in Excel: CSV UTF-8).";
  if (hex.startsWith("1f8b")) return "is compressed. Unpack it first: gunzip keeps the name without .gz.";
  if (hex === "504b0304") return "is a workbook or an archive. Save the sheet as CSV UTF-8.";
  return null;
}

function formatOf(path: string): Format {
  if (/\.(csv|tsv|txt)$/i.test(path)) return "csv";
  if (/\.(ndjson|jsonl|json)$/i.test(path)) return "ndjson";
  throw new UserError(`${path}: its name does not say what it is. Add --format csv or --format ndjson.`);
}

/** The separator that the header line has most of, outside of quotes. */
function guessDelimiter(header: string): string {
  const bare = header.replace(/"[^"]*"/g, "");
  const columns = (delimiter: string) => bare.split(delimiter).length;
  return [",", ";", "\t", "|"].reduce((best, next) => (columns(next) > columns(best) ? next : best));
}
