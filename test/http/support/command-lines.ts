import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What every process on this machine was called with, as all its users can read it. */
export async function commandLines(): Promise<string> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-ww", "-o", "args="], { maxBuffer: 1 << 26 });
  return stdout;
}
