/**
 * Random histories of two shops on the real Ledger, in workerd, on one virtual clock: test/simulation says what happens
 * in them and what must hold. The suite tries a few; this command as many as there is time for.
 */
import { startVitest, type Reporter } from "vitest/node";
import { run, wholeNumber } from "./lib/command.ts";
import { ProgressBar } from "./lib/progress.ts";
import { readTransport } from "./lib/transports.ts";

const HELP = `
npm run simulate [-- options]

Tries random histories of two shops with sixty orders each: deliveries, refunds,
deletions, operators, deployments, crashes, failing writes, full disks, lost
alarms, and a Trustpilot that fails in every way. A history that breaks a
promise is made shorter and printed, with the command that repeats it.

  --runs N          how many histories (100)
  --seed N          the seed of the first; each has the next (new each time)
  --transport NAME  integration-key, invitations-api or email (integration-key)

Exit code: 0 when everything held in all histories, 1 otherwise.
`;

const options = {
  runs: { type: "string" },
  seed: { type: "string" },
  transport: { type: "string" },
} as const;

await run({ name: "npm run simulate", help: HELP, options }, async (values) => {
  const runs = wholeNumber("runs", values.runs, 100, 1);
  const seed = wholeNumber("seed", values.seed, Date.now() % 1e8, 0);
  const transport = readTransport(values.transport);
  Object.assign(process.env, {
    SIMULATE_RUNS: String(runs),
    SIMULATE_SEED: String(seed),
    SIMULATE_TRANSPORT: transport,
  });
  console.log(`Simulating ${runs} histories over ${transport}, --seed ${seed}`);
  const bar = new ProgressBar("histories", runs);
  const problems: string[] = [];
  const reporter: Reporter = {
    onUserConsoleLog: ({ content }) => {
      const done = /simulated (\d+)/.exec(content);
      if (done) bar.update(Number(done[1]));
    },
    onTestRunEnd: (modules, unhandled) => {
      bar.stop();
      for (const module of modules) {
        problems.push(...module.errors().map(({ message }) => message));
        for (const test of module.children.allTests())
          problems.push(...(test.result().errors ?? []).map(({ message }) => message));
      }
      problems.push(...unhandled.map(({ message }) => message));
    },
  };
  const vitest = await startVitest("test", ["test/simulation/simulation.test.ts"], {
    run: true,
    project: ["runtime"],
    silent: false,
    reporters: [reporter],
  });
  await vitest.close();
  for (const problem of problems) console.error(`\n${problem}`);
  if (problems.length === 0) console.log("Everything held.");
  return problems.length === 0 ? 0 : 1;
});
