/** Runs a script of the project the way npm does. */
import { spawn, type ChildProcess } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { inject, onTestFinished } from "vitest";
import { killGroup } from "../../../scripts/lib/kill-group.ts";
import { ROOT } from "../../../scripts/lib/root.ts";

export interface Script {
  process: ChildProcess;
  /** What it has written so far, to stdout and stderr, without colours. */
  output(): string;
  ended: Promise<number | null>;
}

/** In a process group of its own, as a terminal would have it. @param env on top of the environment of the tests */
export function startWith(env: Record<string, string>, name: string, options: string[]): Script {
  const child = spawn(process.execPath, [join(ROOT, `scripts/${name}.ts`), ...options], {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Also when the test times out or the whole run is interrupted (test/set-up.ts).
  const group = join(inject("groups"), String(child.pid));
  writeFileSync(group, "");
  child.on("close", () => rmSync(group, { force: true }));
  onTestFinished(() => killGroup(child.pid!));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  return {
    process: child,
    output: () => stripVTControlCharacters(output),
    ended: new Promise((resolve) => child.on("close", resolve)),
  };
}

export async function runScript(
  name: string,
  ...options: string[]
): Promise<{ code: number | null; output: string }> {
  return runWith({}, name, ...options);
}

export async function runWith(
  env: Record<string, string>,
  name: string,
  ...options: string[]
): Promise<{ code: number | null; output: string }> {
  const script = startWith(env, name, options);
  const code = await script.ended;
  return { code, output: script.output() };
}
