/**
 * Which limit of Cloudflare's free plan is reached first at a number of orders a day. All reset at 00:00 UTC.
 *
 * @see https://developers.cloudflare.com/workers/platform/limits/
 * @see https://developers.cloudflare.com/kv/platform/limits/
 * @see https://developers.cloudflare.com/durable-objects/platform/pricing/
 */
import { note, ok, wrong, type Finding } from "./finding.ts";

interface Limit {
  name: string;
  aDay: number;
  /** How much an order uses. @param deliveries how often it is delivered, retries and duplicates included */
  perOrder: (deliveries: number) => number;
  afterwards: string;
  losesOrders: boolean;
}

const LIMITS: readonly Limit[] = [
  {
    name: "KV writes",
    aDay: 1_000,
    perOrder: () => 1,
    afterwards:
      "Nothing is lost and nothing is invited twice: the writes fail softly, and duplicates ask the Ledger.",
    losesOrders: false,
  },
  {
    name: "Durable Object rows written",
    aDay: 100_000,
    perOrder: () => 8,
    afterwards:
      "New orders are answered 503, and Segment retries them for four hours: what it cannot deliver by then is lost.",
    losesOrders: true,
  },
  {
    name: "Durable Object requests",
    aDay: 100_000,
    perOrder: () => 2,
    afterwards: "As for rows: new orders are answered 503.",
    losesOrders: true,
  },
  {
    name: "requests",
    aDay: 100_000,
    perOrder: (deliveries) => deliveries,
    afterwards:
      "Cloudflare refuses requests (error 1027) before the Worker sees them: orders that Segment cannot deliver within four hours are lost.",
    losesOrders: true,
  },
];

const PAID = "Workers Paid ($5 a month) has none of these limits.";

/** @param ordersPerDay from 1 up @param deliveries of one order, from 1 up */
export function checkFreePlan(ordersPerDay: number, deliveries: number): Finding[] {
  const capacity = LIMITS.map((limit) => ({
    ...limit,
    orders: Math.floor(limit.aDay / limit.perOrder(deliveries)),
  })).toSorted((a, b) => a.orders - b.orders);
  const ending = capacity.filter(({ orders }) => orders < ordersPerDay);
  const [first] = capacity;
  if (ending.length === 0) {
    const message = `${number(ordersPerDay)} orders a day fit; the first limit is ${first!.name}, at ${number(first!.orders)} orders.`;
    return [ok("free plan", message)];
  }
  return ending.map(({ name, aDay, orders, afterwards, losesOrders }) => {
    const message = `${name} (${number(aDay)} a day) run out after ${number(orders)} orders. ${afterwards}`;
    return losesOrders ? wrong("free plan", message, PAID) : note("free plan", message, PAID);
  });
}

function number(value: number): string {
  return value.toLocaleString("en");
}
