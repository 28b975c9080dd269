/** Takes a list of events for all shops of the Worker: each shop its own, and the answers in the order of the events. */
import type { EventAnswer } from "../domain/event-answer.ts";
import { takeEvents, type TakenEvent } from "./ingest.ts";
import { shopsFor } from "./routing.ts";
import type { Shop, Shops } from "../bindings/shops.ts";

/** As `takeEvents`. @throws when a Durable Object stays unreachable: answer 503 */
export function takeForShops(
  events: unknown[],
  shops: Shops,
  later: (work: Promise<unknown>) => void,
): Promise<TakenEvent[]> {
  const [first, ...others] = shops;
  return others.length === 0
    ? takeEvents(events, first.config, first.env, later)
    : takeForEach(events, shops, later);
}

async function takeForEach(
  events: unknown[],
  shops: Shops,
  later: (work: Promise<unknown>) => void,
): Promise<TakenEvent[]> {
  const [first, ...others] = shops;
  const now = Date.now();
  const addressees = events.map((event) => shopsFor(event, shops, now));
  const taken = events.map((): { shop: Shop; taken: TakenEvent }[] => []);
  const takeFor = async (shop: Shop) => {
    const places = [...events.keys()].filter((place) => addressees[place]!.includes(shop));
    const ofShop = await takeEvents(
      places.map((place) => events[place]),
      shop.config,
      shop.env,
      later,
    );
    ofShop.forEach((one, index) => taken[places[index]!]!.push({ shop, taken: one }));
  };
  // The default shop notes the audiences, which the others ask for.
  await takeFor(first);
  await Promise.all(others.map(takeFor));
  return taken.map(merge);
}

function merge(parts: { shop: Shop; taken: TakenEvent }[]): TakenEvent {
  const [{ shop, taken }] = parts as [{ shop: Shop; taken: TakenEvent }];
  const { reading, answer } = taken;
  if (parts.length === 1)
    return { reading, answer: shop.name === null ? answer : { ...answer, shop: shop.name } };
  const accepted = parts.find((part) => part.taken.answer.outcome === "accepted")?.taken.answer ?? answer;
  const all: EventAnswer = {
    ...accepted,
    message: parts
      .map((part) => `${part.shop.name ?? "default shop"}: ${part.taken.answer.message}`)
      .join(" "),
  };
  return { reading, answer: all };
}
