import { readConfig, type Config, type ConfigProblem } from "../config/config.ts";
import { readShops } from "../bindings/shops.ts";

/** As much of the configuration as can be read, even when some is invalid: to describe orders, never to deliver them. */
export function readableConfig(env: Env): { config: Config; problems: readonly ConfigProblem[] } {
  const checked = readConfig(env);
  const shops = readShops(env);
  return {
    config: checked.ok ? checked.config : checked.readable,
    problems: shops.ok ? [] : shops.problems,
  };
}
