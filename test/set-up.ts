/** Once for all tests: the stand-in for Trustpilot, and the Worker bundled as a deploy would. */
import type { TestProject } from "vitest/node";
import { startStandIn } from "../scripts/lib/stand-in.ts";
import { bundle } from "../scripts/lib/workerd.ts";

declare module "vitest" {
  interface ProvidedContext {
    standInOrigin: string;
    workerScript: string;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const standIn = await startStandIn();
  project.provide("standInOrigin", standIn.origin);
  project.provide("workerScript", await bundle("wrangler.toml", "build/worker"));
  return () => standIn.stop();
}
