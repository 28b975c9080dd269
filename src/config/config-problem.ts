/** What is wrong with a setting, and the command that fixes it. */
import type { Setting } from "./kinds.ts";

/** `message` names the setting and the command, and never quotes a value. */
export interface ConfigProblem {
  name: string;
  message: string;
  /** One shop's, which the message names. */
  shop?: string;
}

/** @param what completes the sentence that begins with the name @param shop `null` for the Worker's own settings */
export function problemWith(setting: Setting, shop: string | null, what: string): ConfigProblem {
  const name = nameFor(setting, shop);
  const whose = shop === null || name !== setting.name ? "" : `Shop ${shop}: `;
  return {
    name,
    message: `${whose}${name} ${what} ${fixFor(setting, shop)}`,
    ...(shop !== null && { shop }),
  };
}

/**
 * Where a setting is set: a shop's own secret carries the shop's name. "Previous" stays at the end:
 * `SEGMENT_SHARED_SECRET_UK_PREVIOUS`.
 */
export function nameFor({ name, secret, perShop }: Setting, shop: string | null): string {
  if (shop === null || !secret || !perShop) return name;
  const suffix = `_${shop.toUpperCase().replaceAll("-", "_")}`;
  return name.replace(/(?=_PREVIOUS$)|$/, suffix);
}

function fixFor(setting: Setting, shop: string | null): string {
  const name = nameFor(setting, shop);
  if (setting.secret) return `Run: npx wrangler secret put ${name}`;
  const table = shop !== null && setting.perShop ? `[vars.SHOPS.${shop}]` : "[vars]";
  const value = setting.example ?? setting.default ?? "";
  return `Set it under ${table} in wrangler.toml (${name} = "${value}") and run: npx wrangler deploy`;
}
