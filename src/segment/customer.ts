import type { Customer } from "../domain/order.ts";
import { firstEmail } from "./email.ts";
import { asObject, asText, own, type JsonObject } from "../lib/json.ts";

/**
 * Who an event is about. E-mail in the order of trust: what the shop wrote into this event, then what is known of
 * the customer, then a user id that is an address.
 */
export function readCustomer(event: JsonObject): Customer {
  const userId = asText(own(event, "userId"));
  const anonymousId = asText(own(event, "anonymousId"));
  const email = firstEmail(addresses(event, userId));
  return {
    ...(userId !== undefined && { userId }),
    ...(anonymousId !== undefined && { anonymousId }),
    ...(email !== null && { email }),
  };
}

function* addresses(event: JsonObject, userId: string | undefined): Iterable<unknown> {
  yield own(asObject(own(event, "properties")), "email");
  yield own(asObject(own(asObject(own(event, "context")), "traits")), "email");
  yield own(asObject(own(event, "traits")), "email");
  yield userId;
}
