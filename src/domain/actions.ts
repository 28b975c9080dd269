import { type Change, type OrderRow, ended } from "./row.ts";
/**
 * What an operator may do with an order, by its state. Pure: the same table decides which buttons are shown and
 * which are obeyed.
 */

export const ACTIONS = ["send-now", "send-again", "mark-sent", "cancel"] as const;

/**
 * - `send-now`: a waiting order goes out at once
 * - `send-again`: a failed or unknown order is tried once more; after `unknown` the customer may get two
 * - `mark-sent`: the operator knows that the invitation exists, or sends it by other means
 * - `cancel`: the order is not invited
 */
export type Action = (typeof ACTIONS)[number];

/** What was done, or why it was not. */
export type ActionResult =
  { kind: "done"; row: OrderRow } | { kind: "unknown-order" } | { kind: "not-allowed"; row: OrderRow };

export function allowedActions({ state, personal }: OrderRow): Action[] {
  switch (state) {
    case "held":
      return ["send-now", "mark-sent", "cancel"];
    case "failed":
      return personal === null ? ["mark-sent"] : ["send-again", "mark-sent", "cancel"];
    case "unknown":
      return personal === null ? ["mark-sent"] : ["send-again", "mark-sent"];
    case "sending":
    case "invited":
    case "cancelled":
    case "skipped":
    case "rejected":
      return [];
  }
}

/** The change that `action` makes at `now` (ms); only for an allowed one. */
export function changeFor(action: Action, now: number): Change {
  switch (action) {
    case "send-now":
    case "send-again":
      return { state: "held", reason: null, due: now, since: null };
    case "mark-sent":
      return ended("invited", "operator");
    case "cancel":
      return ended("cancelled", "operator");
  }
}
