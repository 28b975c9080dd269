/** What Segment, and the merchant who opens Segment's Event Delivery, is told about each event. */

export type Outcome = "accepted" | "duplicate" | "ignored" | "skipped" | "rejected";

/** Why an event is rejected: a stable word beside the message for people. */
export type RejectReason =
  | "not_an_event"
  | "type_missing"
  | "event_name_missing"
  | "order_id_unusable"
  | "email_missing"
  | "email_invalid"
  | "user_missing"
  | "other_shop";

export interface EventAnswer {
  outcome: Outcome;
  orderId?: string;
  /** With several shops: the shop's name, unless it is the default one or all of them. */
  shop?: string;
  /** For a person: what happened and, when something is wrong, what to do. Holds no personal data. */
  message?: string;
}

/** The body for an array of events: `index` is the place in the array. */
export interface BatchAnswer {
  events: ({ index: number } & EventAnswer)[];
}

/** The status for one event on its own. A duplicate is a success: Segment would show a 409 as lost. */
export function statusOf({ outcome }: EventAnswer): 200 | 400 {
  return outcome === "rejected" ? 400 : 200;
}
