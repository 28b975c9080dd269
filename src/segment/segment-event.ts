/** The parts of a Segment event that are read, each field by name in any spelling. */
import { fieldsOf, type Fields } from "../lib/json.ts";

export interface SegmentEvent {
  /** `type`, `event`, `userId`, `timestamp`, … */
  root: Fields;
  properties: Fields;
  context: Fields;
  /** What is known of the customer: `context.traits`. */
  contextTraits: Fields;
  traits: Fields;
}

export function openEvent(raw: unknown): SegmentEvent {
  const root = fieldsOf(raw);
  const context = fieldsOf(root("context"));
  return {
    root,
    properties: fieldsOf(root("properties")),
    context,
    contextTraits: fieldsOf(context("traits")),
    traits: fieldsOf(root("traits")),
  };
}
