/**
 * All ledgers as one, for the pages and the JSON interface: asks the eight and merges their answers.
 *
 * Each answer is exact for its ledger and its moment; together they are eight moments, some milliseconds apart.
 * Nothing here is on the path of an order.
 */
import type { Action } from "../domain/actions.ts";
import type { ProblemFigures } from "../alerts/problems.ts";
import {
  callAlerts,
  callAllowance,
  callAttempts,
  callLedgerOf,
  callLedgers,
  callRegistry,
  type LedgerStub,
} from "../bindings/objects.ts";
import { readErasures } from "../bindings/trustpilot-erasures.ts";
import { sumKinds, type CountsByKind } from "../ledger/daily-counts.ts";
import type { ActionResult, FoundOrder, Choice } from "../ledger/decisions.ts";
import type { LedgerOverview } from "../ledger/ledger-report.ts";
import { readableConfig } from "./readable-config.ts";
import { sumCounts, type Counts } from "../domain/answer-counts.ts";
import type { LastExport } from "../domain/shop-record.ts";
import { orderIdentity } from "../domain/order-identity.ts";
import { NO_REJECTIONS } from "../domain/rejections.ts";
import { ongoing } from "../domain/silence.ts";
import { sumTroubles } from "../domain/troubles.ts";

export interface Figures extends ProblemFigures {
  /** Of each day, as in a ledger, summed up. */
  daily: CountsByKind;
  /** How Trustpilot answered for these orders: see `answerCounts`. */
  answers: Counts;
}

/** The last complete export; `null` when there was none, `undefined` when backups are off (no LEDGER_SECRET). */
export async function lastExport(env: Env): Promise<LastExport | null | undefined> {
  if (readableConfig(env).config.storage.ledgerSecret === null) return undefined;
  return callRegistry(env, (registry) => registry.lastExport());
}

/** The order as it stands, with what keeps its ledger from sending; `null` when no order has this id. */
export async function findOrder(env: Env, orderId: string): Promise<FoundOrder | null> {
  const id = orderIdentity(orderId);
  return callLedgerOf(env, id, (ledger) => ledger.look(id) as Promise<FoundOrder | null>);
}

/** @param days those of the counts, one after the other: `2026-11-23` @param now in ms @param limited whether there is a monthly limit */
export async function readFigures(env: Env, days: string[], now: number, limited: boolean): Promise<Figures> {
  const [ofEach, used, erasures, failedLogins, rejections, silence] = await Promise.all([
    askAll(env, (ledger) => ledger.overview(days) as Promise<LedgerOverview>),
    limited ? callAllowance(env, (allowance) => allowance.used(now)) : null,
    readErasures(env),
    // The page must not fail with what only counts for it.
    callAttempts(env, (attempts) => attempts.recentFailures()).catch(() => 0),
    callAttempts(env, (attempts) => attempts.recentRejections()).catch(() => NO_REJECTIONS),
    callAlerts(env, (alerts) => alerts.silence(env.SHOP ?? null)).catch(() => null),
  ]);
  const troubles = sumTroubles(ofEach);
  return {
    ...troubles,
    daily: sumKinds(ofEach.map(({ daily }) => daily)),
    answers: sumCounts(ofEach.map(({ answers }) => answers)),
    used,
    erasures,
    failedLogins,
    rejections,
    silence: ongoing(silence, troubles.lastOrder),
  };
}

/** Acts on one order for an operator, if its state allows it. @param by who it is, for the history */
export async function actOn(
  env: Env,
  orderId: string,
  action: Action,
  by: string | undefined,
): Promise<ActionResult> {
  const id = orderIdentity(orderId);
  return callLedgerOf(env, id, (ledger) => ledger.act(id, action, by) as Promise<ActionResult>);
}

/** The same for all orders of the choice. @returns how many */
export async function actOnAll(
  env: Env,
  choice: Choice,
  action: Action,
  by: string | undefined,
): Promise<number> {
  const counts = await askAll(env, (ledger) => ledger.actOnAll(choice, action, by));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Sends nothing until `until` (ms), or until it is resumed (`null`). */
export async function pauseAll(env: Env, reason: string, until: number | null): Promise<void> {
  await askAll(env, (ledger) => ledger.pause(reason, until));
}

/** Ends every pause, once its cause is fixed. @returns why it must not, in words */
export async function resumeAll(env: Env): Promise<string | null> {
  const forbidden = (await askAll(env, (ledger) => ledger.resume())).find((reason) => reason !== null);
  return forbidden === undefined ? null : FORBIDDEN[forbidden];
}

const FORBIDDEN = {
  fenced: "Not resumed: this Worker is fenced for a move. Only npm run ledger -- unfence ends that.",
  lacksAudiences:
    "Not resumed: an audience rule is set and the audiences were not imported. Run the import again with --with-personal-data.",
};

export function askAll<Answer>(env: Env, ask: (ledger: LedgerStub) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(callLedgers(env, ask));
}
