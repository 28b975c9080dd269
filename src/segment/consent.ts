import { asObject, own, type JsonObject } from "../lib/json.ts";

/**
 * Whether the event itself carries the customer's consent to `category`, as Segment's consent wrappers write it:
 * `context.consent.categoryPreferences[category] === true`. Nothing written is no consent.
 */
export function hasConsent(event: JsonObject, category: string): boolean {
  const consent = asObject(own(asObject(own(event, "context")), "consent"));
  return own(asObject(own(consent, "categoryPreferences")), category) === true;
}
