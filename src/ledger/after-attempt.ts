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

/** With ON_UNKNOWN = "resend". After this many the order ends `unknown`, as it does without. */
const MAX_RESENDS = 2;

/** The change to the row that holds the lease. */
export function afterAnswer(row: OrderRow, answer: Answer, circumstances: Circumstances): Change {
  switch (answer.kind) {
    case "created":
      return ended("invited", answer.reason ?? null);
    case "refused":
    case "accessRefused":
      return forOperator(row, "failed", answer.reason, circumstances.now);
    case "ambiguous":
      return forOperator(row, "unknown", "trustpilot_unconfirmed", circumstances.now);
    case "transient":
      return again(row, answer.retryAfter, circumstances);
    case "blocked":
    case "accountRefused":
    case "notReached":
      return heldBack(row, circumstances.now);
    case "noResponse":
      return afterLoss(row, "no_answer", circumstances);
  }
}

/** The change when it is not known whether the request was received: no answer, or stopped half-way. */
export function afterLoss(row: OrderRow, reason: Reason, circumstances: Circumstances): Change {
  const mayResend = circumstances.onUnknown === "resend" && row.resends < MAX_RESENDS && !isCancelled(row);
  return mayResend
    ? { ...again(row, null, circumstances), resends: row.resends + 1 }
    : forOperator(row, "unknown", reason, circumstances.now);
}

/**
 * Trustpilot's answer says nothing about this order, so it does not count as an attempt. It goes behind the others, so
 * the same order is not the test every time.
 */
function heldBack(row: OrderRow, now: number): Change {
  return isCancelled(row)
    ? ended("cancelled", row.reason)
    : { state: "held", due: now, attempts: row.attempts - 1 };
}

function again(row: OrderRow, retryAfter: number | null, { now, random }: Circumstances): Change {
  return isCancelled(row)
    ? ended("cancelled", row.reason)
    : { state: "held", due: now + backoff(row.attempts, retryAfter, random) };
}

/** While a request is in flight, a cancellation can only be noted, as the reason of the row. */
function isCancelled({ reason }: OrderRow): boolean {
  return reason !== null;
}

function forOperator(row: OrderRow, state: "failed" | "unknown", reason: Reason, now: number): Change {
  return isCancelled(row) ? ended(state, reason) : { state, reason, due: now + OPERATOR_TIME };
}
