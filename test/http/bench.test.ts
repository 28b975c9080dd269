/** That the bench runs; never how fast anything is. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CASES } from "../../scripts/bench/cases.ts";
import type { Report } from "../../scripts/bench/report.ts";
import { runScript } from "./support/script.ts";

it("the bench in its shortest form measures every case, the growth and the size", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bench-test-"));
  const file = join(folder, "figures.json");
  const { code, output } = await runScript("bench", "--seconds", "0.02", "--growth", "200", "--json", file);
  expect(output).toContain("Throughput against the baseline");
  expect(code).toBe(0);

  const { rows, growth, size } = JSON.parse(await readFile(file, "utf8")) as Report;
  expect(rows.map(({ name }) => name)).toEqual([
    ...CASES.map(({ name }) => name),
    "delivery, orders drained",
  ]);
  for (const { ours, baseline } of rows) {
    for (const figure of [ours.perSecond, ours.ratio, baseline.perSecond]) expect(figure).toBeGreaterThan(0);
  }
  const asked = [
    "/status",
    "list of orders",
    "list of one state",
    "recent duplicate",
    "old duplicate",
    "new order",
  ];
  const ledgers = ["0", "200 done", "200 waiting"];
  expect(growth.map(({ name, holds }) => `${name}: ${holds}`)).toEqual(
    asked.flatMap((name) =>
      name === "old duplicate" ? "old duplicate: 200 done" : ledgers.map((holds) => `${name}: ${holds}`),
    ),
  );
  expect(size.start.gzip).toBeGreaterThan(0);
  expect(size.all.gzip).toBeGreaterThan(size.start.gzip);
  await rm(folder, { recursive: true });
}, 300_000);

it.each([
  [["--seconds", "0"], '--seconds must be a number from 0.01 to 3600, not "0".'],
  [["--growth", "none"], '--growth must be a whole number from 0 to 10000000, not "none".'],
  [["--only", "nothing"], 'No case has "nothing" in its name.'],
])("the bench does not take %j", async (options, message) => {
  const { code, output } = await runScript("bench", ...options);
  expect(output).toContain(message);
  expect(code).toBe(1);
});
