/** Which secrets a deploy cannot do without. Pure. */
import { readLeniently } from "../../src/config/config.ts";
import { neededFields } from "../../src/config/contradictions.ts";
import type { Secret } from "../../src/config/secrets.ts";
import { SETTINGS, type Settings } from "../../src/config/settings.ts";
import { settingsOfShop } from "../../src/config/shop-settings.ts";

/** By the transport of the shop that it belongs to; one that a shop inherits is the Worker's to have. */
export function isNeeded({ setting, shop }: Secret, vars: Settings): boolean {
  if (shop !== null && setting.perShop !== "own") return false;
  const config = readLeniently(shop === null ? vars : settingsOfShop(vars, shop));
  return neededFields(config).some((field) => SETTINGS.trustpilot[field].name === setting.name);
}
