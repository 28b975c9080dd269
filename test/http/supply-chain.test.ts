/** What is installed, and what of it may do something. */
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { ROOT } from "../../scripts/lib/root.ts";

const run = promisify(execFile);

describe("a package with install scripts", () => {
  let project: string;
  beforeEach(async () => {
    project = await mkdtemp(join(tmpdir(), "supply-chain-"));
    const malicious = join(project, "malicious");
    await mkdir(malicious);
    const scripts = Object.fromEntries(
      ["preinstall", "install", "postinstall"].map((name) => [name, "echo ran >> ../ran.txt"]),
    );
    await writeFile(
      join(malicious, "package.json"),
      JSON.stringify({ name: "malicious", version: "1.0.0", scripts }),
    );
    const dependencies = { malicious: "file:malicious" };
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "project", dependencies }));
  });
  afterEach(() => rm(project, { recursive: true, force: true }));

  // npm hands its settings on to what it starts, as it has started these tests.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const install = () => run("npm", ["install", "--offline", "--no-audit"], { cwd: project, env });
  const files = () => readdir(project);

  it("runs none of them under this project's .npmrc", async () => {
    await copyFile(join(ROOT, ".npmrc"), join(project, ".npmrc"));
    await install();
    expect(await files()).toContain("node_modules");
    expect(await files()).not.toContain("ran.txt");
  });

  it("would run them without it", async () => {
    await install();
    expect(await files()).toContain("ran.txt");
  });
});

it("every package is pinned by a checksum, and nothing is installed from anywhere but the registry", async () => {
  const lock = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { integrity?: string; resolved?: string; version?: string; inBundle?: boolean }>;
  };
  const { "": own, ...packages } = lock.packages;
  expect(own).toBeDefined();
  for (const [name, { integrity, resolved = "https://registry.npmjs.org/" }] of Object.entries(packages)) {
    expect(integrity, name).toMatch(/^sha512-/);
    expect(resolved, name).toMatch(/^https:\/\/registry\.npmjs\.org\//);
  }
});

it("every action of every workflow is pinned by a commit", async () => {
  const folder = join(ROOT, ".github/workflows");
  for (const name of await readdir(folder)) {
    const uses = [...(await readFile(join(folder, name), "utf8")).matchAll(/\buses: *(.*)/g)].map(
      ([, what]) => what!,
    );
    expect(uses.length, name).toBeGreaterThan(0);
    for (const what of uses) expect(what).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  }
});

it("no workflow may write anything or keeps its token, and each checks and lists what ships", async () => {
  const folder = join(ROOT, ".github/workflows");
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), "utf8");
    expect(text.match(/^permissions:\n(?: {2}.*\n)+/gm), name).toEqual(["permissions:\n  contents: read\n"]);
    expect(text, name).not.toMatch(/write|secrets\.|pull_request_target|github\.event/);
    expect(text.match(/actions\/checkout@.*\n +with:\n +persist-credentials: false/g)).toHaveLength(
      text.match(/actions\/checkout@/g)!.length,
    );
    for (const step of ["npm ci", "npm run check", "npm audit --omit=dev", "npm sbom --omit=dev"])
      expect(text, name).toContain(`run: ${step}`);
  }
});

it("docs/licences.md lists every package that ships, with its licence, and no other", async () => {
  const browser = await build({
    entryPoints: [join(ROOT, "src/status/browser/page.ts"), join(ROOT, "src/status/browser/chart.ts")],
    outdir: "unused",
    bundle: true,
    write: false,
    metafile: true,
  });
  const maps = globSync(join(dirname(inject("workerScript")), "*.map"));
  const worker = await Promise.all(
    maps.map(async (map) => (JSON.parse(await readFile(map, "utf8")) as { sources: string[] }).sources),
  );
  const sources = [...Object.keys(browser.metafile.inputs), ...worker.flat()];
  const packages = sources.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  const shipped = await Promise.all(
    [...new Set(packages)].toSorted().map(async (name) => {
      const file = await readFile(join(ROOT, "node_modules", name, "package.json"), "utf8");
      return [name, (JSON.parse(file) as { license: string }).license];
    }),
  );
  expect(shipped.length).toBeGreaterThan(3);
  const list = await readFile(join(ROOT, "docs/licences.md"), "utf8");
  expect([...list.matchAll(/^\| `([^`]+)` +\| (\S+)/gm)].map(([, name, licence]) => [name, licence])).toEqual(
    shipped,
  );
});
