/**
 * How fast it is, as a ratio to a hand-written minimum (scripts/bench/baseline), measured in the same run and
 * interleaved, so that a noisy machine disturbs both alike. Requests a second of one machine say little; the ratio says
 * how much of the platform's speed is left.
 */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { CASES } from "./bench/cases.ts";
import { contest, contestOfDelivery, DELIVERY } from "./bench/contest.ts";
import { growth, growthTicks } from "./bench/growth.ts";
import { print, sizeOf } from "./bench/report.ts";
import { decimal, run, UserError, wholeNumber } from "./lib/command.ts";
import { ProgressBar } from "./lib/progress.ts";
import { startStandIn } from "./lib/stand-in.ts";
import { temporaryFolder } from "./lib/at-end.ts";
import { buildWorker } from "./lib/workerd.ts";

const HELP = `
npm run bench [-- options]

Measures the bundled Worker against a hand-written minimum, and how it grows
with the orders in a ledger. Takes about twenty minutes.

  --seconds N   seconds for each side of each case (20)
  --only TEXT   only the cases whose name contains TEXT
  --growth N    the most orders in a ledger (1000000; 0 leaves growth out)
  --json FILE   also writes the figures to FILE

Exit code: 0 when everything was measured, 1 when something was wrong.

  npm run bench -- --only "new order" --growth 0
`;

const options = {
  seconds: { type: "string" },
  only: { type: "string", default: "" },
  growth: { type: "string" },
  json: { type: "string" },
} as const;

await run({ name: "npm run bench", help: HELP, options }, async ({ only, json, ...values }) => {
  const seconds = decimal("seconds", values.seconds, 20, 0.01, 3600);
  const most = wholeNumber("growth", values.growth, 1_000_000, 0, 10_000_000);
  const cases = CASES.filter(({ name }) => name.includes(only));
  const delivery = DELIVERY.includes(only);
  if (cases.length === 0 && !delivery) throw new UserError(`No case has "${only}" in its name.`);

  const folder = temporaryFolder("bench-");
  const standIn = await startStandIn();
  const minimum = "scripts/bench/baseline/wrangler.toml";
  const baseline = {
    config: minimum,
    folder,
    script: await buildWorker("scripts/bench/baseline/worker.ts", "build/baseline"),
  };
  const ours = { config: "wrangler.toml", folder, script: await buildWorker() };
  const bar = new ProgressBar("steps", cases.length + Number(delivery) + (most > 0 ? growthTicks(most) : 0));
  let steps = 0;
  const tick = (what: string) => bar.update(steps++, what);

  const rows = await contest([baseline, ours], cases, seconds, tick);
  if (delivery) {
    tick(DELIVERY);
    rows.push(await contestOfDelivery([baseline, ours], standIn, seconds));
  }
  const grown = most > 0 ? await growth(ours, most, seconds, tick) : [];
  bar.stop();
  await standIn.stop();

  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
  const conditions = `${machine}, ${seconds} s a case`;
  const report = { conditions, rows, growth: grown, size: sizeOf(ours.script) };
  print(report);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  return 0;
});
