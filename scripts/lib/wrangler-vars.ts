import { ALL_SETTINGS, type Settings } from "../../src/config/settings.ts";
import type { MailBinding } from "../doctor/email.ts";
import { readDevVars } from "./credentials.ts";
import { readWranglerToml } from "./wrangler-toml.ts";

/** The `[vars]` of a wrangler.toml. @param config relative to the project @throws UserError */
export async function readVars(config: string): Promise<Settings> {
  return { ...(await readWranglerToml(config)).vars };
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
  return (await readWranglerToml(config)).send_email ?? [];
}
