/** The fuzz test of the suite (test/intake/fuzz.test.ts) with as many requests as you like. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { atEnd } from "./lib/at-end.ts";
import { run, wholeNumber } from "./lib/command.ts";
import { printableLines } from "./lib/printable.ts";
import { ProgressBar } from "./lib/progress.ts";
import { ROOT } from "./lib/root.ts";

const HELP = `
npm run fuzz [-- options]

Sends generated bodies, headers, methods and paths to the whole Worker, in
Cloudflare's own runtime. Nothing unauthenticated may be acted on, nothing may
answer 5xx, and nothing may exceed its bounds. Nothing leaves this machine.

  --runs N   how many requests (1000000); the tests send 10,000
  --seed N   which requests (new ones each time)

Exit code: 0 when all of that held, 1 otherwise; then the smallest request that
broke it is shown, with the seed that repeats it.

  npm run fuzz -- --runs 100000 --seed 7
`;

const options = { runs: { type: "string" }, seed: { type: "string" } } as const;

await run({ name: "npm run fuzz", help: HELP, options }, async (values) => {
  const runs = wholeNumber("runs", values.runs, 1_000_000, 1);
  const seed = wholeNumber("seed", values.seed, Date.now() % 1e9, 0);
  console.log(`Fuzzing with ${runs.toLocaleString("en")} requests, --seed ${seed}`);
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const child = spawn(
    process.execPath,
    [vitest, "run", "--project", "runtime", "--silent=false", "test/intake/fuzz.test.ts"],
    {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, FUZZ_RUNS: String(runs), FUZZ_SEED: String(seed), NO_COLOR: "1" },
    },
  );
  atEnd(() => child.kill());
  const ended = once(child, "close");
  const bar = new ProgressBar("requests", runs);
  const output: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    const done = /^fuzz (\d+)$/.exec(line)?.[1];
    if (done === undefined) output.push(line);
    else bar.update(Number(done));
  }
  const [code] = (await ended) as [number | null];
  if (code === 0) bar.update(runs);
  bar.stop();
  if (code === 0) console.log("Nothing unauthenticated was acted on, and nothing answered 5xx.");
  else {
    const failed = output.slice(output.findIndex((line) => line.includes("Failed Tests")));
    console.error(printableLines(failed.join("\n")));
  }
  return code === 0 ? 0 : 1;
});
