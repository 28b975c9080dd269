/**
 * What Trustpilot says about an invitation that it did not create, for the person who has to fix it. Pure. It may
 * repeat whom the invitation was for, so names and addresses are masked before anything is kept.
 */
import type { Order } from "../domain/order.ts";
import { escapeRegExp } from "../lib/escape-regexp.ts";
import { asText } from "../lib/json.ts";
import { maskAddresses, withoutQueries } from "../lib/mask.ts";

const MOST_CHARACTERS = 300;

/** @param body the start of the answer's body. @returns `undefined` when it says nothing in words */
export function messageIn(body: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // A gateway's page: its words, without what only a browser needs.
    return asText(body.replace(/<(style|script)\b[^]*?<\/\1>|<[^>]*>/gi, " ").replace(/\s+/g, " "), 4096);
  }
  return asText(typeof parsed === "object" ? (firstText(parsed, 3) ?? JSON.stringify(parsed)) : parsed, 4096);
}

/** The first 300 characters, without the customer's name, any e-mail address, and what opens something in a URL. */
export function maskMessage(message: string, { name }: Pick<Order, "name">): string {
  const names = [name, ...name.split(/\s+/)].filter((part) => part.length > 1);
  const withoutNames = names.reduce(
    (text, part) => text.replace(new RegExp(`(?<!\\p{L})${escapeRegExp(part)}(?!\\p{L})`, "giu"), "…"),
    maskAddresses(withoutQueries(message)),
  );
  return withoutNames.slice(0, MOST_CHARACTERS).toWellFormed();
}

/** The usual names first: `{"message": "…"}`, `{"error": {"description": "…"}}`, `{"errors": [{"detail": "…"}]}`. */
function firstText(value: unknown, depth: number): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || depth === 0) return undefined;
  if (Array.isArray(value)) return firstText(value[0], depth - 1);
  for (const name of NAMES) {
    const text = firstText((value as Record<string, unknown>)[name], depth - 1);
    if (text !== undefined) return text;
  }
  return undefined;
}

const NAMES = [
  "message",
  "error_description",
  "description",
  "detail",
  "details",
  "errors",
  "error",
  "title",
];
