/** Ingests events for all shops of the Worker: each shop its own, and the answers in the order of the events. */
import { callLedgers } from "../bindings/objects.ts";
import { usedShops } from "../bindings/used-shops.ts";
import type { Operation } from "../domain/operation.ts";
import type { ParsedEvent } from "../segment/parsed-event.ts";
import type { Shop, Shops } from "../bindings/shops.ts";
import type { EventAnswer } from "../domain/event-answer.ts";
import { ingest, toForget, type IngestedEvent, type WaitUntil } from "./ingest.ts";
import { routeEvent } from "../segment/routing.ts";

interface ShopsEvent {
  shop: Shop;
  ingested: IngestedEvent;
}

/** @param env the Worker's own @throws when a Durable Object stays unreachable: answer 503 */
export async function ingestForShops(
  rawEvents: readonly unknown[],
  shops: Shops,
  env: Env,
  waitUntil: WaitUntil,
): Promise<IngestedEvent[]> {
  const now = Date.now();
  const routed = withTimes(
    rawEvents.flatMap((raw, index) => routeEvent(raw, shops, now).map((event) => ({ index, ...event }))),
    env,
    now,
  );
  const parts: ShopsEvent[][] = rawEvents.map(() => []);
  const ingestFor = async (shop: Shop) => {
    const own = routed.filter((event) => event.shop === shop);
    const all = await ingest(
      own.map(({ event }) => event),
      shop,
      waitUntil,
    );
    all.forEach((ingested, place) => parts[own[place]!.index]!.push({ shop, ingested }));
  };
  const [first, ...others] = shops;
  // First, because the default shop's events update the audiences that the other shops then read.
  await ingestFor(first);
  await Promise.all(others.map(ingestFor));
  await forgetInRemovedShops(routed, shops, env);
  return parts.map((some) => merge(some as [ShopsEvent, ...ShopsEvent[]]));
}

/**
 * What a deletion finds is searched for elsewhere after this request has ended. So orders and deletions get increasing
 * times: a deletion covers the orders before it and none after it. On a shop's own path it covers that shop alone.
 */
function withTimes<Routed extends { event: ParsedEvent }>(
  routed: readonly Routed[],
  env: Env,
  now: number,
): readonly Routed[] {
  if (!routed.some(({ event }) => event.kind === "deletion")) return routed;
  let at = now;
  let isAfterDeletion = false;
  return routed.map((one) => {
    const { event } = one;
    if (event.kind !== "order" && event.kind !== "deletion") return one;
    if (event.kind === "order" && isAfterDeletion) at += 1;
    isAfterDeletion = event.kind === "deletion";
    const scope = isAfterDeletion && env.SHOP === undefined && { everywhere: true };
    return { ...one, event: { ...event, at, ...scope } };
  });
}

/** A deletion reaches the ledgers of every shop ever used, also of those that are not in SHOPS any more. */
async function forgetInRemovedShops(
  routed: readonly { event: ParsedEvent }[],
  shops: Shops,
  env: Env,
): Promise<void> {
  const operations = routed.flatMap(({ event }): Operation[] =>
    event.kind === "deletion" ? [toForget(event)] : [],
  );
  if (operations.length === 0 || env.SHOP !== undefined) return;
  const removed = (await usedShops(env)).filter((used) => shops.every(({ name }) => name !== used.name));
  await Promise.all(removed.flatMap((shop) => callLedgers(shop.env, (ledger) => ledger.record(operations))));
}

/** One answer for an event that one or several shops ingested. */
function merge(parts: [ShopsEvent, ...ShopsEvent[]]): IngestedEvent {
  const [{ shop, ingested }] = parts;
  const { event, answer } = ingested;
  if (parts.length === 1) {
    return { event, answer: shop.name === null ? answer : { ...answer, shop: shop.name } };
  }
  const answers = parts.map((part) => part.ingested.answer);
  const merged: EventAnswer = {
    ...(answers.find(({ outcome }) => outcome === "accepted") ?? answer),
    message: parts
      .map((part) => `${part.shop.name ?? "default shop"}: ${part.ingested.answer.message}`)
      .join(" "),
  };
  return { event, answer: merged };
}
