/**
 * One bundled Worker in a process of its own, so that it can be killed without any chance to clean up.
 *
 * Its parent sends it the options as a message, and hears "ready". It writes the Worker's log to stdout and runs until
 * the parent disconnects or is gone.
 */
import { once } from "node:events";
import { startWorker, type WorkerOptions } from "./workerd.ts";

const [options] = (await once(process, "message")) as [Omit<WorkerOptions, "onLog">];
const worker = await startWorker({ ...options, onLog: (line) => process.stdout.write(`${line}\n`) });
process.on("disconnect", () => void worker.dispose().then(() => process.exit()));
process.send?.("ready");
