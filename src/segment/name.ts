/**
 * The customer's name, for the greeting of the invitation. Names are typed by customers, and Trustpilot's e-mail must
 * not carry their advertising; a name that is missing costs nothing.
 */
import { INVISIBLE_FORMAT } from "../lib/invisible.ts";
import { asText, type Fields } from "../lib/json.ts";
import { isPlaceholder } from "../lib/placeholder.ts";
import type { SegmentEvent } from "./segment-event.ts";

/** In characters. */
const MAX_NAME = 60;

/** "First Last"; empty when no name can be used. */
export function readName({ properties, contextTraits, traits }: SegmentEvent): string {
  for (const place of [
    describesProduct(properties) ? withoutName(properties) : properties,
    contextTraits,
    traits,
  ]) {
    const name = nameIn(place);
    if (name !== "") return name;
  }
  return "";
}

function nameIn(field: Fields): string {
  const name = part(field("name"));
  const first = name ?? part(field("first_name"));
  const last = part(field("surname")) ?? (name === null ? part(field("last_name")) : null);
  const whole = [first, last].filter((one) => one !== null).join(" ");
  return [...whole].slice(0, MAX_NAME).join("").trim();
}

/** Zero-width joiners shape letters in some scripts; other invisible characters are dropped. */
function part(value: unknown): string | null {
  const text = asText(value)
    ?.replace(INVISIBLE_FORMAT, (character) => (/[\u200c\u200d]/.test(character) ? character : ""))
    .trim();
  if (text === undefined || isAdvertising(text)) return null;
  // People are called Null, Nan and Na; machines write them in one case.
  return isPlaceholder(text) && !/^(Null|Nil|Nan|Na)$/.test(text) ? null : text;
}

/** `https://x.example`, `www.x`, `x.example/a`, `shop.com`, but not `St.John` or `J.R.`. */
function isAdvertising(text: string): boolean {
  return /[<>]|:\/\/|\bwww\.|[\p{L}\p{N}]\.\p{L}{2,}\/|[\p{L}\p{N}-]{2,}\.(\p{Ll}{2,}|\p{Lu}{2,})(?!\p{L})/u.test(
    text,
  );
}

const PRODUCT_FIELDS = [
  "product_id",
  "sku",
  "variant",
  "brand",
  "category",
  "price",
  "quantity",
  "image_url",
];

/** An order of one product may name the product at the top. */
function describesProduct(properties: Fields): boolean {
  return PRODUCT_FIELDS.some((field) => properties(field) !== undefined);
}

function withoutName(properties: Fields): Fields {
  return (name) => (name === "name" ? undefined : properties(name));
}
