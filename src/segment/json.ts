/** Reading parsed JSON of unknown shape: own properties only, and never an exception. */

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `value` as an object; anything else reads as an empty one. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The own property `key`, so that "constructor" or "__proto__" finds nothing that the sender did not write. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

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

/** A number, also when it comes as a string such as "27.50". */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** Milliseconds since 1970 of an ISO 8601 date or a number of ms; `null` when it is neither. */
export function asTime(value: unknown): number | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const time = new Date(value).getTime();
  return Number.isNaN(time) ? null : time;
}
