/** What Segment, and the merchant who opens Segment's Event Delivery, is told about each event. */

export type Outcome = "accepted" | "duplicate" | "ignored" | "skipped" | "rejected";

export interface EventAnswer {
  outcome: Outcome;
  orderId?: string;
  /** With several shops: which one it was for, unless it was the default one or all. */
  shop?: string;
  /** For a person: what happened and, when something is wrong, what to do. Holds no personal data. */
  message?: string;
}

/** The body for an array of events: `index` is the place in the array. */
export interface BatchAnswer {
  events: ({ index: number } & EventAnswer)[];
}

/**
 * The status for one event on its own. A duplicate is a success: Segment would show a 409 as lost.
 * In the partner contract (Basic authentication) Segment asks for 501 where a type is not supported.
 */
export function statusOf(answer: EventAnswer, partnerContract: boolean): 200 | 400 | 501 {
  switch (answer.outcome) {
    case "rejected":
      return 400;
    case "ignored":
      return partnerContract ? 501 : 200;
    case "accepted":
    case "duplicate":
    case "skipped":
      return 200;
  }
}
