/** Which shops an event is for, and what it asks of each. Pure. */
import type { ShopConfig } from "../config/check-shops.ts";
import type { Settings } from "../config/settings.ts";
import type { Route } from "../config/shop-route.ts";
import { asCurrency, asText } from "../lib/json.ts";
import { parseEvent } from "./parse-event.ts";
import type { ParsedEvent } from "./parsed-event.ts";
import { openEvent } from "./segment-event.ts";

/** `env` where events come by a shop's own path: it names the other shops. */
interface RoutableShop extends ShopConfig {
  env?: Pick<Settings, "SHOP" | "OTHER_SHOPS">;
}

/** An event as one shop's settings read it. */
interface RoutedEvent<Shop extends RoutableShop> {
  shop: Shop;
  event: ParsedEvent;
}

/**
 * An order is for the first shop whose route fits it, else for the default shop. A deletion is for all shops, and so
 * is a cancellation that does not say where the order was made: Segment's refunds may hold nothing but the order id,
 * and an invitation too few is better than one for goods that went back.
 *
 * @param now in ms
 */
export function routeEvent<Shop extends RoutableShop>(
  raw: unknown,
  shops: readonly [Shop, ...Shop[]],
  now: number,
): [RoutedEvent<Shop>, ...RoutedEvent<Shop>[]] {
  const [first, ...others] = shops;
  const routeTo = (shop: Shop): RoutedEvent<Shop> => ({ shop, event: parseEvent(raw, shop.config, now) });
  const { properties } = openEvent(raw);
  // A function: looking up a missing field compares every field name, and with one shop it is rarely needed.
  const affiliationOf = () => asText(properties("affiliation"))?.toLowerCase();
  if (others.length === 0) return [ofPath(routeTo(first), affiliationOf)];
  const affiliation = affiliationOf();
  const currency = asCurrency(properties("currency"));
  const shop = shops.find(({ route }) => fits(route, affiliation, currency));
  if (shop !== undefined) return [routeTo(shop)];
  // Each shop has its own names for a cancellation.
  const [firstUndone, ...othersUndone] = shops
    .map(routeTo)
    .flatMap(({ shop, event }): RoutedEvent<Shop>[] => {
      if (event.kind === "cancellation") return [{ shop, event: { ...event, anyShop: true } }];
      return event.kind === "deletion" ? [{ shop, event }] : [];
    });
  return firstUndone === undefined ? [routeTo(first)] : [firstUndone, ...othersUndone];
}

/** On a shop's path, an event that names another shop is rejected. A currency alone is no reason to. */
function ofPath<Shop extends RoutableShop>(
  { shop, event }: RoutedEvent<Shop>,
  affiliationOf: () => string | undefined,
): RoutedEvent<Shop> {
  const { SHOP, OTHER_SHOPS } = shop.env ?? {};
  if (OTHER_SHOPS === undefined || (event.kind !== "order" && event.kind !== "cancellation"))
    return { shop, event };
  const affiliation = affiliationOf();
  const other =
    affiliation !== undefined && Object.hasOwn(OTHER_SHOPS, affiliation) && OTHER_SHOPS[affiliation];
  if (!other) return { shop, event };
  const message = `properties.affiliation names the shop ${other}, but the event came by /shops/${SHOP}/segment: send it to /shops/${other}/segment or to /segment.`;
  // Without its order id: this shop keeps no record of it.
  return { shop, event: { kind: "rejected", reason: "other_shop", type: event.type, message } };
}

function fits(
  { affiliations, currencies }: Route,
  affiliation: string | undefined,
  currency: string | undefined,
): boolean {
  if (affiliations.length + currencies.length === 0) return false;
  return (
    (affiliations.length === 0 || affiliations.includes(affiliation ?? "")) &&
    (currencies.length === 0 || currencies.includes(currency ?? ""))
  );
}
