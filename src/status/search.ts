/** Finds orders by what people know of them, in all ledgers of the shop; from the default shop's pages in all shops. */
import type { LedgerStub } from "../bindings/objects.ts";
import { envOf } from "../bindings/scope.ts";
import { readShopTable } from "../config/shop-settings.ts";
import { orderIdentity } from "../domain/order-identity.ts";
import type { OrderSummary } from "../domain/row.ts";
import { askAll } from "./ledgers.ts";

/** The orders of one shop that were found. */
export interface Hits {
  /** Of the shop. */
  env: Env;
  orders: OrderSummary[];
}

/** @param id as it was sent, as it is shown here, or the reference that Trustpilot shows */
export function searchById(env: Env, id: string): Promise<Hits[]> {
  const identity = orderIdentity(id);
  return searchAll(env, (ledger) => ledger.named(identity));
}

/** With FIND_BY_EMAIL. */
export function searchByEmail(env: Env, email: string): Promise<Hits[]> {
  return searchAll(env, (ledger) => ledger.findByEmail(email));
}

async function searchAll(env: Env, search: (ledger: LedgerStub) => Promise<OrderSummary[]>): Promise<Hits[]> {
  const hits = await Promise.all(
    [env, ...Object.keys(readShopTable(env).shops).map((shop) => envOf(env, shop))].map(async (ofShop) => {
      const ofEach = await askAll(ofShop, search);
      return { env: ofShop, orders: ofEach.flat() };
    }),
  );
  return hits.filter(({ orders }) => orders.length > 0);
}

/** `null` when there are several. @param hits not empty */
export function onlyHit([first, ...others]: readonly Hits[]): { env: Env; orderId: string } | null {
  const [order, another] = first!.orders;
  return others.length > 0 || another !== undefined ? null : { env: first!.env, orderId: order!.orderId };
}
