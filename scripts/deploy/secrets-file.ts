/** Reads a file of secrets: `NAME=value` lines, or a JSON object. */
import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { UserError } from "../lib/command.ts";

/**
 * Empty values are left out: a copy of .dev.vars.example need not be filled in whole.
 *
 * @param known the names of the secrets that there are @throws UserError
 */
export async function readSecretsFile(
  path: string,
  known: readonly string[],
): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new UserError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  const secrets: Record<string, string> = {};
  for (const [name, value] of Object.entries(parse(path, text))) {
    if (!known.includes(name))
      throw new UserError(`${path}: ${name} is not a secret of this Worker (${known.join(", ")}).`);
    if (typeof value !== "string") throw new UserError(`${path}: ${name} must be a string.`);
    if (value !== "") secrets[name] = value;
  }
  return secrets;
}

function parse(path: string, text: string): Record<string, unknown> {
  if (!text.trimStart().startsWith("{")) return parseEnv(text);
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new UserError(`${path} starts like JSON, but is not valid JSON.`);
  }
}
