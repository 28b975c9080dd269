/** The ledgers of a shop, for calls that concern each of them. */
import { HTTPException } from "hono/http-exception";
import { callLedger, ledgersOf, type LedgerStub } from "../bindings/objects.ts";
import type { Shop, Shops } from "../bindings/shops.ts";
import { ledgerName, ledgerNames } from "../domain/shard.ts";

export type App = { Bindings: Env; Variables: { shops: Shops } };

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

/** Calls all ledgers of `shop`. `call` is also given which order ids belong to the ledger. */
export function eachLedger<Answer>(
  { env }: Shop,
  call: (ledger: LedgerStub, isMine: (orderId: string) => boolean) => Promise<Answer>,
): Promise<Answer[]> {
  const ledgers = ledgersOf(env);
  return Promise.all(
    ledgerNames(ledgers).map((name) =>
      callLedger(env, name, (ledger) => call(ledger, (orderId) => ledgerName(orderId, ledgers) === name)),
    ),
  );
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
