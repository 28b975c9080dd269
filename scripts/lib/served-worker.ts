/** A Worker that can be killed and started again on the same storage. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { atEnd, temporaryFolder } from "./at-end.ts";
import { killGroup } from "./kill-group.ts";
import { ROOT, type WorkerOptions } from "./workerd.ts";

export class ServedWorker {
  readonly origin: string;
  /** Every line that the Worker logged, over all restarts. */
  readonly log: string[] = [];
  readonly #options: WorkerOptions;
  #process: ChildProcess | undefined;
  /** For what the runtime has no time to remove when it is killed. */
  #temporary: string | undefined;

  constructor({ onLog: _onLog, ...options }: WorkerOptions) {
    this.#options = options;
    this.origin = `http://127.0.0.1:${options.port}`;
  }

  /** @throws when the Worker does not start */
  async start(): Promise<void> {
    this.#temporary ??= temporaryFolder("worker-");
    // Its own process group: workerd, which is a child of it, is killed with it.
    const child = spawn(process.execPath, [join(ROOT, "scripts/lib/serve.ts")], {
      detached: true,
      env: { ...process.env, TMPDIR: this.#temporary },
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    this.#process = child;
    atEnd(() => child.exitCode === null && child.signalCode === null && killGroup(child.pid!));
    // Not as an argument: every process on the machine can read those, and there are secrets among the options.
    child.send(this.#options);
    createInterface({ input: child.stdout! }).on("line", (line) => this.log.push(line));
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`The Worker's process ended with ${code} before it was ready`);
    });
    await Promise.race([once(child, "message"), ended]);
    ended.catch(() => {});
  }

  /** `kill -9`, workerd included: nothing more is finished or written. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const exited = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
    await exited;
    while (await accepts(this.#options.port)) await sleep(10);
  }

  /** Shuts it down in order. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (!child?.connected) return;
    const exited = once(child, "exit");
    child.disconnect();
    await exited;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
    socket.once("connect", () => socket.destroy());
  });
}
