/** Once for all tests: the stand-in for Trustpilot, and the Worker bundled as a deploy would. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { kill, killGroup } from "../scripts/lib/kill-group.ts";
import { ROOT } from "../scripts/lib/root.ts";
import { startStandIn } from "../scripts/lib/stand-in.ts";
import { temporaryFolder } from "../scripts/lib/at-end.ts";
import { buildWorker } from "../scripts/lib/workerd.ts";
import type { Config } from "../src/config/config.ts";

declare module "vitest" {
  interface ProvidedContext {
    standInOrigin: string;
    workerScript: string;
    /** A folder with a file for each process group that a test has started, named after its leader. */
    groups: string;
    /** How many random histories test/ledger/model.test.ts tries, and from which seed: MODEL_RUNS, MODEL_SEED. */
    model: { runs: number; seed: number };
    /** How many histories test/simulation tries, from which seed, over which transport: `npm run simulate` sets them. */
    simulation: { runs: number; seed: number; transport: Config["trustpilot"]["transport"] };
    /** How many requests test/intake/fuzz.test.ts tries, and from which seed: FUZZ_RUNS, FUZZ_SEED. */
    fuzz: { runs: number; seed: number };
  }
}

/**
 * Where temporary files go: in memory, where Linux keeps a place for it, since the ledgers wait for the disk after each
 * write.
 */
function quickest(): string {
  const memory = "/dev/shm";
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > NEEDED_BYTES ? memory : tmpdir();
}

/** Ten times what the tests have there at once. */
const NEEDED_BYTES = 512 * 1024 ** 2;

/**
 * What would go on after Ctrl-C, and write into the folder that has just been removed. None where there is no `ps`, as in
 * small containers.
 */
function descendantsOf(ancestor: number): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=", "-o", "ppid="], { encoding: "utf8" });
  const all = (stdout ?? "").split("\n").map((line) => line.trim().split(/ +/).map(Number));
  const below = (parent: number): number[] =>
    all.filter(([, of]) => of === parent).flatMap(([pid]) => [pid!, ...below(pid!)]);
  return below(ancestor);
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // Everything temporary goes where it is removed together, also when the run is interrupted.
  const folder = temporaryFolder("invitations-tests-", quickest());
  process.env["TMPDIR"] = folder;
  // The scripts that the tests start load three times as fast.
  process.env["NODE_COMPILE_CACHE"] = join(ROOT, "build/compile-cache");
  const groups = join(folder, "groups");
  mkdirSync(groups);
  project.provide("groups", groups);
  process.prependListener("exit", () => {
    descendantsOf(process.pid).forEach(kill);
    readdirSync(groups).map(Number).forEach(killGroup);
  });
  const standIn = await startStandIn();
  project.provide("standInOrigin", standIn.origin);
  project.provide("workerScript", await buildWorker());
  const { MODEL_RUNS = 25, MODEL_SEED = Date.now() | 0 } = process.env;
  project.provide("model", { runs: Number(MODEL_RUNS), seed: Number(MODEL_SEED) });
  const { SIMULATE_RUNS = 3, SIMULATE_SEED = 1, SIMULATE_TRANSPORT = "integration-key" } = process.env;
  project.provide("simulation", {
    runs: Number(SIMULATE_RUNS),
    seed: Number(SIMULATE_SEED),
    transport: SIMULATE_TRANSPORT as Config["trustpilot"]["transport"],
  });
  const { FUZZ_RUNS = 10_000, FUZZ_SEED = Date.now() | 0 } = process.env;
  project.provide("fuzz", { runs: Number(FUZZ_RUNS), seed: Number(FUZZ_SEED) });
  return () => standIn.stop();
}
