import type { Config } from "../config/config.ts";
import { ineligibility } from "../domain/eligibility.ts";
import type { Order } from "../domain/order.ts";
import { holdsAddress } from "../lib/mask.ts";
import { hasConsent } from "./consent.ts";
import { hasUnusableEmail } from "./customer.ts";
import { readEventTime } from "./event-time.ts";
import { isAlreadyInvited, isEnabledFor } from "./integrations.ts";
import { readOrderId } from "./order-id.ts";
import { rejected, type ParsedEvent } from "./parsed-event.ts";
import { readOrder } from "./read-order.ts";
import type { SegmentEvent } from "./segment-event.ts";

/** An event that asks for an invitation. @param now in ms since 1970 */
export function parseOrder(event: SegmentEvent, { rules, segment }: Config, now: number): ParsedEvent {
  const type = "track";
  const { name } = segment.inviteOn;
  const id = readOrderId(event.properties("order_id"));
  const integrations = event.root("integrations");
  const alreadyInvited = isAlreadyInvited(integrations);
  // Not recorded: the same order may well come a second time from another source that does name Trustpilot.
  if (!alreadyInvited && !isEnabledFor(integrations)) {
    const message = "The event's integrations object turns Trustpilot off.";
    return { kind: "skipped", type, message, ...(id.ok && { orderId: id.orderId }) };
  }
  if (!id.ok) {
    const then = alreadyInvited ? "nothing was recorded" : "send a unique order_id in its properties";
    return rejected(type, "order_id_unusable", `${name} ${id.problem}: ${then}.`);
  }
  const ids = {
    orderId: id.orderId,
    ...(id.sentOrderId !== undefined && { sentOrderId: id.sentOrderId }),
  };
  // Only the order id is kept: a list of past orders needs no addresses.
  if (alreadyInvited)
    return { kind: "order", type, order: { ...ANONYMOUS, ...ids }, skip: "already_invited" };

  const { time, unusable } = readEventTime(event, now);
  const order = readOrder(event, ids, time);
  if (order === null) return withoutEmail(event, name, id.orderId);
  const { requireConsent } = rules;
  const consented = requireConsent === null || hasConsent(event, requireConsent);
  const skip = consented ? ineligibility(order, rules, now) : "consent_missing";
  const address = holdsAddress(id.sentOrderId ?? id.orderId) && ADDRESS;
  const warnings = [id.warning, unusable && ARRIVAL_TIME, address].filter(Boolean);
  return {
    kind: "order",
    type,
    order,
    skip,
    ...(warnings.length > 0 && { warning: warnings.join(" ") }),
    ...(unusable && { undated: true }),
  };
}

const ARRIVAL_TIME =
  "No time of the event can be used (timestamp, originalTimestamp, sentAt), so the time of its arrival counts.";

const ADDRESS =
  "order_id contains an e-mail address: it is kept for ever, in KV and at Trustpilot too, and stands in the URL of the order's page. Send an id that says nothing about a person.";

function withoutEmail(event: SegmentEvent, name: string, orderId: string): ParsedEvent {
  const places = "context.traits.email and traits.email are read too";
  const [reason, what] = hasUnusableEmail(event)
    ? (["email_invalid", "whose email is no valid address"] as const)
    : (["email_missing", "without an email"] as const);
  const message = `${name} ${what}: send the customer's address as properties.email (${places}).`;
  return rejected("track", reason, message, orderId);
}

const ANONYMOUS: Omit<Order, "orderId"> = {
  email: "",
  name: "",
  total: null,
  currency: null,
  products: [],
  customer: {},
  orderedAt: null,
};
