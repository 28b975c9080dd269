/**
 * What one event from Segment asks for. Pure: the same event, configuration and time give the same result, and no
 * input makes it throw.
 */
import type { Config } from "../config/config.ts";
import { isObject } from "../lib/json.ts";
import { readIdentify } from "./membership.ts";
import { readCustomer } from "./customer.ts";
import { NO_AUDIENCE, parseTrack } from "./parse-track.ts";
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
      return parseUntyped(raw, config, now);
    case "other":
      return ignored(type, "An event of this type starts no invitation.");
  }
}

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
