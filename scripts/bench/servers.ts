/** The Workers that are measured, each in a workerd of its own. */
import { globSync, mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Miniflare } from "miniflare";
import { freePort, ROOT, startWorker } from "../lib/workerd.ts";

export const KEY = "benchIntegration";
export const SECRET = "a secret for the bench";

export interface Server {
  origin: string;
  worker: Miniflare;
  /**
   * CPU time of all threads of its process so far, in ms; 0 where there is no /proc.
   * @see https://docs.kernel.org/scheduler/sched-stats.html
   */
  cpuTime: () => number;
}

/** What the Worker runs on: bundle, and a folder for what it stores. */
export interface Product {
  config: string;
  script: string;
  folder: string;
}

export async function startServer(
  { config, script, folder }: Product,
  bindings: Record<string, string>,
): Promise<Server> {
  const persist = mkdtempSync(join(folder, "server-"));
  const pidFile = `${persist}.pid`;
  process.env["WORKERD"] = createRequire(import.meta.url)("workerd").default;
  process.env["WORKERD_PID_FILE"] = pidFile;
  process.env["MINIFLARE_WORKERD_PATH"] = join(ROOT, "scripts/bench/quiet-workerd.sh");
  const port = await freePort();
  const worker = await startWorker({
    config,
    script,
    port,
    persist,
    inspect: true,
    bindings: { TRUSTPILOT_INTEGRATION_KEY: KEY, SEGMENT_SHARED_SECRET: SECRET, ...bindings },
  });
  const threads = `/proc/${readFileSync(pidFile, "utf8").trim()}/task/*/schedstat`;
  const nanoseconds = () => globSync(threads).map((file) => parseInt(readFileSync(file, "utf8")));
  const cpuTime = () => nanoseconds().reduce((sum, time) => sum + time, 0) / 1e6;
  return { origin: `http://127.0.0.1:${port}`, worker, cpuTime };
}

export async function stopServers(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map(({ worker }) => worker.dispose()));
}
