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
  const context = fieldsIn(root, "context");
  return {
    root,
    properties: fieldsIn(root, "properties"),
    context,
    contextTraits: fieldsIn(context, "traits"),
    traits: fieldsIn(root, "traits"),
  };
}

/** Opened when the first of them is asked for: most events are ignored for their type alone. */
function fieldsIn(outer: Fields, name: string): Fields {
  let fields: Fields | undefined;
  return (field) => (fields ??= fieldsOf(outer(name)))(field);
}
