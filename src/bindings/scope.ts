/**
 * What one shop sees of the Worker: its own settings and secrets, ledgers, allowance and keys in KV. Code downstream
 * receives such an `Env` and knows nothing of other shops, so no code can mix two of them up; a Worker for one shop
 * gets its own `Env` back, untouched. The jurisdiction is applied here too, as it is part of what an object is.
 *
 * The prefix is part of what makes an order unique: see docs/storage.md before changing it.
 */
import { readLeniently } from "../config/config.ts";
import { settingsOfShop } from "../config/shop-settings.ts";

const PREFIX = /^shop:([^:]+):/;

/** The shop of an object, by its name; `null` for the default shop. */
export function shopOfName(name: string): string | null {
  return PREFIX.exec(name)?.[1] ?? null;
}

const scoped = new WeakMap<Env, Map<string | null, Env>>();

/** @param shop `null` for the default shop */
export function envOf(env: Env, shop: string | null): Env {
  const { jurisdiction } = readLeniently(env).storage;
  if (shop === null && jurisdiction === null) return env;
  let ofShops = scoped.get(env);
  if (!ofShops) scoped.set(env, (ofShops = new Map<string | null, Env>()));
  let ofShop = ofShops.get(shop);
  if (!ofShop) ofShops.set(shop, (ofShop = scope(env, shop, jurisdiction)));
  return ofShop;
}

/** Whether it is no stranger's. */
export function isShopKnown({ SHOP, OTHER_SHOPS }: Pick<Env, "SHOP" | "OTHER_SHOPS">): boolean {
  return SHOP === undefined || OTHER_SHOPS !== undefined;
}

function scope(env: Env, shop: string | null, jurisdiction: DurableObjectJurisdiction | null): Env {
  const prefix = shop === null ? "" : `shop:${shop}:`;
  const objects = <Class extends Rpc.DurableObjectBranded>(
    namespace: DurableObjectNamespace<Class>,
    prefix: string,
  ): DurableObjectNamespace<Class> => {
    const getByName = (name: string) =>
      (jurisdiction === null ? namespace : namespace.jurisdiction(jurisdiction)).getByName(prefix + name);
    return { getByName } as unknown as DurableObjectNamespace<Class>;
  };
  return {
    ...env,
    ...(shop !== null && settingsOfShop(env, shop)),
    JURISDICTION: "",
    LEDGER: objects(env.LEDGER, prefix),
    ALLOWANCE: objects(env.ALLOWANCE, prefix),
    // A customer who opts out does so everywhere, and one message tells of all shops.
    AUDIENCES: objects(env.AUDIENCES, ""),
    ALERTS: objects(env.ALERTS, ""),
    ATTEMPTS: objects(env.ATTEMPTS, ""),
    // Named by the account, which shops may share.
    TOKENS: objects(env.TOKENS, ""),
    ORDERS: shop === null ? env.ORDERS : keysOf(env.ORDERS, prefix),
  };
}

/** The part of a KV namespace that seen-cache.ts uses. */
function keysOf(kv: KVNamespace, prefix: string): KVNamespace {
  const get = async (key: string | string[]) => {
    if (typeof key === "string") return kv.get(prefix + key);
    const values = await kv.get(key.map((one) => prefix + one));
    return new Map([...values].map(([name, value]) => [name.slice(prefix.length), value]));
  };
  const put = (key: string, value: string) => kv.put(prefix + key, value);
  return { get, put } as unknown as KVNamespace;
}
