/** What was measured, as tables in Markdown, which docs/performance.md takes as they are. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import colors from "picocolors";
import type { Row } from "./contest.ts";
import type { GrowthRow } from "./growth.ts";

export interface Report {
  /** CPUs, Node and the seconds for each case. */
  conditions: string;
  rows: Row[];
  growth: GrowthRow[];
  /** Minified scripts: what loads at the start, which is all that an order needs, and everything uploaded. */
  size: { start: Size; all: Size };
}

interface Size {
  /** The scripts' names. */
  names: string[];
  bytes: number;
  gzip: number;
}

export function sizeOf(script: string): Report["size"] {
  const folder = dirname(script);
  const start = new Set([basename(script)]);
  // Without those in `import()`.
  const imports = /\b(?:from|import)"\.\/([^"]+\.mjs)"/g;
  for (const name of start) {
    for (const [, imported] of readFileSync(join(folder, name), "utf8").matchAll(imports))
      start.add(imported!);
  }
  const all = readdirSync(folder).filter((name) => name.endsWith(".mjs"));
  return { start: sizeTogether(folder, [...start]), all: sizeTogether(folder, all) };
}

/** As wrangler counts the size of an upload. */
function sizeTogether(folder: string, names: string[]): Size {
  const code = Buffer.concat(names.map((name) => readFileSync(join(folder, name))));
  return { names, bytes: code.length, gzip: gzipSync(code, { level: 9 }).length };
}

export function print({ conditions, rows, growth, size }: Report): void {
  table(
    `Throughput against the baseline   ${colors.dim(conditions)}`,
    ["case", "ours", "baseline", "ratio", "CPU time", "target"],
    rows.map(({ name, unit, ours, baseline, target }) => [
      name,
      `${count(ours.perSecond)} ${unit}`,
      count(baseline.perSecond),
      ours.ratio.toFixed(2),
      ours.cpu > 0 ? `${ours.cpu.toFixed(2)} ms` : "",
      `${target.toFixed(2)} ${ours.ratio >= target ? colors.green("✔") : colors.yellow("✘")}`,
    ]),
  );
  table(
    "Growth",
    ["case", "orders in the ledger", "requests/s", "ratio to the first"],
    growth.map(({ name, holds, result: { perSecond, ratio } }) => [
      name,
      holds,
      count(perSecond),
      ratio.toFixed(2),
    ]),
  );
  const kilobytes = (bytes: number) => (bytes / 1024).toFixed(1);
  const inWords = ({ bytes, gzip }: Size) => `${kilobytes(bytes)} KB minified, ${kilobytes(gzip)} KB gzip`;
  console.log(`\nSize at the start: ${inWords(size.start)}; with what loads on demand: ${inWords(size.all)}`);
}

/** The first column is text, the others are figures. */
function table(title: string, columns: string[], lines: string[][]): void {
  if (lines.length === 0) return;
  console.log(`\n${colors.bold(title)}\n`);
  const rule = columns.map((_, index) => (index === 0 ? "---" : "---:"));
  for (const cells of [columns, rule, ...lines]) console.log(`| ${cells.join(" | ")} |`);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
