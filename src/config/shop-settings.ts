/** SHOPS: what the operator says about further shops, each with its name. Read here, checked in shops.ts. */
import type { Settings } from "./config.ts";
import { isObject, type JsonObject } from "../lib/json.ts";

/** What a shop may have of its own; for what it does not say, the Worker's own settings hold. */
export const OF_A_SHOP = [
  "SHOP_ORIGIN",
  "INVITE_ON",
  "HOLD_DAYS",
  "MAX_ORDER_AGE_DAYS",
  "INVITE_ONE_IN",
  "EXCLUDE_AUDIENCES",
  "REQUIRE_AUDIENCE",
  "REQUIRE_CONSENT",
  "ON_UNKNOWN",
  "DRY_RUN",
  "MONTHLY_LIMIT",
] as const satisfies (keyof Settings)[];

/** By name. `ok`: whether SHOPS is a table at all. A table in wrangler.toml arrives as an object, else it is JSON. */
export function settingsOf({ SHOPS }: Settings): { ok: boolean; settings: Record<string, JsonObject> } {
  const table = typeof SHOPS === "string" ? parse(SHOPS) : (SHOPS ?? {});
  const ok = isObject(table) && Object.values(table).every(isObject);
  return { ok, settings: ok ? (table as Record<string, JsonObject>) : {} };
}

/** The secret that holds a shop's Integration Key. */
export function keyName(shop: string): string {
  return `TRUSTPILOT_INTEGRATION_KEY_${shop.toUpperCase().replaceAll("-", "_")}`;
}

export function keyOf(env: Settings, shop: string): string {
  return (env as Record<string, string | undefined>)[keyName(shop)] ?? "";
}

function parse(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
