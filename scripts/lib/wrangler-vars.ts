import { isAbsolute, join } from "node:path";
import type { Settings } from "../../src/config/settings.ts";
import { UserError } from "./command.ts";
import { ROOT } from "./root.ts";

/** The `[vars]` of a wrangler.toml as wrangler reads it. @param config relative to the project @throws UserError */
export async function readVars(config: string): Promise<Settings> {
  // Loaded only when needed: it takes most of a second.
  const { unstable_readConfig } = await import("wrangler");
  try {
    const path = isAbsolute(config) ? config : join(ROOT, config);
    return { ...unstable_readConfig({ config: path }, { hideWarnings: true }).vars };
  } catch (error) {
    throw new UserError(`${config} cannot be read: ${(error as Error).message}`);
  }
}
