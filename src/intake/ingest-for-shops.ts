/** Ingests events for all shops of the Worker: each shop its own, and the answers in the order of the events. */
import type { Shop, Shops } from "../bindings/shops.ts";
import type { EventAnswer } from "../domain/event-answer.ts";
import { ingest, type IngestedEvent, type WaitUntil } from "./ingest.ts";
import { routeEvent } from "./routing.ts";

interface ShopsEvent {
  shop: Shop;
  ingested: IngestedEvent;
}

/** @throws when a Durable Object stays unreachable: answer 503 */
export async function ingestForShops(
  rawEvents: readonly unknown[],
  shops: Shops,
  waitUntil: WaitUntil,
): Promise<IngestedEvent[]> {
  const now = Date.now();
  const routed = rawEvents.flatMap((raw, index) =>
    routeEvent(raw, shops, now).map((event) => ({ index, ...event })),
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
  // The default shop keeps the audiences, which the others ask for.
  await ingestFor(first);
  await Promise.all(others.map(ingestFor));
  return parts.map((some) => merge(some as [ShopsEvent, ...ShopsEvent[]]));
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
