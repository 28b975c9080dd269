/** What needs attention, as the page and the JSON list it. */
import type { Problem } from "../alerts/problem.ts";
import { problems } from "../alerts/problems.ts";
import { hasSeveralShops } from "../config/shop-settings.ts";
import type { Figures } from "./ledgers.ts";
import { readableConfig } from "./readable-config.ts";

/** @param now in ms */
export function attention(env: Env, figures: Figures, now: number): Problem[] {
  const { config, problems: settings } = readableConfig(env);
  const { monthlyLimit } = config.trustpilot;
  return problems(figures, {
    settings,
    monthlyLimit,
    severalShops: hasSeveralShops(env),
    rules: config.rules,
    now,
  });
}
