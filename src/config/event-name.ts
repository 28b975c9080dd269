/** In characters. A longer name is nobody's, and is not tried. */
export const LONGEST_EVENT_NAME = 200;

/**
 * Segment's rule for event names, made general: any casing, at most one space or underscore before, between and
 * after the words, and two-word names in either order ("Completed Order" is the v1 name).
 *
 * Segment's own pattern for Order Completed leaves its first alternative open at the end, so that it takes
 * "Completed Order Survey" too. Here both ends are anchored.
 *
 * @see https://www.npmjs.com/package/@segment/actions-core
 */
export function eventNamePattern(name: string): RegExp {
  const words = name
    .trim()
    .split(/[\s_]+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const orders = words.length === 2 ? [words, words.toReversed()] : [words];
  return new RegExp(`^(?:${orders.map((order) => `[ _]?${order.join("[ _]?")}[ _]?`).join("|")})$`, "i");
}
