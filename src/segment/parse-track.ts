/** A track event, by its name: an order, one that is undone, or an audience. */
import type { Config } from "../config/config.ts";
import { LONGEST_EVENT_NAME } from "../config/event-name.ts";
import { isAudienceTrack, readAudienceTrack } from "./membership.ts";
import { parseOrder } from "./parse-order.ts";
import { parseCancellation, parseRefund } from "./parse-undoing.ts";
import { ignored, rejected, type ParsedEvent } from "./parsed-event.ts";
import type { SegmentEvent } from "./segment-event.ts";

export const NO_AUDIENCE = "The event says nothing about an audience that a rule here names.";

/** @param now in ms since 1970 */
export function parseTrack(event: SegmentEvent, config: Config, now: number): ParsedEvent {
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
