import { readConfig, type Config, type ConfigProblem } from "../config/config.ts";
import { readShops } from "../bindings/shops.ts";

/** What can be read of a configuration, even when it has mistakes: to describe by, never to deliver by. */
export function readableConfig(env: Env): { config: Config; problems: readonly ConfigProblem[] } {
  const checked = readConfig(env);
  const shops = readShops(env);
  return {
    config: checked.ok ? checked.config : checked.readable,
    problems: shops.ok ? [] : shops.problems,
  };
}
