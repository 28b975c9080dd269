import { fieldsOf } from "../lib/json.ts";
import type { SegmentEvent } from "./segment-event.ts";

/**
 * Whether the event itself carries the customer's consent to `category`, as Segment's consent wrappers write it:
 * `context.consent.categoryPreferences[category] === true`. Nothing written is no consent.
 */
export function hasConsent({ context }: SegmentEvent, category: string): boolean {
  const consent = fieldsOf(context("consent"));
  return fieldsOf(consent("categoryPreferences"))(category) === true;
}
