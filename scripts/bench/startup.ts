/** What a cold start costs: wrangler profiles the start of the bundle on this machine, in samples of some ms. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../lib/root.ts";
import { median } from "./statistics.ts";

export interface Profile {
  nodes: { id: number; callFrame: { functionName: string } }[];
  samples: number[];
  /** In µs. */
  timeDeltas: number[];
}

/**
 * @param folder for the profiles
 * @returns the processor time of the start in ms, the median of `runs`; 0 when it ended before the first sample
 */
export async function measureStartup(folder: string, runs: number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const file = join(folder, `startup-${run}.cpuprofile`);
    const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
    await promisify(execFile)(process.execPath, [wrangler, "check", "startup", "--outfile", file], {
      cwd: ROOT,
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" },
    });
    times.push(activeTime(JSON.parse(await readFile(file, "utf8")) as Profile));
  }
  return median(times);
}

/** @returns in ms, without the time in which the runtime waited */
export function activeTime({ nodes, samples, timeDeltas }: Profile): number {
  const idle = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === "(idle)").map(({ id }) => id),
  );
  const active = timeDeltas.filter((_, index) => !idle.has(samples[index]!));
  return active.reduce((sum, time) => sum + time, 0) / 1000;
}
