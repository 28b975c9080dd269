/**
 * What one event from Segment asks for. Pure: the same event, configuration and time give the same reading, and
 * no input makes it throw.
 *
 * In two steps, because most of what names an order is a duplicate: a glance that finds no more than its order id,
 * and the rest only for an order that KV does not know. The price is that a duplicate is not told what is wrong
 * with it.
 */
import type { Config } from "../config/config.ts";
import { ineligibility } from "../domain/eligibility.ts";
import type { Customer, Order, Reason } from "../domain/order.ts";
import { hasConsent } from "./consent.ts";
import { readCustomer } from "./customer.ts";
import { eventNamePattern, LONGEST_EVENT_NAME } from "../config/event-name.ts";
import { isAlreadyInvited, isEnabledFor } from "./integrations.ts";
import { asNumber, asObject, isObject, own, type JsonObject } from "../lib/json.ts";
import { isAudienceTrack, readAudienceTrack, readIdentify, type Membership } from "./membership.ts";
import { readOrderIdOf } from "./order-id.ts";
import { readOrder } from "./read-order.ts";
import type { CancelReason } from "../domain/operation.ts";

export type Reading = { type: string } & (
  | { kind: "order"; order: Order; skip: Reason | null; warning?: string }
  | { kind: "cancellation"; orderId: string; reason: CancelReason; refund: Refund }
  | { kind: "membership"; membership: Membership }
  | { kind: "deletion"; customer: Customer }
  | { kind: "ignored"; message: string }
  | { kind: "skipped"; message: string; orderId?: string }
  | { kind: "rejected"; message: string; orderId?: string }
);

/** What a glance sees: a reading, unless the event claims an order, whose details are not read yet. */
export type Glance = Exclude<Reading, { kind: "order" }> | Claim;

export interface Claim {
  kind: "claim";
  type: string;
  orderId: string;
  warning?: string;
  event: JsonObject;
}

/** A cancelled order is one refunded in full; a refund of an `amount` is full only when the order cost no more. */
export type Refund = { amount: number | "all" | "part" };

const CANCELLED = [eventNamePattern("Order Cancelled"), eventNamePattern("Order Canceled")];
const REFUNDED = eventNamePattern("Order Refunded");

/** Both steps at once. @param now in ms since 1970 */
export function readEvent(raw: unknown, config: Config, now: number): Reading {
  const glance = glanceAt(raw, config, now);
  return glance.kind === "claim" ? readClaim(glance, config, now) : glance;
}

/** The first step. @param now in ms since 1970 */
export function glanceAt(raw: unknown, config: Config, now: number): Glance {
  if (!isObject(raw)) {
    return { kind: "rejected", type: "none", message: "Not an event: a JSON object was expected." };
  }
  const type = typeOf(raw);
  switch (type) {
    case "track":
      return readTrack(raw, config, now);
    case "identify":
      return readMembership(type, readIdentify(raw, config.segment.audiences, now));
    case "delete":
      return readDeletion(raw);
    case "page":
    case "screen":
    case "group":
    case "alias":
      return { kind: "ignored", type, message: `A ${type} event starts no invitation.` };
    case "none":
      return { kind: "rejected", type, message: "Not an event of Segment: its type is missing." };
    case "other":
      return { kind: "ignored", type, message: "An event of this type starts no invitation." };
  }
}

function readTrack(event: JsonObject, config: Config, now: number): Glance {
  const type = "track";
  const name = own(event, "event");
  if (typeof name !== "string" || name.trim() === "") {
    return {
      kind: "rejected",
      type,
      message: "A track event without a name: its event property is missing.",
    };
  }
  const eventName = name.length <= LONGEST_EVENT_NAME ? name.trim() : "";
  const { pattern, name: inviteOn } = config.segment.inviteOn;
  if (pattern.test(eventName)) return glanceAtOrder(event, inviteOn);
  if (CANCELLED.some((cancelled) => cancelled.test(eventName))) {
    return readCancellation(event, "Order Cancelled", "order_cancelled", { amount: "all" });
  }
  if (REFUNDED.test(eventName)) {
    return readCancellation(event, "Order Refunded", "order_refunded", refundOf(event));
  }
  if (isAudienceTrack(eventName)) {
    return readMembership(type, readAudienceTrack(event, eventName, config.segment.audiences, now));
  }
  return { kind: "ignored", type, message: `Only ${inviteOn} starts an invitation.` };
}

function glanceAtOrder(event: JsonObject, name: string): Glance {
  const type = "track";
  const id = readOrderIdOf(event);
  const alreadyInvited = isAlreadyInvited(own(event, "integrations"));
  // Not recorded: the same order may well come a second time from another source that does name Trustpilot.
  if (!alreadyInvited && !isEnabledFor(own(event, "integrations"))) {
    const message = "The event's integrations object turns Trustpilot off.";
    return { kind: "skipped", type, message, ...(id.ok && { orderId: id.orderId }) };
  }
  if (!id.ok) {
    const then = alreadyInvited ? "nothing was recorded" : "send a unique order_id in its properties";
    return { kind: "rejected", type, message: `${name} ${id.problem}: ${then}.` };
  }
  const { orderId, warning } = id;
  return { kind: "claim", type, orderId, event, ...(warning !== undefined && { warning }) };
}

/** The second step, for an order that nobody is known to have taken. @param now in ms since 1970 */
export function readClaim(claim: Claim, config: Config, now: number): Reading {
  const { type, orderId, event, warning } = claim;
  // Only the order id is kept: lists of old orders need not carry anybody's address.
  if (isAlreadyInvited(own(event, "integrations"))) {
    return { kind: "order", type, order: { ...ANONYMOUS, orderId }, skip: "already_invited" };
  }
  const order = readOrder(event, orderId);
  if (order === null) {
    const message = `${config.segment.inviteOn.name} without an email: send the customer's address as properties.email (context.traits.email and traits.email are read too).`;
    return { kind: "rejected", type, message, orderId };
  }
  const { requireConsent } = config.rules;
  const consented = requireConsent === null || hasConsent(event, requireConsent);
  const skip = consented ? ineligibility(order, config.rules, now) : "consent_missing";
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

function readCancellation(event: JsonObject, name: string, reason: CancelReason, refund: Refund): Glance {
  const id = readOrderIdOf(event);
  return id.ok
    ? { kind: "cancellation", type: "track", orderId: id.orderId, reason, refund }
    : { kind: "rejected", type: "track", message: `${name} ${id.problem}: nothing was cancelled.` };
}

/** Segment's spec: without an amount the whole order is refunded, unless products say which part. */
function refundOf(event: JsonObject): Refund {
  const properties = asObject(own(event, "properties"));
  const amount = asNumber(own(properties, "total"));
  if (amount !== undefined) return { amount };
  return { amount: Array.isArray(own(properties, "products")) ? "part" : "all" };
}

function readMembership(type: string, membership: Membership | null): Glance {
  return membership
    ? { kind: "membership", type, membership }
    : { kind: "ignored", type, message: "The event says nothing about an audience that a rule here names." };
}

function readDeletion(event: JsonObject): Glance {
  const type = "delete";
  const customer = readCustomer(event);
  return Object.keys(customer).length > 0
    ? { kind: "deletion", type, customer }
    : { kind: "rejected", type, message: "A delete event that names no user: nothing was deleted." };
}

const TYPES = ["track", "identify", "page", "screen", "group", "alias", "delete"] as const;

/** RudderStack and Freshpaint write the type in any case. */
function typeOf(event: JsonObject): (typeof TYPES)[number] | "none" | "other" {
  const type = own(event, "type");
  if (typeof type !== "string") return "none";
  return TYPES.find((known) => known === type.toLowerCase()) ?? "other";
}
