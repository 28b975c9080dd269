/**
 * How fast it is, as a ratio to a floor that does the least possible (scripts/bench/floor), measured in the same
 * run and in turns, so that a noisy machine disturbs both alike. Throughput of one machine in requests a second says
 * little; the ratio says how much of the platform's speed is left.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { CASES } from "./bench/cases.ts";
import { contest, contestOfDelivery, contestTicks, DELIVERY } from "./bench/contest.ts";
import { growth, growthTicks } from "./bench/growth.ts";
import { print, type Report } from "./bench/report.ts";
import { measureSize } from "./bench/size.ts";
import { measureStartup } from "./bench/startup.ts";
import { startStandIn } from "./lib/stand-in.ts";
import { bundle, ROOT } from "./lib/workerd.ts";

const HELP = `npm run bench [-- options]

Measures the bundled Worker against a floor: the least that any implementation must do. About twenty minutes.

  --pairs N      pairs a case; in each, both have their time in turns (default 7)
  --seconds N    seconds for each of a pair (default 3)
  --only TEXT    only cases whose name contains TEXT
  --tombstones N for the growth, the largest number of orders in a ledger (default 1000000; 0 leaves growth out)
  --json FILE    write the figures to FILE as well
  --help         this text`;

const { values: options } = parseArgs({
  options: {
    pairs: { type: "string", default: "7" },
    seconds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    tombstones: { type: "string", default: "1000000" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
const [pairs, seconds, tombstones] = [options.pairs, options.seconds, options.tombstones].map(
  (value, index) => {
    if (/^\d+(\.\d+)?$/.test(value) && (index === 2 || Number(value) > 0)) return Number(value);
    console.error(`"${value}" is not a number that fits here.\n\n${HELP}`);
    process.exit(1);
  },
) as [number, number, number];

process.env["WORKERD"] = createRequire(import.meta.url)("workerd").default;
process.env["MINIFLARE_WORKERD_PATH"] = join(ROOT, "scripts/bench/quiet-workerd.sh");
const folder = await mkdtemp(join(tmpdir(), "bench-"));
const standIn = await startStandIn();
const scripts = {
  ours: await bundle("wrangler.toml", "build/bench", "--minify", "--metafile"),
  floor: await bundle("scripts/bench/floor/wrangler.toml", "build/floor", "--minify"),
};
const cases = CASES.filter(({ name }) => name.includes(options.only));
const delivery = DELIVERY.includes(options.only);
const bar = new SingleBar({
  format: ` {bar} {percentage}% | {what} | {eta_formatted} left`,
  barCompleteChar: "█",
  barIncompleteChar: "░",
  noTTYOutput: false,
});
const tick = (what: string) => bar.increment(1, { what });
bar.start(contestTicks(cases.length, delivery, pairs) + growthTicks(tombstones, pairs), 0, {
  what: "starting",
});

const common = { folder, pairs, seconds, tick };
const rows = await contest(cases, { ...common, scripts, standIn });
if (delivery) rows.push(await contestOfDelivery({ ...common, scripts, standIn }));
const grown = tombstones > 0 ? await growth({ ...common, script: scripts.ours, tombstones }) : [];
bar.stop();
const report: Report = {
  date: new Date().toISOString(),
  machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`,
  pairs,
  seconds,
  rows,
  growth: grown,
  size: await measureSize(scripts.ours),
  startup: await measureStartup(folder, Math.min(3, pairs)),
};
await standIn.stop();
await rm(folder, { recursive: true, force: true });

print(report);
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
