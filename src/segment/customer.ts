import type { Customer } from "../domain/order.ts";
import { asText, fieldsOf } from "../lib/json.ts";
import { isPlaceholder } from "../lib/placeholder.ts";
import { firstEmail } from "./email-address.ts";
import type { SegmentEvent } from "./segment-event.ts";

/** Who an event is about. */
export function readCustomer(event: SegmentEvent): Customer {
  const userId = asText(event.root("userId"));
  const anonymousId = asText(event.root("anonymousId"));
  const email = firstEmail(candidates(event));
  return {
    ...(userId !== undefined && { userId }),
    ...(anonymousId !== undefined && { anonymousId }),
    ...(email !== null && { email }),
  };
}

/** Whether something stands where an address should be, for an event without a usable one. */
export function hasUnusableEmail(event: SegmentEvent): boolean {
  return [...addresses(event)].some((candidate) =>
    typeof candidate === "string" ? !isPlaceholder(candidate) : candidate !== undefined && candidate !== null,
  );
}

/** In the order of trust, the user id last: it is an address only in some shops. */
function* candidates(event: SegmentEvent): Iterable<unknown> {
  yield* addresses(event);
  yield event.root("userId");
}

/** What the shop wrote into this event, then what is known of the customer. */
function* addresses({ root, properties, context, contextTraits, traits }: SegmentEvent): Iterable<unknown> {
  yield* itemsOf(properties("email"));
  yield* itemsOf(fieldsOf(properties("traits"))("email"));
  yield* itemsOf(contextTraits("email"));
  yield* itemsOf(traits("email"));
  yield* itemsOf(root("email"));
  for (const externalId of itemsOf(context("externalIds"))) {
    const field = fieldsOf(externalId);
    if (/^e-?mail$/i.test(String(field("type")))) yield field("id");
  }
}

function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, 20) : [value];
}
