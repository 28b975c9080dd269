import { isAbsolute, join } from "node:path";
import { ALL_SETTINGS, type Settings } from "../../src/config/settings.ts";
import type { MailBinding } from "../doctor/email.ts";
import { UserError } from "./command.ts";
import { readDevVars } from "./credentials.ts";
import { ROOT } from "./root.ts";

/** The `[vars]` of a wrangler.toml as wrangler reads it. @param config relative to the project @throws UserError */
export async function readVars(config: string): Promise<Settings> {
  return { ...(await readConfigFile(config)).vars };
}

/** Its `[vars]` with what .dev.vars and, before that, the environment say of the settings. @throws UserError */
export async function readSettings(config: string): Promise<Settings> {
  const own = Object.fromEntries(
    ALL_SETTINGS.flatMap(({ name }) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  return { ...(await readVars(config)), ...(await readDevVars()), ...own };
}

/** Its `[[send_email]]`. @throws UserError */
export async function readMailBindings(config: string): Promise<readonly MailBinding[]> {
  return (await readConfigFile(config)).send_email;
}

async function readConfigFile(config: string) {
  // Loaded only when needed: it takes most of a second.
  const { unstable_readConfig } = await import("wrangler");
  try {
    const path = isAbsolute(config) ? config : join(ROOT, config);
    return unstable_readConfig({ config: path }, { hideWarnings: true });
  } catch (error) {
    throw new UserError(`${config} cannot be read: ${(error as Error).message}`);
  }
}
