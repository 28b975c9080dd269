import type { Customer } from "../domain/order.ts";
import { asText } from "../lib/json.ts";
import { firstEmail } from "./email.ts";
import type { SegmentEvent } from "./segment-event.ts";

/**
 * Who an event is about. E-mail in the order of trust: what the shop wrote into this event, then what is known of
 * the customer, then a user id that is an address.
 */
export function readCustomer(event: SegmentEvent): Customer {
  const userId = asText(event.root("userId"));
  const anonymousId = asText(event.root("anonymousId"));
  const email = firstEmail(addresses(event, userId));
  return {
    ...(userId !== undefined && { userId }),
    ...(anonymousId !== undefined && { anonymousId }),
    ...(email !== null && { email }),
  };
}

function* addresses(event: SegmentEvent, userId: string | undefined): Iterable<unknown> {
  yield event.properties("email");
  yield event.contextTraits("email");
  yield event.traits("email");
  yield userId;
}
