/** The figures as tables in Markdown, which a terminal shows and docs/performance.md takes as they are. */
import colors from "picocolors";
import type { Row } from "./contest.ts";
import type { GrowthRow } from "./growth.ts";
import type { Size } from "./size.ts";

export interface Report {
  /** ISO 8601. */
  date: string;
  /** Processors and Node. */
  machine: string;
  pairs: number;
  seconds: number;
  rows: Row[];
  growth: GrowthRow[];
  size: Size;
  /** Processor time of a cold start, in ms. */
  startup: number;
}

export function print({ machine, pairs, seconds, rows, growth, size, startup }: Report): void {
  const how = `${machine}; medians of ${pairs} pairs, each ${seconds} s in turns of 0.1 s`;
  heading("Throughput against the floor", how);
  table(
    ["case", "ours", "floor", "ratio", "spread", "to a floor that logs", "processor time", "wanted"],
    rows.map((row) => [
      row.name,
      `${count(row.ours)} ${row.unit}`,
      count(row.floor),
      row.ratio.toFixed(2),
      `${row.least.toFixed(2)} … ${row.most.toFixed(2)}`,
      row.ratioToLogging?.toFixed(2) ?? "",
      row.processor === null ? "" : `${row.processor.toFixed(row.processor < 1 ? 2 : 1)} ms`,
      `${row.target.toFixed(2)} ${row.ratio >= row.target ? colors.green("✔") : colors.yellow("✘")}`,
    ]),
  );
  if (growth.length > 0) {
    heading("How it grows");
    table(
      ["case", "orders in the ledger", "requests/s", "ratio to the fewest"],
      growth.map(({ name, orders, perSecond, ratio }) => [
        name,
        orders.toLocaleString("en"),
        count(perSecond),
        ratio.toFixed(2),
      ]),
    );
  }
  heading("Start", `${startup.toFixed(1)} ms of processor time`);
  heading("Size", `${kilobytes(size.bytes)} KB minified, ${kilobytes(size.gzip)} KB gzip`);
  table(
    ["part", "KB minified"],
    size.parts.map(({ name, bytes }) => [name, kilobytes(bytes)]),
  );
}

function heading(text: string, more = ""): void {
  console.log(`\n${colors.bold(text)}   ${colors.dim(more)}\n`);
}

/** The first column is text, the others are figures. */
function table(columns: string[], lines: string[][]): void {
  const rule = columns.map((_, index) => (index === 0 ? "---" : "---:"));
  for (const cells of [columns, rule, ...lines]) console.log(`| ${cells.join(" | ")} |`);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}
