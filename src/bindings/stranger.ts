/** What stands for a shop that does not exist. Loaded when someone asks for one. */
import { ALL_SETTINGS } from "../config/settings.ts";
import { isShopName, readShopTable } from "../config/shop-settings.ts";
import { envOf } from "./scope.ts";

/**
 * A shop that does not exist must answer a stranger like one that does. It is like the first one in SHOPS, with secrets
 * that no one knows, so nothing that it sees is ever acted on.
 *
 * @returns `null` when there are no shops: then there is no name to hide
 */
export function envOfStranger(env: Env, shop: string): Env | null {
  const [model] = Object.keys(readShopTable(env).shops).filter(isShopName);
  if (model === undefined) return null;
  const { OTHER_SHOPS: _, ...like } = envOf(env, model);
  const own = ALL_SETTINGS.filter(({ name, perShop }) => perShop === "own" && like[name]);
  const secrets = Object.fromEntries(own.map(({ name }) => [name, crypto.randomUUID()]));
  return { ...like, ...secrets, SHOP: shop };
}
