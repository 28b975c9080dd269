/**
 * How fast it is, as a ratio to a floor that does the least possible (scripts/bench/floor), measured in the same
 * run and in alternation, so that a noisy machine disturbs both alike. Throughput of one machine in requests a
 * second says little; the ratio says how much of the platform's speed is left.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import type { Miniflare } from "miniflare";
import colors from "picocolors";
import { CASES, KNOWN_TO_KV, order, type Case } from "./bench/cases.ts";
import { growth, growthTicks } from "./bench/growth.ts";
import { SECRET, throughput } from "./bench/load.ts";
import { processorTime, workerdIds } from "./bench/processor-time.ts";
import { measureSize } from "./bench/size.ts";
import { measureStartup } from "./bench/startup.ts";
import { median, spread } from "./bench/statistics.ts";
import { send } from "./lib/segment.ts";
import { startStandIn } from "./lib/stand-in.ts";
import { bundle, freePort, ROOT, startWorker } from "./lib/workerd.ts";

const HELP = `npm run bench [-- options]

Measures the bundled Worker against a floor: the least that any implementation must do.

  --pairs N      pairs of runs a case, in alternation (default 5)
  --seconds N    seconds a run (default 2)
  --only TEXT    only cases whose name contains TEXT
  --tombstones N for the growth, the larger number of orders in a ledger (default 1000000; 0 leaves growth out)
  --json FILE    write the figures to FILE as well
  --help         this text`;

const { values: options } = parseArgs({
  options: {
    pairs: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
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

const KEY = "benchIntegration";

export interface Row {
  name: string;
  unit: string;
  ours: number;
  floor: number;
  ratio: number;
  least: number;
  most: number;
  /** To the floor that writes one line of log for the event, as the product has to. */
  ratioToLogging: number | null;
  /** Processor time of workerd for a request, in ms; `null` where it cannot be known. */
  processor: number | null;
  target: number;
}

interface Server {
  url: string;
  worker: Miniflare;
  /** Of its process; `undefined` where there is no /proc. */
  id: string | undefined;
}

interface Result {
  ours: number;
  floor: number;
  logging?: number;
  processor?: number;
}

process.env["WORKERD"] = createRequire(import.meta.url)("workerd").default;
process.env["MINIFLARE_WORKERD_PATH"] = join(ROOT, "scripts/bench/quiet-workerd.sh");
const folder = await mkdtemp(join(tmpdir(), "bench-"));
const standIn = await startStandIn();
const scripts = {
  ours: await bundle("wrangler.toml", "build/bench", "--minify", "--metafile"),
  floor: await bundle("scripts/bench/floor/wrangler.toml", "build/floor", "--minify"),
};
const cases = CASES.filter(({ name }) => name.includes(options.only));
const drain = "delivery, orders drained".includes(options.only);
const bar = new SingleBar({
  format: ` {bar} {percentage}% | {what} | {eta_formatted} left`,
  barCompleteChar: "█",
  barIncompleteChar: "░",
  noTTYOutput: false,
});
const ticks =
  (cases.length + Number(drain)) * (pairs + 1) + (tombstones > 0 ? growthTicks(tombstones, pairs) : 0);
bar.start(ticks, 0, { what: "starting" });

const rows: Row[] = [];
const held = {
  ours: await start("ours", "1"),
  floor: await start("floor", "1"),
  logging: await start("floor", "1", { LOG: "yes" }),
};
for (const one of cases) rows.push(await measure(one));
await Promise.all(Object.values(held).map(({ worker }) => worker.dispose()));
if (drain) rows.push(await measureDrain());
const growthRows =
  tombstones > 0 ? await growth({ script: scripts.ours, folder, tombstones, seconds, pairs, tick }) : [];
bar.stop();
const size = await measureSize(scripts.ours);
const startup = await measureStartup(folder, Math.min(3, pairs));
await standIn.stop();
await rm(folder, { recursive: true, force: true });

const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
print();
if (options.json !== undefined) {
  const report = {
    date: new Date().toISOString(),
    machine,
    pairs,
    seconds,
    rows,
    growth: growthRows,
    size,
    startup,
  };
  await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

async function start(
  which: "ours" | "floor",
  holdDays: string,
  bindings: Record<string, string> = {},
): Promise<Server> {
  const port = await freePort();
  const before = new Set(workerdIds());
  const worker = await startWorker({
    config: which === "ours" ? "wrangler.toml" : "scripts/bench/floor/wrangler.toml",
    script: scripts[which],
    port,
    persist: await mkdtemp(join(folder, which)),
    bindings: {
      TRUSTPILOT_INTEGRATION_KEY: KEY,
      SEGMENT_SHARED_SECRET: SECRET,
      TRUSTPILOT_API_URL: standIn.apiUrl,
      HOLD_DAYS: holdDays,
      ...bindings,
    },
  });
  const id = workerdIds().find((one) => !before.has(one));
  const kv = await worker.getKVNamespace("ORDERS", "worker");
  await kv.put(`order:${KNOWN_TO_KV}`, "invited");
  return { url: `http://127.0.0.1:${port}/segment`, worker, id };
}

/** Runs in alternation, one round before as a warm-up. */
async function measure(one: Case): Promise<Row> {
  const contestants = (["ours", "floor", "logging"] as const).filter(
    (name) => name !== "logging" || one.logs === true,
  );
  for (const name of contestants) {
    if (one.before !== undefined) await send(held[name].url, one.before, SECRET);
  }
  const results: Result[] = [];
  for (let round = -1; round < pairs; round++) {
    tick(one.name);
    const result: Result = { ours: NaN, floor: NaN };
    // Whoever comes later finds a warmer machine: they take turns.
    for (const name of round % 2 === 0 ? contestants : contestants.toReversed()) {
      const { url, id } = held[name];
      const before = id === undefined ? NaN : processorTime(id);
      const { perSecond, requests } = await throughput({ ...one, url, seconds });
      result[name] = perSecond;
      if (name === "ours" && id !== undefined) result.processor = (processorTime(id) - before) / requests;
    }
    if (round >= 0) results.push(result);
  }
  return row(one.name, "requests/s", results, one.target);
}

/** From the moment that a batch is taken until its last invitation has reached the stand-in. */
async function measureDrain(): Promise<Row> {
  const ORDERS = 400;
  const live = { ours: await start("ours", "0"), floor: await start("floor", "0") };
  const drainOnce = async (which: "ours" | "floor", run: number) => {
    const before = (await standIn.requests(KEY)).length;
    const events = Array.from({ length: ORDERS }, (_, n) => order(`drain-${which}-${run}-${n}`));
    const started = performance.now();
    await send(live[which].url, JSON.stringify(events), SECRET);
    while ((await standIn.requests(KEY)).length < before + ORDERS) await sleep(10);
    return ORDERS / ((performance.now() - started) / 1000);
  };
  const results: Result[] = [];
  for (let pair = -1; pair < pairs; pair++) {
    tick("delivery");
    const result = { ours: await drainOnce("ours", pair), floor: await drainOnce("floor", pair) };
    if (pair >= 0) results.push(result);
  }
  await Promise.all([live.ours.worker.dispose(), live.floor.worker.dispose()]);
  return row("delivery, orders drained", "orders/s", results, 0.85);
}

function row(name: string, unit: string, results: Result[], target: number): Row {
  const ratios = results.map(({ ours, floor }) => ours / floor);
  const toLogging = results.flatMap(({ ours, logging }) => (logging === undefined ? [] : [ours / logging]));
  const processor = results.flatMap((result) => result.processor ?? []);
  return {
    name,
    unit,
    ours: median(results.map(({ ours }) => ours)),
    floor: median(results.map(({ floor }) => floor)),
    ratio: median(ratios),
    ...spread(ratios),
    ratioToLogging: toLogging.length > 0 ? median(toLogging) : null,
    processor: processor.length > 0 ? median(processor) : null,
    target,
  };
}

function tick(what: string): void {
  bar.increment(1, { what });
}

function print(): void {
  console.log(
    `\n${colors.bold("Throughput against the floor")}   ${colors.dim(`${machine}; medians of ${pairs} pairs`)}\n`,
  );
  console.log(
    "| case | ours | floor | ratio | spread | to a floor that logs | processor time | target |\n| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |",
  );
  for (const { name, unit, ours, floor, ratio, least, most, ratioToLogging, processor, target } of rows) {
    const numbers = [`${Math.round(ours)} ${unit}`, Math.round(floor), ratio.toFixed(2)];
    const others = [
      ratioToLogging?.toFixed(2) ?? "",
      processor === null ? "" : `${processor.toFixed(processor < 1 ? 2 : 1)} ms`,
    ];
    const verdict = ratio >= target ? colors.green("✔") : colors.yellow("✘");
    console.log(
      `| ${name} | ${numbers.join(" | ")} | ${least.toFixed(2)} … ${most.toFixed(2)} | ${others.join(" | ")} | ${target} ${verdict} |`,
    );
  }
  if (growthRows.length > 0) {
    console.log(
      `\n${colors.bold("How it grows")}\n\n| case | tombstones in the ledger | requests/s | ratio to none |\n| --- | ---: | ---: | ---: |`,
    );
    for (const { name, orders, perSecond, ratio } of growthRows) {
      console.log(
        `| ${name} | ${orders.toLocaleString("en")} | ${Math.round(perSecond)} | ${ratio.toFixed(2)} |`,
      );
    }
  }
  console.log(`\n${colors.bold("Start")}   ${startup.toFixed(1)} ms of processor time`);
  console.log(
    `\n${colors.bold("Size")}   ${(size.bytes / 1024).toFixed(1)} KB minified, ${(size.gzip / 1024).toFixed(1)} KB gzip\n`,
  );
  for (const { name, bytes } of size.parts)
    console.log(`  ${(bytes / 1024).toFixed(1).padStart(6)} KB  ${name}`);
}
