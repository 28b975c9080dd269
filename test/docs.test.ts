/** docs/failure-modes.md names the test that shows each row: a renamed test must not leave it behind. */
import { describe, expect, it } from "vitest";
import failureModes from "../docs/failure-modes.md?raw";

const sources = import.meta.glob<string>("./**/*.test.ts", { query: "?raw", import: "default", eager: true });

/** The texts in quotes: among them the names of groups and tests, and the rows that fill `%s`. */
function textsOf(file: string): string[] {
  const source = sources[`./${file}`] ?? "";
  return [...source.matchAll(/"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'/g)].map(
    ([, double, single]) => double ?? single!,
  );
}

function isNamed(name: string, texts: string[]): boolean {
  if (texts.includes(name)) return true;
  return texts.some((text) => {
    const [before, after, ...more] = text.split(/%[sij]/);
    if (after === undefined || more.length > 0 || before!.length + after.length < 5) return false;
    const filled = name.startsWith(before!) && name.endsWith(after);
    const row = name.slice(before!.length, name.length - after.length);
    return filled && (texts.includes(row) || /^\d+$/.test(row));
  });
}

const named = [...failureModes.matchAll(/`+ ?([\w/-]+\.test\.ts) › (.+?) ?`+(?= *[|\n])/g)];

describe("docs/failure-modes.md", () => {
  it("names a test in every row", () => {
    const rows = failureModes.split("\n").filter((line) => /^\| (?!-|What)/.test(line));
    expect(rows.length).toBeGreaterThan(40);
    expect(named).toHaveLength(rows.length + 1);
  });

  it.each(named.map(([, file, path]) => [file!, path!]))("%s › %s exists", (file, path) => {
    const texts = textsOf(file);
    for (const name of path.split(" › ")) expect(isNamed(name, texts), name).toBe(true);
  });
});
