/** Where the simulated orders are: two shops with two ledgers each, and some order ids that both shops use. */
import { env } from "cloudflare:workers";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { ledgerName, ledgerNames } from "../../src/domain/shard.ts";

export const LEDGERS = 2;

/** The second stands for a shop in SHOPS. */
export const SHOPS = ["main", "uk"] as const;
export type ShopName = (typeof SHOPS)[number];

/** An order's shop and id. */
export type Place = `${ShopName}/${string}`;

/** What Trustpilot calls each shop, whatever the transport. @param history each in a process has its own */
export function accountsOf(history: number) {
  const number = String(history).padStart(5, "0");
  return [
    { shop: "main", name: `accountMain${number}` },
    { shop: "uk", name: `accountOfUk${number}` },
  ] as const;
}

export interface SimulatedOrder {
  place: Place;
  shop: ShopName;
  id: string;
  /** Each customer has several orders. */
  customer: number;
}

const CUSTOMERS = 12;

function ordersOf(shop: ShopName, prefix: string, count: number): SimulatedOrder[] {
  return Array.from({ length: count }, (_, number) => {
    const id = `${prefix}-${number}`;
    return { place: `${shop}/${id}`, shop, id, customer: number % CUSTOMERS };
  });
}

export const ORDERS: readonly SimulatedOrder[] = [
  ...ordersOf("main", "m", 30),
  ...ordersOf("uk", "u", 16),
  ...ordersOf("main", "both", 6),
  ...ordersOf("uk", "both", 6).map((order) => ({ ...order, customer: order.customer + 3 })),
];

export const LEDGER_NAMES: readonly string[] = SHOPS.flatMap((shop) =>
  ledgerNames(LEDGERS).map((name) => prefixOf(shop) + name),
);

export function ledgerNameOf({ shop, id }: SimulatedOrder): string {
  return prefixOf(shop) + ledgerName(id, LEDGERS);
}

/** A new stub each time: one that has seen its object die stays broken. */
export function ledgerNamed(name: string): DurableObjectStub<Ledger> {
  return env.LEDGER.getByName(name);
}

/** The place of an order in the ledger called `name`. */
export function placeIn(name: string, orderId: string): Place {
  return `${name.startsWith(prefixOf("uk")) ? "uk" : "main"}/${orderId}`;
}

function prefixOf(shop: ShopName): string {
  return shop === "main" ? "" : `shop:${shop}:`;
}
