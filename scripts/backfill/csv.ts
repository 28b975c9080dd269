/**
 * The rows of a CSV. What makes the rest of the file unreadable, such as a quote that never ends, is a `UserError`
 * with its line.
 */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { quantity } from "../../src/lib/format.ts";
import { UserError } from "../lib/command.ts";
import { LONGEST_ROW, NOT_UTF8, type Input, type Row } from "./row.ts";

type File = Pick<Input, "path" | "delimiter" | "hasSeparatorLine">;

type CsvRecord = { raw: string; record: string[]; info: { lines: number } };

/** @returns the names of the columns @throws UserError when there are none */
export async function readHeader(file: File): Promise<string[]> {
  for await (const { record } of readRecords(file, () => {})) return record.map((name) => name.trim());
  throw new UserError(`${file.path} has no line with the names of its columns.`);
}

/** @param onBytes is told each chunk as it is read */
export async function* readCsv(input: Input, onBytes: (chunk: Buffer) => void): AsyncGenerator<Row> {
  const { columns } = input;
  let isHeader = true;
  for await (const { record, line } of readRecords(input, onBytes)) {
    if (isHeader) {
      isHeader = false;
    } else if (record.length !== columns.length) {
      const problem = `has ${quantity(record.length, "field")}, the header has ${columns.length}`;
      yield { kind: "broken", line, problem };
    } else if (record.some((value) => value.includes("\uFFFD"))) {
      yield { kind: "broken", line, problem: NOT_UTF8 };
    } else {
      const fields = columns.map((name, index): [string, string] => [name, record[index]!]);
      yield { kind: "record", line, record: Object.fromEntries(fields) };
    }
  }
}

/** The header and the rows, each with the line that it begins on; a `sep=` line is left out. */
async function* readRecords(
  file: File,
  onBytes: (chunk: Buffer) => void,
): AsyncGenerator<{ record: string[]; line: number }> {
  const { records, lastLine } = parseFile(file, onBytes);
  let line = 1;
  let skip = file.hasSeparatorLine;
  const proper = properQuotes(file.delimiter);
  try {
    for await (const { raw, record, info } of records) {
      if (raw.includes('"') && raw.replace(proper, "").includes('"'))
        throw new UserError(`${file.path}: line ${line} ${QUOTE_INSIDE}`);
      if (!skip) yield { record, line };
      skip = false;
      line = info.lines + 1;
    }
  } catch (error) {
    throw explain(error, file.path, lastLine());
  }
}

/** @returns the records, and on which line the last one ended that the parser has come across, read or not */
function parseFile({ path, delimiter }: File, onBytes: (chunk: Buffer) => void) {
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
    raw: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  // Errors of any part reach the reader of the parser.
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

/**
 * The fields whose quotes are as CSV wants them: where one is not, fields may be in the wrong places. Spreadsheets'
 * formulas (`="000123"`) are read as they stand: only in an order id do they matter.
 */
function properQuotes(delimiter: string): RegExp {
  const ends = `\\r\\n\\u${delimiter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return new RegExp(`(?<![^${ends}\\uFEFF])=?"(?:[^"]|"")*"(?=[${ends}]|$)`, "g");
}

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
