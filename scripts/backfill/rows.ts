/**
 * The rows of a file of past orders, one at a time: a file of any size takes the memory of one row.
 *
 * A row that cannot be read is a row with a problem, and the next one follows. What makes the rest of the file
 * unreadable (a quote that never ends, another format) is a `UserError` with its line.
 */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { UserError } from "../lib/command.ts";

export type Row = { line: number } & (
  { kind: "record"; record: Record<string, unknown> } | { kind: "broken"; problem: string }
);

export type Format = "csv" | "ndjson";

export interface Input {
  path: string;
  format: Format;
  /** Between the fields of a CSV. */
  delimiter: string;
  /** The names of a CSV's columns; of NDJSON, where every line has its own, none. */
  columns: readonly string[];
}

/** No order is as long as this, in bytes; a row that is has an unclosed quote in it. */
const LONGEST_ROW = 1024 * 1024;

/** @throws UserError when the file is none that can be read */
export async function openInput(path: string, format?: Format, delimiter?: string): Promise<Input> {
  const start = await readStart(path);
  const known = format ?? formatOf(path);
  if (known === "ndjson") return { path, format: known, delimiter: "", columns: [] };
  const input = { path, format: known, delimiter: delimiter ?? guessDelimiter(start) };
  const columns = await readHeader(input);
  return { ...input, columns };
}

/** @param onBytes is told each chunk as it is read @throws UserError when the rest of the file cannot be read */
export function readRows(input: Input, onBytes: (chunk: Buffer) => void = () => {}): AsyncGenerator<Row> {
  return input.format === "csv" ? readCsv(input, onBytes) : readNdjson(input.path, onBytes);
}

async function readStart(path: string): Promise<Buffer> {
  const buffer = Buffer.alloc(64 * 1024);
  try {
    await using file = await open(path);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
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
function guessDelimiter(start: Buffer): string {
  const [header = ""] = start.toString("utf8").split(/\r?\n/, 1);
  const bare = header.replace(/"[^"]*"/g, "");
  const columns = (delimiter: string) => bare.split(delimiter).length;
  return [",", ";", "\t", "|"].reduce((best, next) => (columns(next) > columns(best) ? next : best));
}

type CsvRecord = { record: string[]; info: { lines: number } };

/** @returns the records, and on which line the last one ended that the parser has come across, read or not */
function parseCsv({ path, delimiter }: Pick<Input, "path" | "delimiter">, onBytes: (chunk: Buffer) => void) {
  let lastLine = 0;
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    max_record_size: LONGEST_ROW,
    on_record: (record, { lines }) => {
      lastLine = lines;
      return record;
    },
    relax_column_count: true,
    skip_empty_lines: true,
  });
  // Errors of any part arrive at whoever reads the parser.
  pipeline(
    createReadStream(path, { highWaterMark: 256 * 1024 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        onBytes(chunk);
        yield chunk;
      }
    },
    parser,
    () => {},
  );
  return { records: parser as AsyncIterable<CsvRecord>, lastLine: () => lastLine };
}

async function readHeader(input: Pick<Input, "path" | "delimiter">): Promise<string[]> {
  const { records, lastLine } = parseCsv(input, () => {});
  try {
    for await (const { record } of records) return record.map((name) => name.trim());
  } catch (error) {
    throw explain(error, input.path, lastLine());
  }
  throw new UserError(`${input.path} has no line with the names of its columns.`);
}

async function* readCsv(input: Input, onBytes: (chunk: Buffer) => void): AsyncGenerator<Row> {
  const { columns } = input;
  const { records, lastLine } = parseCsv(input, onBytes);
  let last = 0;
  try {
    for await (const { record, info } of records) {
      const line = last + 1;
      const isHeader = last === 0;
      last = info.lines;
      if (isHeader) continue;
      if (record.length !== columns.length) {
        const problem = `has ${count(record.length, "field")}, the header has ${columns.length}`;
        yield { kind: "broken", line, problem };
      } else if (record.some((value) => value.includes("\uFFFD"))) {
        yield { kind: "broken", line, problem: NOT_UTF8 };
      } else {
        const fields = columns.map((name, index): [string, string] => [name, record[index]!]);
        yield { kind: "record", line, record: Object.fromEntries(fields) };
      }
    }
  } catch (error) {
    throw explain(error, input.path, lastLine());
  }
}

async function* readNdjson(path: string, onBytes: (chunk: Buffer) => void): AsyncGenerator<Row> {
  let line = 0;
  for await (const text of readLines(path, onBytes)) {
    line += 1;
    if (text.trim() === "") continue;
    if (text.includes("\uFFFD")) yield { kind: "broken", line, problem: NOT_UTF8 };
    else yield { line, ...readJson(text) };
  }
}

function readJson(text: string) {
  try {
    const record = JSON.parse(text) as unknown;
    if (typeof record === "object" && record !== null && !Array.isArray(record)) {
      return { kind: "record", record: record as Record<string, unknown> } as const;
    }
  } catch {
    // The parser's own words quote the row, which holds personal data.
    return { kind: "broken", problem: "is not JSON" } as const;
  }
  return { kind: "broken", problem: "is no JSON object" } as const;
}

/** Only at line feeds: node:readline also breaks at U+2028, which JSON allows inside a text. */
async function* readLines(path: string, onBytes: (chunk: Buffer) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let line = 1;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    onBytes(chunk);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
    line += lines.length;
    if (rest.length > LONGEST_ROW) throw new UserError(`${path}: line ${line} is longer than 1 MB.`);
  }
  if (rest !== "") yield rest;
}

const NOT_UTF8 = "is not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8)";

/** @param lastLine where the row before ended */
function explain(error: unknown, path: string, lastLine: number): unknown {
  if (!(error instanceof CsvError)) return error;
  const problem = CSV_PROBLEMS[error.code] ?? `cannot be read (${error.code}).`;
  return new UserError(`${path}: line ${lastLine + 1} ${problem}`);
}

const QUOTE_INSIDE =
  'has a quote inside a field. Such a field is written in quotes, and a quote in it twice: "5"" pipe".';

const CSV_PROBLEMS: Partial<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "opens a quote that is never closed.",
  CSV_MAX_RECORD_SIZE: "begins a row of more than 1 MB: most likely a quote is never closed.",
  INVALID_OPENING_QUOTE: QUOTE_INSIDE,
  CSV_INVALID_CLOSING_QUOTE: QUOTE_INSIDE,
};

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
