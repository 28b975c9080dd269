/**
 * What has to be undone however this process ends: by itself, by an error, by Ctrl-C, by a kill, or with its terminal.
 * Only SIGKILL leaves no time. What was begun last is undone first: a child is ended before its folder is removed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const undos: (() => void)[] = [];
const PARENT = process.ppid;
let listening = false;

/** @param undo must be done when it returns, as nothing runs after it */
export function atEnd(undo: () => void): void {
  if (!listening) {
    listening = true;
    process.on("exit", undoAll);
    // Without a listener a signal ends the process without "exit".
    for (const signal of SIGNALS) process.once(signal, () => process.exit(128 + constants.signals[signal]));
    if (process.env["npm_lifecycle_event"] !== undefined) setInterval(endWithNpm, 200).unref();
  }
  undos.push(undo);
}

/** @returns a new folder that only its owner may open, and that goes when the process does */
export function temporaryFolder(prefix: string, within = tmpdir()): string {
  const folder = mkdtempSync(join(within, prefix));
  // A child that is being killed may still be writing.
  atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return folder;
}

/** A SIGTERM to npm ends the shell between npm and this process, and the shell passes nothing on. */
function endWithNpm(): void {
  if (process.ppid !== PARENT) process.exit(128 + constants.signals.SIGTERM);
}

function undoAll(): void {
  const undo = undos.pop();
  if (undo === undefined) return;
  try {
    undo();
  } finally {
    undoAll();
  }
}
