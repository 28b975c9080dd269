import { readConfig, type Config, type ConfigProblem, type Env } from "../config.ts";

/** What can be read of a configuration, even when it has mistakes: to describe by, never to deliver by. */
export function readableConfig(env: Env): { config: Config; problems: readonly ConfigProblem[] } {
  const checked = readConfig(env);
  return checked.ok
    ? { config: checked.config, problems: [] }
    : { config: checked.readable, problems: checked.problems };
}
