/** That the check of `npm run lint` sees an import against the direction of .dependency-cruiser.js, and that names say one thing. */
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { ROOT } from "../../scripts/lib/root.ts";

/** A project with two files, checked by the real rules. */
let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "layers-"));
  for (const shared of [".dependency-cruiser.js", "tsconfig.json", "package.json", "node_modules"]) {
    await symlink(join(ROOT, shared), join(project, shared));
  }
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function plant(path: string, text: string): Promise<void> {
  await mkdir(join(project, dirname(path)), { recursive: true });
  await writeFile(join(project, path), text);
}

/** Runs the part of `npm run lint` that checks imports. */
async function check(): Promise<{ code: number; output: string }> {
  const line = /depcruise .*/.exec(packageJson.scripts.lint)![0];
  return promisify(execFile)("sh", ["-c", line], { cwd: project }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, output: error.stdout }),
  );
}

const FORBIDDEN = [
  ["an import type upwards", "domain/planted.ts", "ledger/ledger.ts", "domain/ imports nothing above it"],
  [
    "one from the lowest layer",
    "lib/planted.ts",
    "config/config.ts",
    "lib/ version.ts imports nothing above it",
  ],
  [
    "one Durable Object importing another",
    "alerts/planted.ts",
    "ledger/ledger.ts",
    "ledger/ alerts/ allowance/ audiences/ registry/ attempts/ tokens/ do not import each other",
  ],
] as const;

it("the check fails for an import type upwards, one from the lowest layer, and one Durable Object importing another", async () => {
  for (const [, from, to] of FORBIDDEN) {
    await plant(`src/${to}`, "export interface Target {}\n");
    await plant(`src/${from}`, `import type { Target } from "../${to}";\nexport type Planted = Target;\n`);
  }
  const { code, output } = await check();
  for (const [what, from, to, rule] of FORBIDDEN)
    expect(output, what).toContain(`error ${rule}: src/${from} → src/${to}\n`);
  // As many as it found.
  expect(code).toBe(FORBIDDEN.length);
});

it("CONTRIBUTING.md shows the same layers in the same order", async () => {
  const rules = await readFile(join(ROOT, ".dependency-cruiser.js"), "utf8");
  const layers = [...rules.matchAll(/^ {2}\["(.+)", "(.+)"\],$/gm)].map(
    ([, places, what]) => `${places} ${what}`,
  );
  const diagram = /^src\/\n([^`]*)/m.exec(await readFile(join(ROOT, "CONTRIBUTING.md"), "utf8"))![1]!;
  expect(layers.length).toBeGreaterThan(10);
  expect(
    diagram
      .trim()
      .split("\n")
      .map((line) => line.trim().replace(/ +/g, " ")),
  ).toEqual(layers);
});

describe("in src/", () => {
  const sources = globSync("src/**/*.{ts,tsx}", { cwd: ROOT });
  const twice = (names: string[]) => [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];

  it("no two files have the same name", () => {
    expect(sources.length).toBeGreaterThan(200);
    expect(twice(sources.map((path) => basename(path)))).toEqual([]);
  });

  it("no two types have the same name", async () => {
    const declared = /^(?:export )?(?:interface|class|type) (\w+)/gm;
    const texts = await Promise.all(sources.map((path) => readFile(join(ROOT, path), "utf8")));
    const types = texts.flatMap((text) => [...text.matchAll(declared)].map(([, name]) => name!));
    expect(types.length).toBeGreaterThan(200);
    expect(twice(types)).toEqual([]);
  });
});

it("the check passes for an import type downwards", async () => {
  await plant("src/domain/target.ts", "export interface Target {}\n");
  await plant(
    "src/ledger/planted.ts",
    'import type { Target } from "../domain/target.ts";\nexport type Planted = Target;\n',
  );
  expect((await check()).code).toBe(0);
});
