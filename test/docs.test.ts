/** docs/failure-modes.md and SECURITY.md name the tests that show each row: a renamed one must not leave it behind. */
import { describe, expect, it } from "vitest";
import failureModes from "../docs/failure-modes.md?raw";
import security from "../SECURITY.md?raw";

const sources = import.meta.glob<string>("./**/*.test.ts", { query: "?raw", import: "default", eager: true });

/** Only their names: nothing is loaded. */
const files = Object.keys(
  import.meta.glob(["../src/**", "../scripts/**", "./**", "../.github/**"], { query: "?raw" }),
).map((file) => file.replace(/^\.\//, "../test/"));

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

describe("SECURITY.md", () => {
  /** OWASP ASVS 5.0: how many items of levels 1 and 2 each section has; they are numbered from 1. */
  const SECTIONS =
    "1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2";
  const numbers = (section: string, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => `${section}.${from + index}`);

  it("says of every item of ASVS 5.0, levels 1 and 2, once where it is met", () => {
    const all = SECTIONS.split(" ").flatMap((entry) => {
      const [section, count] = entry.split(":");
      return numbers(section!, 1, Number(count));
    });
    const cells = [...security.matchAll(/^\| (\d[\d., -]*?) +\| (yes|partly|no|yours|–) +\| \S/gm)];
    const listed = cells.flatMap(([, items]) =>
      items!.split(", ").flatMap((range) => {
        const [, section, from, to] = /^(\d+\.\d+)\.(\d+)(?:-\1\.(\d+))?$/.exec(range)!;
        return numbers(section!, Number(from), Number(to ?? from));
      }),
    );
    expect(all).toHaveLength(253);
    expect(listed.toSorted()).toEqual(all.toSorted());
  });

  it("names no file that does not exist, and a test for every hostile input", () => {
    const named = [...security.matchAll(/`((?:src|test|scripts|\.github)\/[\w/.-]*)`/g)].map(
      ([, path]) => path!,
    );
    expect(named.length).toBeGreaterThan(100);
    const missing = named.filter((path) => !files.some((file) => file.startsWith(`../${path}`)));
    expect(missing).toEqual([]);
    const inputs = /## Hostile inputs tried\n(.*?)\n## /s.exec(security)![1]!;
    const rows = inputs.split("\n").filter((line) => /^\| (?!-|input )/.test(line));
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) expect(row).toMatch(/`test\/[\w/-]+\.test\.ts`/);
  });
});
