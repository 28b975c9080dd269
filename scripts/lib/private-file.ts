/** A folder for a file with secrets, which is gone when the command ends, also on Ctrl-C. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Only its owner may read it. @param use is given the folder's path */
export async function withPrivateFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "deploy-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const removeAndEnd = (signal: NodeJS.Signals) => {
    remove();
    process.off(signal, removeAndEnd);
    // The default action: a process that waits for this one sees the signal.
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, removeAndEnd);
  try {
    return await use(folder);
  } finally {
    remove();
    for (const signal of SIGNALS) process.off(signal, removeAndEnd);
  }
}
