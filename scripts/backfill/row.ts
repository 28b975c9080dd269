/** A row of a file of past orders, and the file itself. */

/** A row that cannot be read is a row with a problem; the next one follows. */
export type Row = { line: number } & (
  { kind: "record"; record: Record<string, unknown> } | { kind: "broken"; problem: string }
);

export type Format = "csv" | "ndjson";

export interface Input {
  path: string;
  format: Format;
  /** Between the fields of a CSV. */
  delimiter: string;
  /** Whether a CSV begins with a line such as `sep=;`, as Excel reads and writes it. */
  hasSeparatorLine: boolean;
  /** The names of a CSV's columns; of NDJSON, where every line has its own, none. */
  columns: readonly string[];
}

/** No order is as long as this, in bytes; a row that is has an unclosed quote in it. */
export const LONGEST_ROW = 1024 * 1024;

export const NOT_UTF8 = "is not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8)";
