/** Which orders are a shop's: any of the affiliations and any of the currencies. An empty list matches everything. */
import { asCurrency, asText, type JsonObject } from "../lib/json.ts";

export interface Route {
  /** In lower case. */
  affiliations: readonly string[];
  /** As ISO 4217 writes them. */
  currencies: readonly string[];
}

/** What a shop's table says of its route, without what cannot be read. */
export function readRoute({ affiliation, currency }: JsonObject): Route {
  return {
    affiliations: listOf(affiliation).flatMap((value) => asText(value)?.toLowerCase() ?? []),
    currencies: listOf(currency).flatMap((value) => asCurrency(value) ?? []),
  };
}

export function isRoute(table: JsonObject): boolean {
  const { affiliations, currencies } = readRoute(table);
  return (
    affiliations.length === listOf(table["affiliation"]).length &&
    currencies.length === listOf(table["currency"]).length
  );
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
