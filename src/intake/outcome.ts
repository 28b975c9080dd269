/** What is answered to an event after the ledgers have been told. Pure. */
import type { EventAnswer } from "../domain/event-answer.ts";
import type { OperationResult } from "../domain/operation.ts";
import { describeReason, describeTooLate } from "../domain/reasons.ts";
import type { Customer } from "../domain/order.ts";
import type { Rules } from "../domain/rules.ts";
import type { ParsedEvent } from "../segment/parsed-event.ts";

/** How a deleted customer is erased at Trustpilot. */
export type ErasureWay = "at-trustpilot" | "by-hand";

/** @param results of the event's operations; just `duplicate` when KV knew the order */
export function toAnswer(
  event: ParsedEvent,
  results: readonly OperationResult[],
  rules: Rules,
  erasure: ErasureWay,
): EventAnswer {
  switch (event.kind) {
    case "order":
      return answerToOrder(event, results[0]!, rules);
    case "cancellation":
      return answerToCancellation(event.orderId, results[0]!);
    case "deletion":
      return answerToDeletion(event.customer, results, erasure);
    case "membership":
      return { outcome: "accepted", message: "The customer's audiences are noted." };
    case "ignored":
      return { outcome: "ignored", message: event.message };
    case "skipped":
    case "rejected": {
      const { kind, orderId, message } = event;
      // An order that was recorded before is a duplicate, whatever is wrong with this copy of it.
      const outcome = results[0]?.kind === "duplicate" ? "duplicate" : kind;
      return { outcome, ...(orderId !== undefined && { orderId }), message };
    }
  }
}

function answerToOrder(
  { order: { orderId }, warning }: ParsedEvent & { kind: "order" },
  result: OperationResult,
  rules: Rules,
): EventAnswer {
  if (result.kind === "skipped") {
    return { outcome: "skipped", orderId, message: describeReason(result.reason, rules) };
  }
  const outcome = result.kind === "duplicate" ? "duplicate" : "accepted";
  return { outcome, orderId, ...(warning !== undefined && { message: warning }) };
}

function answerToCancellation(orderId: string, result: OperationResult): EventAnswer {
  const accepted = (message: string): EventAnswer => ({ outcome: "accepted", orderId, message });
  const ignored = (message: string): EventAnswer => ({ outcome: "ignored", orderId, message });
  switch (result.kind) {
    case "cancelled":
      return accepted("The waiting invitation is cancelled.");
    case "in-flight":
      return accepted(
        "The request to Trustpilot is in flight: the invitation is cancelled only if this attempt fails.",
      );
    case "noted":
      return accepted("Noted: the order will not be invited when it arrives.");
    case "no-order":
      return ignored("No shop knows this order, and the event names neither its shop nor its customer.");
    case "not-cancelled":
      return ignored(describeTooLate(result.why));
    case "accepted":
    case "duplicate":
    case "skipped":
    case "forgotten":
    case "rejected":
      throw new TypeError(`a cancellation was answered with ${result.kind}`);
  }
}

/** Whether the deletion, or an open order that it reached, says under which address Trustpilot knows the customer. */
export function isAddressKnown({ email }: Customer, results: readonly OperationResult[]): boolean {
  return email !== undefined || forgottenIn(results).some(({ orders }) => orders > 0);
}

function forgottenIn(results: readonly OperationResult[]) {
  return results.filter((result) => result.kind === "forgotten");
}

function answerToDeletion(
  customer: Customer,
  results: readonly OperationResult[],
  erasure: ErasureWay,
): EventAnswer {
  const forgotten = forgottenIn(results);
  const cancelled = forgotten.reduce((sum, result) => sum + result.cancelled, 0);
  const beingSent = forgotten.reduce((sum, result) => sum + result.beingSent, 0);
  const out = beingSent > 0 ? `, ${beingSent} just being sent` : "";
  const known = isAddressKnown(customer, results)
    ? "Trustpilot is asked to erase the address too."
    : NO_ADDRESS;
  const atTrustpilot = erasure === "by-hand" ? BY_HAND : known;
  const rest = forgotten.every(({ complete }) => complete) ? "" : " (so far; the others follow in a minute)";
  return {
    outcome: "accepted",
    message: `Deleted here; waiting invitations cancelled: ${cancelled}${out}${rest}. ${atTrustpilot}`,
  };
}

const BY_HAND = "Trustpilot keeps its own copy: delete the customer's data there too.";
const NO_ADDRESS = "No address of the customer is known here: erase the customer at Trustpilot by hand.";
