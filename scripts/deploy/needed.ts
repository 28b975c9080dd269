/** Which secrets a Worker cannot do without, and what may stand in for them. Pure. */
import { readLeniently } from "../../src/config/config.ts";
import { neededFields } from "../../src/config/contradictions.ts";
import { secretsOf, type Secret } from "../../src/config/secrets.ts";
import { SETTINGS, type Settings } from "../../src/config/settings.ts";
import { settingsOfShop } from "../../src/config/shop-settings.ts";

/** By the transport of the shop that it belongs to; one that a shop inherits is the Worker's to have. */
export function isNeeded({ setting, shop }: Secret, vars: Settings): boolean {
  if (shop !== null && setting.perShop !== "own") return false;
  const config = readLeniently(shop === null ? vars : settingsOfShop(vars, shop));
  return neededFields(config).some((field) => SETTINGS.trustpilot[field].name === setting.name);
}

/** The names of all that `settings` call for; where they name no way to authenticate a sender, the usual one. */
export function neededNames(settings: Settings): string[] {
  const needed = secretsOf(settings).filter((secret) => isNeeded(secret, settings));
  const isProved = Object.keys(settings).some((name) => /^SEGMENT_|^AUTHENTICATE_BY$/.test(name));
  return [...needed.map(({ name }) => name), ...(isProved ? [] : ["SEGMENT_SHARED_SECRET"])];
}

/** Valid values for secrets that are not known, to check the other settings by. */
export function placeholders(names: readonly string[]): Record<string, string> {
  // No placeholder is a valid URL, and nothing depends on one.
  const some = names.filter((name) => name !== "ALERT_WEBHOOK_URL");
  return Object.fromEntries(some.map((name) => [name, `placeholder-of-${name}`]));
}
