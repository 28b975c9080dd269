/** Folders that go when the process does, also on Ctrl-C. */
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const folders: string[] = [];

/** @returns a new folder, which is gone after this process has ended in any way but by SIGKILL */
export function temporaryFolder(prefix: string, within = tmpdir()): string {
  if (folders.length === 0) {
    process.on("exit", removeAll);
    // Without a listener a signal ends the process without "exit".
    for (const signal of SIGNALS) process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  const folder = mkdtempSync(join(within, prefix));
  folders.push(folder);
  return folder;
}

function removeAll(): void {
  // A child that is being killed may still be writing.
  for (const folder of folders)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
