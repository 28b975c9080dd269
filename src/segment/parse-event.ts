/**
 * What one event from Segment asks for. Pure: the same event, configuration and time give the same result, and no
 * input makes it throw.
 */
import type { Config } from "../config/config.ts";
import { eventNamePattern, LONGEST_EVENT_NAME } from "../config/event-name.ts";
import { ineligibility } from "../domain/eligibility.ts";
import type { RejectReason } from "../domain/event-answer.ts";
import type { CancelReason } from "../domain/operation.ts";
import type { Customer, Order, Reason } from "../domain/order.ts";
import { asNumber, isObject } from "../lib/json.ts";
import { hasConsent } from "./consent.ts";
import { readCustomer } from "./customer.ts";
import { isAlreadyInvited, isEnabledFor } from "./integrations.ts";
import { isAudienceTrack, readAudienceTrack, readIdentify, type Membership } from "./membership.ts";
import { readOrderId } from "./order-id.ts";
import { readOrder } from "./read-order.ts";
import { openEvent, type SegmentEvent } from "./segment-event.ts";

/** `type` is the event's, in lower case. Messages are for people and hold no personal data. */
export type ParsedEvent = { type: string } & (
  | { kind: "order"; order: Order; skip: Reason | null; warning?: string }
  | { kind: "cancellation"; orderId: string; reason: CancelReason; refund: Refund }
  | { kind: "membership"; membership: Membership }
  | { kind: "deletion"; customer: Customer }
  | { kind: "ignored"; message: string }
  | { kind: "skipped"; message: string; orderId?: string }
  | { kind: "rejected"; reason: RejectReason; message: string; orderId?: string }
);

/** A cancelled order is one refunded in full; a refund of an `amount` is full only when the order cost no more. */
export type Refund = { amount: number | "all" | "part" };

const CANCELLED = [eventNamePattern("Order Cancelled"), eventNamePattern("Order Canceled")];
const REFUNDED = eventNamePattern("Order Refunded");

/** @param now in ms since 1970 */
export function parseEvent(raw: unknown, config: Config, now: number): ParsedEvent {
  if (!isObject(raw)) {
    return rejected("none", "not_an_event", "Not an event: a JSON object was expected.");
  }
  const event = openEvent(raw);
  const type = typeOf(event);
  switch (type) {
    case "track":
      return parseTrack(event, config, now);
    case "identify":
      return parseMembership(type, readIdentify(event, config.segment.audiences, now));
    case "delete":
      return parseDeletion(event);
    case "page":
    case "screen":
    case "group":
    case "alias":
      return { kind: "ignored", type, message: `A ${type} event starts no invitation.` };
    case "none":
      return rejected(type, "type_missing", "Not an event: its type is missing.");
    case "other":
      return { kind: "ignored", type, message: "An event of this type starts no invitation." };
  }
}

function parseTrack(event: SegmentEvent, config: Config, now: number): ParsedEvent {
  const name = event.root("event");
  if (typeof name !== "string" || name.trim() === "") {
    const message = "A track event without a name: its event property is missing.";
    return rejected("track", "event_name_missing", message);
  }
  const eventName = name.length <= LONGEST_EVENT_NAME ? name.trim() : "";
  const { pattern, name: inviteOn } = config.segment.inviteOn;
  if (pattern.test(eventName)) return parseOrder(event, config, now);
  if (CANCELLED.some((cancelled) => cancelled.test(eventName))) {
    return parseCancellation(event, "Order Cancelled", "order_cancelled", { amount: "all" });
  }
  if (REFUNDED.test(eventName)) {
    return parseCancellation(event, "Order Refunded", "order_refunded", refundOf(event));
  }
  if (isAudienceTrack(eventName)) {
    return parseMembership("track", readAudienceTrack(event, eventName, config.segment.audiences, now));
  }
  return { kind: "ignored", type: "track", message: `Only ${inviteOn} starts an invitation.` };
}

function parseOrder(event: SegmentEvent, { rules, segment }: Config, now: number): ParsedEvent {
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
  const { orderId, warning } = id;
  // Only the order id is kept: a list of past orders needs no addresses.
  if (alreadyInvited) {
    return { kind: "order", type, order: { ...ANONYMOUS, orderId }, skip: "already_invited" };
  }
  const order = readOrder(event, orderId);
  if (order === null) {
    const message = `${name} without an email: send the customer's address as properties.email (context.traits.email and traits.email are read too).`;
    return rejected(type, "email_missing", message, orderId);
  }
  const { requireConsent } = rules;
  const consented = requireConsent === null || hasConsent(event, requireConsent);
  const skip = consented ? ineligibility(order, rules, now) : "consent_missing";
  return { kind: "order", type, order, skip, ...(warning !== undefined && { warning }) };
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

function parseCancellation(
  event: SegmentEvent,
  name: string,
  reason: CancelReason,
  refund: Refund,
): ParsedEvent {
  const id = readOrderId(event.properties("order_id"));
  return id.ok
    ? { kind: "cancellation", type: "track", orderId: id.orderId, reason, refund }
    : rejected("track", "order_id_unusable", `${name} ${id.problem}: nothing was cancelled.`);
}

/** Segment's spec: without an amount the whole order is refunded, unless products say which part. */
function refundOf({ properties }: SegmentEvent): Refund {
  const amount = asNumber(properties("total"));
  if (amount !== undefined) return { amount };
  return { amount: Array.isArray(properties("products")) ? "part" : "all" };
}

function parseMembership(type: string, membership: Membership | null): ParsedEvent {
  return membership
    ? { kind: "membership", type, membership }
    : { kind: "ignored", type, message: "The event says nothing about an audience that a rule here names." };
}

function parseDeletion(event: SegmentEvent): ParsedEvent {
  const type = "delete";
  const customer = readCustomer(event);
  return Object.keys(customer).length > 0
    ? { kind: "deletion", type, customer }
    : rejected(type, "user_missing", "A delete event that names no user: nothing was deleted.");
}

function rejected(type: string, reason: RejectReason, message: string, orderId?: string): ParsedEvent {
  return { kind: "rejected", type, reason, message, ...(orderId !== undefined && { orderId }) };
}

const TYPES = ["track", "identify", "page", "screen", "group", "alias", "delete"] as const;

/** RudderStack and Freshpaint write the type in any case. */
function typeOf({ root }: SegmentEvent): (typeof TYPES)[number] | "none" | "other" {
  const type = root("type");
  if (typeof type !== "string") return "none";
  return TYPES.find((known) => known === type.toLowerCase()) ?? "other";
}
