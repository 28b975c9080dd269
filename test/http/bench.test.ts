/** That the bench runs; never how fast anything is. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CASES } from "../../scripts/bench/cases.ts";
import { activeTime } from "../../scripts/bench/startup.ts";
import { runScript } from "./support/script.ts";

interface Report {
  rows: { name: string; ours: number; floor: number; ratio: number; ratioToLogging: number | null }[];
  growth: { name: string; orders: number; perSecond: number; ratio: number }[];
  startup: number;
  size: { bytes: number; gzip: number; parts: { name: string; bytes: number }[] };
}

it("the bench in its shortest form measures every case, the growth and the size", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bench-test-"));
  const file = join(folder, "figures.json");
  const short = ["--pairs", "1", "--seconds", "1", "--tombstones", "1000"];
  const { code, output } = await runScript("bench", ...short, "--json", file);
  expect(output).toContain("Throughput against the floor");
  expect(code).toBe(0);

  const { rows, growth, size, startup } = JSON.parse(await readFile(file, "utf8")) as Report;
  expect(rows.map(({ name }) => name)).toEqual([
    ...CASES.map(({ name }) => name),
    "delivery, orders drained",
  ]);
  for (const { ours, floor, ratio } of rows) {
    for (const figure of [ours, floor, ratio]) expect(figure).toBeGreaterThan(0);
  }
  expect(rows.filter(({ ratioToLogging }) => ratioToLogging !== null)).toHaveLength(3);
  const asked = [
    "/status",
    "list of orders",
    "list of one state",
    "duplicate of a moment ago",
    "duplicate of long ago",
    "new order",
  ];
  expect(growth.map(({ name, orders }) => `${name}: ${orders}`)).toEqual(
    asked.flatMap((name) =>
      [`${name}: 0`, `${name}: 1000`].filter((row) => row !== "duplicate of long ago: 0"),
    ),
  );
  // A fast start ends before the profiler's first sample.
  expect(startup).toBeGreaterThanOrEqual(0);
  expect(size.gzip).toBeLessThan(60 * 1024);
  expect(size.parts.map(({ name }) => name)).toContain("src/orders");
  await rm(folder, { recursive: true });
}, 180_000);

it("the time of a start is that of its samples, without the idle ones", () => {
  const frame = (functionName: string) => ({ callFrame: { functionName } });
  const nodes = [
    { id: 1, ...frame("(idle)") },
    { id: 2, ...frame("(program)") },
    { id: 3, ...frame("start") },
  ];
  expect(activeTime({ nodes, samples: [2, 1, 3, 3], timeDeltas: [500, 9_000, 1_000, 2_500] })).toBe(4);
  expect(activeTime({ nodes, samples: [1, 1], timeDeltas: [500, 9_000] })).toBe(0);
});

it.each([[["--pairs", "none"]], [["--seconds", "0"]], [["--colour"]]])(
  "the bench explains itself when it is told %j",
  async (options) => {
    const { code, output } = await runScript("bench", ...options);
    expect(output).toMatch(/npm run bench|--colour/);
    expect(code).toBe(1);
  },
);
