/** Reading parsed JSON of unknown shape: own properties only, and never an exception. */

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `value` as an object; anything else reads as an empty one. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/**
 * The own property `key`, so that "constructor" or "__proto__" finds nothing that the sender did not write; `null`
 * counts as nothing. Segment warns its partners that the casing of fields varies by customer, so `order_id` is also
 * found as `orderId`, `OrderID` or `Order ID`. What is written exactly as asked for goes first.
 */
export function own(object: JsonObject, key: string): unknown {
  if (Object.hasOwn(object, key) && object[key] !== null) return object[key];
  const plainKey = plain(key);
  for (const name in object) {
    if (plain(name) === plainKey && Object.hasOwn(object, name) && object[name] !== null) return object[name];
  }
  return undefined;
}

/** How a name is spelled when nobody minds: small letters without anything in between. */
function plain(name: string): string {
  let plainName = plainNames.get(name);
  if (plainName === undefined) {
    plainName = name.replace(/[_ -]/g, "").toLowerCase();
    // The names are the same in nearly all events; those of a sender who makes up new ones are not kept.
    if (plainNames.size < MOST_NAMES) plainNames.set(name, plainName);
  }
  return plainName;
}

const plainNames = new Map<string, string>();
const MOST_NAMES = 500;

/**
 * A short text for a person or an id: strings and finite numbers, trimmed, without control characters, broken
 * surrogates mended, cut to `most` characters. Anything else, and what is empty then, is `undefined`.
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

/** A number, also when it comes as a string such as "27.50". */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/**
 * Milliseconds since 1970 of an ISO 8601 date or of a number of seconds or milliseconds; `null` when it is neither.
 * Not whatever `Date` makes of a text: it reads "1" as a day in 2001.
 */
export function asTime(value: unknown): number | null {
  const isDate = typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value);
  if (!isDate && typeof value !== "number") return null;
  const inSeconds = typeof value === "number" && Math.abs(value) < SECONDS_UNTIL_5138;
  const time = new Date(inSeconds ? value * 1000 : value).getTime();
  return Number.isNaN(time) ? null : time;
}

/** As milliseconds, a smaller number would be a time before 1973, when nobody ordered anything. */
const SECONDS_UNTIL_5138 = 1e11;
