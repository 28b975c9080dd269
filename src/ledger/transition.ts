/**
 * What becomes of an order after an attempt: pure, so that every answer has its row in a table of tests.
 */
import type { Config } from "../config/config.ts";
import type { Answer } from "../trustpilot/answer.ts";
import { backoff } from "./backoff.ts";
import type { Reason } from "../domain/order.ts";
import { ended, OPERATOR_TIME, type Change, type OrderRow } from "../domain/row.ts";

export interface Circumstances {
  now: number;
  random: number;
  onUnknown: Config["delivery"]["onUnknown"];
}

/** The change to the row that holds the lease. */
export function afterAnswer(row: OrderRow, answer: Answer, circumstances: Circumstances): Change {
  switch (answer.kind) {
    case "created":
      return ended("invited");
    case "refused":
      return forOperator(row, "failed", answer.reason, circumstances.now);
    case "ambiguous":
      return forOperator(row, "unknown", "trustpilot_unconfirmed", circumstances.now);
    case "transient":
      return again(row, answer.retryAfter, circumstances);
    case "blocked":
    case "keyRefused":
    case "notReached":
      return heldBack(row, circumstances.now);
    case "noResponse":
      return afterLoss(row, "no_answer", circumstances);
  }
}

/** The change when nobody knows whether the request was received: no answer, or stopped in between. */
export function afterLoss(row: OrderRow, reason: Reason, circumstances: Circumstances): Change {
  return circumstances.onUnknown === "resend"
    ? again(row, null, circumstances)
    : forOperator(row, "unknown", reason, circumstances.now);
}

/** The change when the lease is given back before anything was sent. It does not count as an attempt. */
export function heldBack(row: OrderRow, now: number): Change {
  return cancelledMeanwhile(row) ?? { state: "held", due: now, attempts: row.attempts - 1 };
}

function again(row: OrderRow, retryAfter: number | null, { now, random }: Circumstances): Change {
  return cancelledMeanwhile(row) ?? { state: "held", due: now + backoff(row.attempts, retryAfter, random) };
}

/** While an order is out, a cancellation can only be noted, as the reason of the row. */
function cancelledMeanwhile(row: OrderRow): Change | null {
  return row.reason === null ? null : ended("cancelled", row.reason);
}

function forOperator(row: OrderRow, state: "failed" | "unknown", reason: Reason, now: number): Change {
  const mayBeSentAgain = row.reason === null;
  return mayBeSentAgain ? { state, reason, due: now + OPERATOR_TIME } : ended(state, reason);
}
