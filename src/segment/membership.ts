/**
 * Membership of audiences, as Engage (Personas) and the shop's own code send it: Identify calls with a boolean trait,
 * and the tracks `Audience Entered` and `Audience Exited`. Computed traits and journeys look the same.
 */
import type { Customer } from "../domain/order.ts";
import { audienceKey } from "../config/audience-key.ts";
import { readCustomer } from "./customer.ts";
import { eventNamePattern } from "../config/event-name.ts";
import { fieldsOf, isObject } from "../lib/json.ts";
import { readEventTime } from "./event-time.ts";
import type { SegmentEvent } from "./segment-event.ts";

export interface Membership {
  customer: Customer;
  /** Audience (snake case) to whether the customer is in it; only audiences that a rule names. */
  audiences: Record<string, boolean>;
  /** When it was so, in ms since 1970, 0 when unknown: a late, older message must not undo a newer one. */
  at: number;
}

/** @param named the audiences that a rule names; `null` when the event says nothing about any of them */
export function readIdentify(
  event: SegmentEvent,
  named: ReadonlySet<string>,
  now: number,
): Membership | null {
  const traits = {
    ...objectOf(event.context("traits")),
    ...objectOf(event.root("traits")),
  };
  const audiences: Record<string, boolean> = {};
  for (const [trait, value] of Object.entries(traits)) {
    const audience = audienceKey(trait);
    const member = asMember(value);
    if (named.has(audience) && member !== null) audiences[audience] = member;
  }
  return membership(event, audiences, now);
}

const ENTERED = eventNamePattern("Audience Entered");
const EXITED = eventNamePattern("Audience Exited");

/** Segment's own destinations go by the computation's key and ignore the event's name. */
export function isAudienceTrack(event: SegmentEvent, eventName: string): boolean {
  return computationKey(event) !== undefined || ENTERED.test(eventName) || EXITED.test(eventName);
}

function computationKey({ context }: SegmentEvent): unknown {
  return fieldsOf(context("personas"))("computation_key");
}

export function readAudienceTrack(
  event: SegmentEvent,
  eventName: string,
  named: ReadonlySet<string>,
  now: number,
): Membership | null {
  const key = computationKey(event) ?? event.properties("audience_key");
  if (typeof key !== "string" || !named.has(audienceKey(key))) return null;
  const member = asMember(event.properties(key)) ?? byName(eventName);
  return member === null ? null : membership(event, { [audienceKey(key)]: member }, now);
}

function membership(event: SegmentEvent, audiences: Record<string, boolean>, now: number): Membership | null {
  const customer = readCustomer(event);
  if (Object.keys(audiences).length === 0 || Object.keys(customer).length === 0) return null;
  const { time } = readEventTime(event, now);
  return { customer, audiences, at: Math.min(time ?? UNKNOWN, now) };
}

/** Older than any other: a message without a time never overwrites one with a time. */
const UNKNOWN = 0;

function byName(eventName: string): boolean | null {
  if (ENTERED.test(eventName)) return true;
  return EXITED.test(eventName) ? false : null;
}

function objectOf(value: unknown): object {
  return isObject(value) ? value : {};
}

/** Journeys send the string "true". */
function asMember(value: unknown): boolean | null {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  return null;
}
