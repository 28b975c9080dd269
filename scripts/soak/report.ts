/** What a soak found, as tables. */
import colors from "picocolors";

/** Enough to see the kind of fault. */
const PROBLEMS_SHOWN = 20;

type Section = readonly [title: string, rows: Iterable<readonly [name: string, value: string | number]>];

export function printReport(sections: readonly Section[], problems: readonly string[]): void {
  for (const [title, rows] of sections) {
    console.log(`\n${colors.bold(title)}`);
    for (const [name, value] of rows) console.log(`  ${name.padEnd(32)}${String(value).padStart(8)}`);
  }
  console.log();
  for (const problem of problems.slice(0, PROBLEMS_SHOWN)) console.log(colors.red(`✘ ${problem}`));
  const more = problems.length - PROBLEMS_SHOWN;
  if (more > 0) console.log(colors.red(`✘ … and ${more} more.`));
  if (problems.length === 0) {
    console.log(colors.green("✔ Every order has ended, and none was invited twice."));
  }
}

/** Counts, the most frequent first. */
export function byFrequency(counts: Iterable<readonly [string, number]>): [string, number][] {
  return [...counts]
    .map(([name, count]): [string, number] => [name, count])
    .toSorted(([, a], [, b]) => b - a);
}
