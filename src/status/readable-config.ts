import { readLeniently, type Config } from "../config/config.ts";
import type { ConfigProblem } from "../config/config-problem.ts";
import { readShops } from "../bindings/shops.ts";

/** As much of the configuration as can be read, even when some is invalid: to describe orders, never to deliver them. */
export function readableConfig(env: Env): { config: Config; problems: readonly ConfigProblem[] } {
  const shops = readShops(env);
  return { config: readLeniently(env), problems: shops.ok ? [] : shops.problems };
}
