import { callRegistry } from "./objects.ts";
import { envOf } from "./scope.ts";

/** A shop that has recorded orders, also one that is no longer in SHOPS. */
export interface UsedShop {
  /** `null` for the default shop. */
  name: string | null;
  /** What the shop sees of the Worker, with the number of ledgers and the jurisdiction that it was started with. */
  env: Env;
}

/** @param env the Worker's own, not a shop's @throws when the registry cannot be reached */
export async function usedShops(env: Env): Promise<UsedShop[]> {
  const records = await callRegistry(env, (registry) => registry.shops());
  return records.map(({ shop, ledgers, jurisdiction }) => {
    const started = { ...env, LEDGERS: String(ledgers), JURISDICTION: jurisdiction ?? "" };
    return { name: shop, env: envOf(started, shop) };
  });
}
