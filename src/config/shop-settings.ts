/** SHOPS: the settings of further shops, by name. check-shops.ts checks them. */
import { isObject, type JsonObject } from "../lib/json.ts";
import { nameFor } from "./config-problem.ts";
import { NEEDED_TO_SEND } from "./contradictions.ts";
import { readRoute } from "./shop-route.ts";
import { ALL_SETTINGS, type Settings } from "./settings.ts";

/** `ok`: whether SHOPS is a table of tables. A table in wrangler.toml arrives as an object, else it is JSON. */
interface ShopTable {
  ok: boolean;
  shops: Readonly<Record<string, JsonObject>>;
}

const read = new WeakMap<Settings, ShopTable>();

/** The result is kept for as long as the runtime passes the same `env`. */
export function readShopTable(env: Settings): ShopTable {
  let result = read.get(env);
  if (!result) read.set(env, (result = parseTable(env.SHOPS)));
  return result;
}

/** Whether the Worker has shops besides the default one. @param env the Worker's own or a shop's */
export function hasSeveralShops(env: Settings): boolean {
  return env["SHOP"] !== undefined || Object.keys(readShopTable(env).shops).length > 0;
}

/** Whether SHOPS has this shop, under a name that a shop may have. */
export function isShop(env: Settings, name: string): boolean {
  return isShopName(name) && Object.hasOwn(readShopTable(env).shops, name);
}

/** Up to 20 lower-case letters, digits and hyphens, unless a secret of the shop would have another setting's name. */
export function isShopName(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9-]{0,19}$/.test(name) || /(^|-)previous$/.test(name)) return false;
  const names = ALL_SETTINGS.filter((setting) => nameFor(setting, name) !== setting.name);
  return !names.some((setting) => ALL_SETTINGS.some((other) => other.name === nameFor(setting, name)));
}

/** In the order of the table. */
export const PER_SHOP_SETTINGS: readonly string[] = ALL_SETTINGS.filter(
  ({ perShop, secret }) => perShop !== undefined && secret !== true,
).map(({ name }) => name);

/**
 * The Worker's settings as one shop sees them. Only what a shop may set is taken from SHOPS, and a shop that is not
 * in SHOPS (any more) has nothing that a transport needs, not even the Worker's: nothing is sent for it.
 */
export function settingsOfShop(env: Settings, shop: string): Settings {
  const worker = env as Record<string, unknown>;
  const known = isShop(env, shop);
  const table = known ? readShopTable(env).shops[shop]! : {};
  const settings: Record<string, unknown> = { SHOP: shop, SHOPS: "", OTHER_SHOPS: otherShops(env, shop) };
  for (const setting of ALL_SETTINGS) {
    const { name, perShop, secret } = setting;
    if (perShop === undefined) continue;
    const place = secret ? worker : table;
    const ownName = nameFor(setting, shop);
    if (known && Object.hasOwn(place, ownName)) settings[name] = place[ownName];
    else if (perShop === "own" || (!known && NEEDED_TO_SEND.has(setting))) settings[name] = "";
  }
  return { ...env, ...settings };
}

/** The affiliations that lead to other shops and not to this one. */
function otherShops(env: Settings, shop: string): Record<string, string> {
  const tables = Object.entries(readShopTable(env).shops);
  const own = new Set(
    tables.flatMap(([name, table]) => (name === shop ? readRoute(table).affiliations : [])),
  );
  const others = tables.flatMap(([name, table]) =>
    readRoute(table).affiliations.map((affiliation) => [affiliation, name] as const),
  );
  return Object.fromEntries(others.filter(([affiliation]) => !own.has(affiliation)));
}

function parseTable(raw: unknown): ShopTable {
  const table = typeof raw === "string" ? parse(raw) : (raw ?? {});
  const ok = isObject(table) && Object.values(table).every(isObject);
  return { ok, shops: ok ? (table as Record<string, JsonObject>) : {} };
}

function parse(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
