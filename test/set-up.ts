/** Once for all tests: the stand-in for Trustpilot, and the Worker bundled as a deploy would. */
import type { TestProject } from "vitest/node";
import { startStandIn } from "../scripts/lib/stand-in.ts";
import { bundle } from "../scripts/lib/workerd.ts";

declare module "vitest" {
  interface ProvidedContext {
    standInOrigin: string;
    workerScript: string;
    /** How many random histories test/ledger/model.test.ts tries, and from which seed: MODEL_RUNS, MODEL_SEED. */
    model: { runs: number; seed: number };
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const standIn = await startStandIn();
  project.provide("standInOrigin", standIn.origin);
  project.provide("workerScript", await bundle("wrangler.toml", "build/worker"));
  const { MODEL_RUNS = 25, MODEL_SEED = Date.now() | 0 } = process.env;
  project.provide("model", { runs: Number(MODEL_RUNS), seed: Number(MODEL_SEED) });
  return () => standIn.stop();
}
