/** Whether a move kept every order. Pure. */
import type { StoredOrder } from "../lib/ledger-files.ts";

/** The ids of orders that are missing after a move, or in another state: only what was being sent may change. */
export function lostOrChanged({ before, after }: { before: StoredOrder[]; after: StoredOrder[] }): string[] {
  const states = new Map(after.map(({ orderId, state }) => [orderId, state]));
  const expected = (state: string) => (state === "sending" ? "unknown" : state);
  return before
    .filter(({ orderId, state }) => states.get(orderId) !== expected(state))
    .map(({ orderId }) => orderId);
}
