/**
 * What one event from Segment asks for. Pure: the same event, configuration and time give the same result, and no
 * input makes it throw.
 */
import type { Config } from "../config/config.ts";
import { LONGEST_EVENT_NAME } from "../config/event-name.ts";
import { isObject } from "../lib/json.ts";
import { isAudienceTrack, readAudienceTrack, readIdentify } from "./membership.ts";
import { parseCancellation, parseRefund } from "./parse-cancellation.ts";
import { readCustomer } from "./customer.ts";
import { parseOrder } from "./parse-order.ts";
import { parseUntyped } from "./parse-untyped.ts";
import { ignored, rejected, type ParsedEvent } from "./parsed-event.ts";
import { openEvent, type SegmentEvent } from "./segment-event.ts";

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
    case "identify": {
      const membership = readIdentify(event, config.segment.audiences, now);
      return membership ? { kind: "membership", type, membership } : ignored(type, NO_AUDIENCE);
    }
    case "delete":
      return parseDeletion(event);
    case "page":
    case "screen":
    case "group":
    case "alias":
      return ignored(type, `A ${type} event starts no invitation.`);
    case "none":
      return parseUntyped(raw, parseTrack, config, now);
    case "other":
      return ignored(type, "An event of this type starts no invitation.");
  }
}

function parseTrack(event: SegmentEvent, config: Config, now: number): ParsedEvent {
  const type = "track";
  const written = event.root("event");
  if (typeof written !== "string" || written.trim() === "") {
    return rejected(
      type,
      "event_name_missing",
      "A track event without a name: its event property is missing.",
    );
  }
  const name = written.length <= LONGEST_EVENT_NAME ? written : "";
  const { inviteOn, undoing, audiences } = config.segment;
  const isNamed = (pattern: RegExp) => pattern.test(name);
  if (isNamed(inviteOn.pattern)) return parseOrder(event, config, now);
  if (undoing.cancelled.some(isNamed)) return parseCancellation(event);
  if (undoing.refunded.some(isNamed)) return parseRefund(event, now);
  if (isAudienceTrack(event, name)) {
    const membership = readAudienceTrack(event, name, audiences, now);
    return membership ? { kind: "membership", type, membership } : ignored(type, NO_AUDIENCE);
  }
  return ignored(type, `Only ${inviteOn.name} starts an invitation.`);
}

const NO_AUDIENCE = "The event says nothing about an audience that a rule here names.";

function parseDeletion(event: SegmentEvent): ParsedEvent {
  const type = "delete";
  const customer = readCustomer(event);
  return Object.keys(customer).length > 0
    ? { kind: "deletion", type, customer }
    : rejected(type, "user_missing", "A delete event that names no user: nothing was deleted.");
}

const TYPES = ["track", "identify", "page", "screen", "group", "alias", "delete"] as const;

/** RudderStack and Freshpaint write the type in any case. */
function typeOf({ root }: SegmentEvent): (typeof TYPES)[number] | "none" | "other" {
  const type = root("type");
  if (typeof type !== "string") return "none";
  return TYPES.find((known) => known === type.toLowerCase()) ?? "other";
}
