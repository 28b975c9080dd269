/**
 * Runs Workers the way Cloudflare does: built as for a deploy, on workerd, with local KV and Durable Objects, and
 * without wrangler's dev proxy in between.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Miniflare } from "miniflare";
import { ROOT, WRANGLER } from "./root.ts";
import { workerOptionsOf } from "./wrangler-toml.ts";

export { ROOT, WRANGLER };

/**
 * Builds a Worker as for a deploy: this one, or that of another `entry`, relative to the project.
 *
 * @returns the script's path
 */
export async function buildWorker(entry = "src/index.ts", folder = "build/worker"): Promise<string> {
  const script = join(ROOT, folder, "index.mjs");
  if (!isFresh(script)) {
    await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build.js"), entry, folder]);
  }
  return script;
}

/** Building takes seconds: it is left out when no source is newer. */
function isFresh(script: string): boolean {
  if (!existsSync(script)) return false;
  const sources = globSync(["wrangler.toml", "package-lock.json", "{src,scripts}/**/*.{ts,tsx,js,css,svg}"], {
    cwd: ROOT,
  });
  const modified = (path: string) => statSync(path).mtimeMs;
  return sources.every((path) => modified(join(ROOT, path)) < modified(script));
}

export interface WorkerOptions {
  config: string;
  script: string;
  bindings?: Record<string, string>;
  port: number;
  /** Where the binding EMAIL hands its mails over, as POST; without it there is no such binding. */
  mailTo?: string | null;
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
  mailTo = null,
  persist,
  inspect = false,
  onLog,
}: WorkerOptions): Promise<Miniflare> {
  // Loaded only when needed: it takes seconds.
  const { convertV4MiniflareOptions, Log, LogLevel, Miniflare } = await import("miniflare");
  const worker = await workerOptionsOf(config);
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
          bindings: { ...worker.bindings, ...bindings },
          unsafeDirectSockets: [{ host: "127.0.0.1", port }],
          ...(mailTo !== null && { serviceBindings: { EMAIL: "mail-relay" } }),
        },
        ...(mailTo === null ? [] : [mailRelay(worker.compatibilityDate, mailTo)]),
      ],
    }),
  );
  await miniflare.ready;
  return miniflare;
}

function mailRelay(compatibilityDate: string, mailTo: string) {
  return {
    name: "mail-relay",
    compatibilityDate,
    modules: [{ type: "ESModule" as const, path: join(ROOT, "scripts/lib/mail-relay.js") }],
    bindings: { MAIL_TO: mailTo },
  };
}

/** The script, first, and the modules that lie beside it. */
async function modulesOf(script: string) {
  const folder = dirname(script);
  const names = (await readdir(folder)).filter((name) => name !== basename(script));
  const ofType = (type: "ESModule" | "Text", end: string) =>
    names.filter((name) => name.endsWith(end)).map((name) => ({ type, path: join(folder, name) }));
  return [
    { type: "ESModule" as const, path: script },
    ...ofType("ESModule", ".mjs"),
    ...ofType("Text", ".txt"),
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
