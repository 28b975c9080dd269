/** Reading parsed JSON of unknown shape: own properties only, and never an exception. */

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Looks a field up by its name; `undefined` when it is missing or `null`. */
export type Fields = (name: string) => unknown;

/**
 * The own fields of `value`, so that "constructor" or "__proto__" finds nothing that the sender did not write; none
 * when it is not an object. Segment warns its partners that the casing of fields varies by customer, so `order_id` is
 * also found as `orderId`, `OrderID` or `Order ID`; the exact spelling goes first.
 */
export function fieldsOf(value: unknown): Fields {
  if (!isObject(value)) return () => undefined;
  let folded: Map<string, unknown> | undefined;
  return (name) => {
    if (Object.hasOwn(value, name) && value[name] !== null) return value[name];
    folded ??= foldNames(value);
    return folded.get(fold(name));
  };
}

/** Made once for each object: a sender may write 100,000 fields. Of two spellings the first one counts. */
function foldNames(object: JsonObject): Map<string, unknown> {
  const folded = new Map<string, unknown>();
  for (const [name, value] of Object.entries(object)) {
    const key = fold(name);
    if (value !== null && !folded.has(key)) folded.set(key, value);
  }
  return folded;
}

/** Normalizes a field name. */
function fold(name: string): string {
  return name.replace(/[_ -]/g, "").toLowerCase();
}

/**
 * A short text for a person, or an id: strings and finite numbers, trimmed, without control characters, lone
 * surrogates replaced, cut to `most` characters. Anything else, and what is empty then, is `undefined`.
 */
export function asText(value: unknown, most = 255): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value !== "string") return undefined;
  const text = value
    .slice(0, most * 2)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, most)
    .toWellFormed();
  return text === "" ? undefined : text;
}

/** A currency code as ISO 4217 writes it. A sign or a name is not cut down to a code that would be another's. */
export function asCurrency(value: unknown): string | undefined {
  const code = asText(value)?.toUpperCase();
  return code !== undefined && /^[A-Z]{3}$/.test(code) ? code : undefined;
}
