/** The shops of a Worker, each with its configuration and with what it sees of the Worker. */
import { checkShops, type ShopConfig } from "../config/check-shops.ts";
import type { ConfigProblem } from "../config/config-problem.ts";
import { envOf } from "./scope.ts";

export interface Shop extends ShopConfig {
  env: Env;
}

/** The default shop first. */
export type Shops = readonly [Shop, ...Shop[]];

export type ShopsResult = { ok: true; shops: Shops } | { ok: false; problems: ConfigProblem[] };

const read = new WeakMap<Env, ShopsResult>();

/** The result is kept for as long as the runtime passes the same `env`. */
export function readShops(env: Env): ShopsResult {
  let result = read.get(env);
  if (!result) read.set(env, (result = bind(env)));
  return result;
}

function bind(env: Env): ShopsResult {
  const checked = checkShops(env);
  if (!checked.ok) return checked;
  const [first, ...others] = checked.shops;
  const withEnv = (shop: ShopConfig): Shop => ({ ...shop, env: envOf(env, shop.name) });
  return { ok: true, shops: [withEnv(first), ...others.map(withEnv)] };
}
