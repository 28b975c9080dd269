/** Which shops an event is for. Pure. */
import { glanceAt } from "../segment/event.ts";
import { asCurrency, asObject, asText, own } from "../lib/json.ts";
import type { Route, Shop, Shops } from "../bindings/shops.ts";

/**
 * An order is for the first shop whose route fits it, else for the default shop. A deletion is for all shops, and so
 * is a cancellation that does not say where the order was made: Segment's refunds may hold nothing but the order id,
 * and an invitation too few is better than one for goods that went back.
 *
 * @param now in ms
 */
export function shopsFor(event: unknown, shops: Shops, now: number): readonly Shop[] {
  const properties = asObject(own(asObject(event), "properties"));
  const affiliation = asText(own(properties, "affiliation"))?.toLowerCase();
  const currency = asCurrency(own(properties, "currency"));
  const routed = shops.find(({ route }) => fits(route, affiliation, currency));
  if (routed) return [routed];
  const [first] = shops;
  const { kind } = glanceAt(event, first.config, now);
  return kind === "deletion" || kind === "cancellation" ? shops : [first];
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
