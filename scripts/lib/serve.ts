/**
 * One bundled Worker in a process of its own, so that it can be killed without any chance to clean up.
 *
 * `node scripts/lib/serve.ts '<WorkerOptions as JSON>'` says "ready" to its parent, writes the Worker's log to
 * stdout and runs until its parent disconnects or is gone.
 */
import { startWorker, type WorkerOptions } from "./workerd.ts";

const options = JSON.parse(process.argv[2] ?? "null") as Omit<WorkerOptions, "onLog">;
const worker = await startWorker({ ...options, onLog: (line) => process.stdout.write(`${line}\n`) });
process.on("disconnect", () => void worker.dispose().then(() => process.exit()));
process.send?.("ready");
