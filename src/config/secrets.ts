/** The secrets that a Worker may have: those of the table, and for each shop of SHOPS its own. */
import type { Setting } from "./kinds.ts";
import { nameFor } from "./config-problem.ts";
import { ALL_SETTINGS, type Settings } from "./settings.ts";
import { isShopName, readShopTable } from "./shop-settings.ts";

export interface Secret {
  /** As it is set, such as `TRUSTPILOT_INTEGRATION_KEY_UK`. */
  name: string;
  /** `null` for the Worker's own. */
  shop: string | null;
  setting: Setting;
}

export function secretsOf(env: Settings): Secret[] {
  const secrets = ALL_SETTINGS.filter(({ secret }) => secret);
  const shops = Object.keys(readShopTable(env).shops).filter(isShopName);
  return [null, ...shops].flatMap((shop) =>
    secrets
      .filter(({ perShop }) => shop === null || perShop !== undefined)
      .map((setting) => ({ name: nameFor(setting, shop), shop, setting })),
  );
}
