/** What the pages and the JSON interface show of an order: the one place where personal data is removed. */
import type { InferOutput } from "valibot";
import { readLeniently, type Config } from "../config/config.ts";
import { allowedActions, type Action, type Obstacle } from "../domain/actions.ts";
import { describeReason } from "../domain/reasons.ts";
import { lacksData, type OrderRow, type OrderSummary } from "../domain/row.ts";
import type { FoundOrder } from "../ledger/decisions.ts";
import { withoutQueries } from "../lib/mask.ts";
import { DAY } from "../lib/time.ts";
import { openTransport } from "../bindings/open-transport.ts";
import type { Detail, Summary } from "./answer-schemas.ts";
import { quantity } from "../lib/format.ts";
import { DRY_RUN, PAUSED, STATE_LABELS } from "./words.ts";

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

export function toDetail({ row, reviews, pause }: FoundOrder, env: Env): DetailView {
  const config = readLeniently(env);
  const paused: Obstacle | null = pause && "pause";
  return {
    ...toSummary(row, config.rules),
    sentOrderId: row.sentOrderId,
    waitingFor: row.state === "held" ? waitingFor(row) : null,
    reviews: reviews.map(({ id, stars, language, at }) => ({
      of: id.startsWith("product:") ? "product" : "service",
      stars,
      language,
      at: new Date(at).toISOString(),
    })),
    history: row.history.map(({ at, ...entry }) => ({ at: new Date(at).toISOString(), ...entry })),
    trustpilotMessage: row.history.findLast(({ message }) => message !== undefined)?.message ?? null,
    invitation: row.personal && withoutTokens(openTransport(config, env).prepare(row.personal).shown),
    actions: allowedActions(row, config.delivery.dryRun ? "dry-run" : paused),
  };
}

/** What a product's URL may open is not for the page. */
function withoutTokens(shown: object): DetailView["invitation"] {
  return JSON.parse(JSON.stringify(shown), (_, value: unknown) =>
    typeof value === "string" ? withoutQueries(value) : value,
  ) as DetailView["invitation"];
}

/** The rule that set the time for which an order waits, as it was applied: HOLD_DAYS may be another by now. */
function waitingFor(row: OrderRow): string | null {
  const { received, due, since, attempts, personal } = row;
  if (due === null || received === null) return null;
  if (lacksData(row))
    return "it was imported without the customer's data and is invited only if Segment sends it again by then";
  if (attempts > 0) return `attempt ${attempts} failed`;
  if (since !== null) return "it could not be handled at once and is tried again";
  const orderedAt = Math.min(personal?.orderedAt ?? received, received);
  const days = Math.round((due - orderedAt) / DAY);
  if (days < 1) return null;
  return `${quantity(days, "day")} after the order${personal?.orderedAt === null ? " arrived" : ""} (HOLD_DAYS)`;
}

/** Why `action` is not possible: what follows a colon. */
export function whyNot(action: Action, { row: { state }, pause }: FoundOrder, dryRun: boolean): string {
  if (state === "held" && action === "send-now" && pause !== null) return PAUSED[pause.kind];
  if (dryRun && (action === "send-now" || action === "send-again")) return DRY_RUN;
  return `the order is now ${STATE_LABELS[state].toLowerCase()}.`;
}

function toIso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
