/**
 * What an operator may do with an order, by its state and by what keeps orders from being sent. Pure: the same table
 * decides which buttons are shown and which are obeyed.
 */
import { ended, lacksData, type Change, type OrderRow } from "./row.ts";

export const ACTIONS = ["send-now", "send-again", "mark-sent", "cancel"] as const;

/**
 * - `send-now`: an order that waits for its time goes out as soon as possible
 * - `send-again`: a failed or unknown order is tried once more; after `unknown` the customer may get two
 * - `mark-sent`: the operator knows that the invitation exists, or sends it by other means
 * - `cancel`: the order is not invited
 */
export type Action = (typeof ACTIONS)[number];

/** What keeps orders from being sent: a pause makes them wait, a dry run ends them as skipped. */
export type Obstacle = "pause" | "dry-run";

export function allowedActions(row: OrderRow, obstacle: Obstacle | null): Action[] {
  const { state, personal, damaged } = row;
  if (damaged) return [];
  const sendAgain: Action[] = personal === null || obstacle === "dry-run" ? [] : ["send-again"];
  switch (state) {
    case "held":
      return [...(lacksData(row) || obstacle !== null ? [] : (["send-now"] as const)), "mark-sent", "cancel"];
    case "failed":
      return [...sendAgain, "mark-sent", ...(personal === null ? [] : (["cancel"] as const))];
    case "unknown":
      return [...sendAgain, "mark-sent"];
    case "sending":
    case "invited":
    case "cancelled":
    case "skipped":
    case "rejected":
      return [];
  }
}

/** The change that `action` makes at `now` (ms); only for an allowed one. */
export function changeFor(action: Action, { due }: OrderRow, now: number): Change {
  switch (action) {
    case "send-now":
      // One that is due already does not go behind the others, but its wait counts from now.
      return { state: "held", reason: null, due: Math.min(due ?? now, now), since: now };
    case "send-again":
      return { state: "held", reason: null, due: now, since: null };
    case "mark-sent":
      return ended("invited", "operator");
    case "cancel":
      return ended("cancelled", "operator");
  }
}
