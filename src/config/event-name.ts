import { escapeRegExp } from "../lib/escape-regexp.ts";

/** In characters. A longer name is not tried. */
export const LONGEST_EVENT_NAME = 200;

/**
 * Segment's rule for event names, made general: any casing, any spaces, underscores, hyphens and dots before, between
 * and after the words or none, and two-word names in either order ("Completed Order" is the v1 name).
 *
 * Segment's own pattern for Order Completed leaves its first alternative open at the end, so that it also matches
 * "Completed Order Survey". Here both ends are anchored.
 *
 * @see https://www.npmjs.com/package/@segment/actions-core
 */
export function eventNamePattern(name: string): RegExp {
  const words = name
    .split(/[\s._-]+/)
    .filter(Boolean)
    .map(escapeRegExp);
  const orders = words.length === 2 ? [words, words.toReversed()] : [words];
  return new RegExp(`^${SPACE}(?:${orders.map((order) => order.join(SPACE)).join("|")})${SPACE}$`, "iu");
}

const SPACE = String.raw`[\s._\-]*`;
