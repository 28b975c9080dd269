/**
 * Runs Workers the way Cloudflare does: bundled by `wrangler deploy`, on workerd, with local KV and Durable
 * Objects, and without wrangler's dev proxy in between.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rename, rmdir } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { ROOT } from "./root.ts";

export { ROOT };
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

/** Bundles the Worker of `config` (a wrangler.toml, relative to the project) as a deploy would. @returns the script's path */
export async function bundle(config: string, outDir: string, ...flags: string[]): Promise<string> {
  const out = join(ROOT, outDir);
  await mkdir(out, { recursive: true });
  const fresh = await mkdtemp(`${out}-`);
  const args = [WRANGLER, "deploy", "--dry-run", "--config", join(ROOT, config), "--outdir", fresh, ...flags];
  await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" },
  });
  // Moved in one piece: another process may be starting the bundle of before.
  for (const file of await readdir(fresh)) await rename(join(fresh, file), join(out, file));
  await rmdir(fresh);
  const { main } = unstable_readConfig({ config: join(ROOT, config) }, { hideWarnings: true });
  return join(out, `${main!.split("/").pop()!.replace(/\.ts$/, "")}.js`);
}

export interface WorkerOptions {
  config: string;
  script: string;
  bindings?: Record<string, string>;
  port: number;
  /** A folder for KV and Durable Objects; without it they live as long as the process. */
  persist?: string;
  /** Lets `unsafeGetDurableObjectStorage` look into the ledgers. */
  inspect?: boolean;
  /** One line at a time, also of a write that holds several. */
  onLog?: (line: string, level: string) => void;
}

/** Starts one Worker. Its own errors go to `onLog` too. */
export async function startWorker({
  config,
  script,
  bindings = {},
  port,
  persist,
  inspect = false,
  onLog,
}: WorkerOptions): Promise<Miniflare> {
  const { modulesRules: _rules, ...worker } = readWorkerOptions(config);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      port: 0,
      log: new Log(LogLevel.NONE),
      unsafeInspectDurableObjects: inspect,
      ...(onLog && {
        handleStructuredLogs: ({ message, level }) => {
          for (const line of message.split("\n")) onLog(line, level);
        },
      }),
      ...(persist !== undefined && { resourcePersistencePath: persist }),
      workers: [
        {
          ...worker,
          name: "worker",
          rootPath: dirname(script),
          modules: await modulesOf(script),
          bindings: { ...(worker.bindings as Record<string, string>), ...bindings },
          unsafeDirectSockets: [{ host: "127.0.0.1", port }],
        },
      ],
    }),
  );
  await miniflare.ready;
  return miniflare;
}

/** wrangler warns of secrets that are not in .dev.vars; here they come as bindings. */
function readWorkerOptions(config: string) {
  const level = process.env["WRANGLER_LOG"];
  process.env["WRANGLER_LOG"] = "error";
  try {
    return unstable_getMiniflareWorkerOptions(join(ROOT, config)).workerOptions;
  } finally {
    if (level === undefined) delete process.env["WRANGLER_LOG"];
    else process.env["WRANGLER_LOG"] = level;
  }
}

/** The script and the text modules that wrangler has put beside it. */
async function modulesOf(script: string) {
  const folder = dirname(script);
  const texts = (await readdir(folder)).filter((name) => name.endsWith(".txt"));
  return [
    { type: "ESModule" as const, path: script },
    ...texts.map((name) => ({ type: "Text" as const, path: join(folder, name) })),
  ];
}

/** @param wanted this port and no other. @throws when it is taken */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  server.listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}
