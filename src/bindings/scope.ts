/**
 * What one shop sees of the Worker: its own settings and key, ledgers, allowance and keys in KV. Everything behind
 * takes such an `Env` and knows nothing of other shops, so no code can mix two of them up; a Worker for one shop
 * gets its own `Env` back, untouched. The jurisdiction is applied here too, as it is part of what an object is.
 *
 * The prefix is part of what makes an order unique: see docs/storage.md before changing it.
 */
import { keyOf, settingsOf } from "../config/shop-settings.ts";
import { JURISDICTIONS } from "../config/jurisdiction.ts";

const PREFIX = /^shop:([^:]+):/;

/** The shop of an object, by its name; `null` for the default shop. */
export function shopOfName(name: string): string | null {
  return PREFIX.exec(name)?.[1] ?? null;
}

const scoped = new WeakMap<Env, Map<string | null, Env>>();

/** @param shop `null` for the default shop. One that is not in SHOPS (any more) has no key: nothing is sent for it. */
export function envOf(env: Env, shop: string | null): Env {
  if (shop === null && jurisdictionOf(env) === null) return env;
  let ofShops = scoped.get(env);
  if (!ofShops) scoped.set(env, (ofShops = new Map<string | null, Env>()));
  let ofShop = ofShops.get(shop);
  if (!ofShop) ofShops.set(shop, (ofShop = scope(env, shop)));
  return ofShop;
}

function scope(env: Env, shop: string | null): Env {
  const jurisdiction = jurisdictionOf(env);
  const prefix = shop === null ? "" : `shop:${shop}:`;
  const objects = <Class extends Rpc.DurableObjectBranded>(
    namespace: DurableObjectNamespace<Class>,
    prefix: string,
  ): DurableObjectNamespace<Class> => {
    const getByName = (name: string) =>
      (jurisdiction === null ? namespace : namespace.jurisdiction(jurisdiction)).getByName(prefix + name);
    return { getByName } as unknown as DurableObjectNamespace<Class>;
  };
  const { settings } = settingsOf(env);
  return {
    ...env,
    ...(shop !== null && {
      ...settings[shop],
      TRUSTPILOT_INTEGRATION_KEY: Object.hasOwn(settings, shop) ? keyOf(env, shop) : "",
      SHOP: shop,
      SHOPS: "",
    }),
    JURISDICTION: "",
    LEDGER: objects(env.LEDGER, prefix),
    ALLOWANCE: objects(env.ALLOWANCE, prefix),
    // A customer who opts out does so everywhere, and one message tells of all shops.
    AUDIENCES: objects(env.AUDIENCES, ""),
    ALERTS: objects(env.ALERTS, ""),
    ORDERS: shop === null ? env.ORDERS : keysOf(env.ORDERS, prefix),
  };
}

/** Of a namespace of KV as much as `src/orders/memory.ts` uses. */
function keysOf(kv: KVNamespace, prefix: string): KVNamespace {
  const get = async (key: string | string[]) => {
    if (typeof key === "string") return kv.get(prefix + key);
    const values = await kv.get(key.map((one) => prefix + one));
    return new Map([...values].map(([name, value]) => [name.slice(prefix.length), value]));
  };
  const put = (key: string, value: string) => kv.put(prefix + key, value);
  return { get, put } as unknown as KVNamespace;
}

function jurisdictionOf({ JURISDICTION }: Env): (typeof JURISDICTIONS)[number] | null {
  const asked = String(JURISDICTION ?? "")
    .trim()
    .toLowerCase();
  return JURISDICTIONS.find((known) => known === asked) ?? null;
}
