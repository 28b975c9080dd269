/** What the pages and the JSON interface show of an order: the one place where personal data is removed. */
import type { InferOutput } from "valibot";
import { readLeniently, type Config } from "../config/config.ts";
import { allowedActions } from "../domain/actions.ts";
import { describeReason } from "../domain/reasons.ts";
import { openTransport } from "../bindings/open-transport.ts";
import type { Detail, Summary } from "./schemas.ts";
import type { OrderRow, OrderSummary } from "../domain/row.ts";

export type SummaryView = InferOutput<typeof Summary>;
export type DetailView = InferOutput<typeof Detail>;

export function toSummary(order: OrderSummary, rules: Config["rules"]): SummaryView {
  const { orderId, state, reason, received, updated, due, attempts } = order;
  return {
    orderId,
    state,
    reason,
    explanation: reason && describeReason(reason, rules),
    received: toIso(received),
    updated: new Date(updated).toISOString(),
    heldUntil: state === "held" ? toIso(due) : null,
    attempts,
  };
}

export function toDetail(row: OrderRow, env: Env): DetailView {
  const config = readLeniently(env);
  return {
    ...toSummary(row, config.rules),
    sentOrderId: row.sentOrderId,
    history: row.history.map(({ at, ...entry }) => ({ at: new Date(at).toISOString(), ...entry })),
    trustpilotMessage: row.history.findLast(({ message }) => message !== undefined)?.message ?? null,
    invitation: row.personal && { ...openTransport(config, env).prepare(row.personal).shown },
    actions: allowedActions(row),
  };
}

function toIso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
