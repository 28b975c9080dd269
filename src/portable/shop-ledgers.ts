/** The ledgers of a shop, for calls that concern each of them. */
import { HTTPException } from "hono/http-exception";
import type { Shop, Shops } from "../bindings/shops.ts";

export type BackupApp = { Bindings: Env; Variables: { shops: Shops } };

/** What `npm run ledger -- state` shows of a shop. */
export interface ShopLedgers {
  shop: string | null;
  ledgers: number;
  fenced: boolean;
  paused: boolean;
  /** Orders whose request is out at this moment. */
  sending: number;
  /** Orders ever heard of. */
  orders: number;
}

/** @throws HTTPException when there is no such shop here */
export function shopNamed(shops: Shops, name: string | null): Shop {
  const shop = shops.find((each) => each.name === name);
  if (shop) return shop;
  throw new HTTPException(400, {
    message: `There is no shop "${name}" here: add it to SHOPS, deploy, and run the command again.`,
  });
}

export function sumOf<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + count(item), 0);
}
