/**
 * What is worth a message, and when: pure, so that every case has its row in a table of tests.
 *
 * A condition has a level: 0 when all is well, higher when it gets worse. A message goes out when the level rises
 * above what has been told, and one when it has been 0 for a while; never two about one condition within an hour.
 *
 * - `failed`: orders that Trustpilot refused for good, from the first one on: each is lost unless an operator acts.
 *   Ten times as many is news again, so that one bad address a day does not hide the day on which the key is wrong.
 * - `unknown`: orders that may or may not have been invited. One is bad luck, five are trouble.
 * - `blocked`: Trustpilot has switched the integration off for the shop's domain.
 * - `allowance`: 80 % of MONTHLY_LIMIT are used; all of it is used.
 *
 * Failed and unknown orders count for a day, or until an operator has dealt with them. So "over" says a fact (none is
 * left of the last day), not that the cause is fixed: at night nothing fails because there are no orders.
 */
import { nearEnd } from "../domain/month.ts";

export const CONDITIONS = ["blocked", "failed", "unknown", "allowance"] as const;
export type Condition = (typeof CONDITIONS)[number];

/** How things stand with all ledgers together. */
export interface Situation {
  /** `false` when one of them did not answer: what was not seen may still be there. */
  complete: boolean;
  blocked: boolean;
  /** Orders that would be sent now if nothing held them back. */
  waiting: number;
  /** Orders that ended so within `COUNTED_FOR` and that nobody has dealt with. */
  failed: number;
  unknown: number;
  /** Of this month; `null` without a limit. */
  allowance: { used: number; limit: number } | null;
}

/** What is remembered of a condition. Times in ms since 1970. */
export interface Incident {
  since: number;
  seen: number;
  level: number;
  /** The level that was told last; 0 when nothing was, or when "over" was. */
  told: number;
  toldAt: number | null;
}

export type Incidents = Partial<Record<Condition, Incident>>;

export interface Notice {
  condition: Condition;
  /** `null` for "it is over". */
  level: number | null;
}

const HOUR = 60 * 60_000;
const BETWEEN_MESSAGES = HOUR;
/** Longer than a flap: a resumed ledger that is blocked again within a minute was never well. */
const QUIET = HOUR / 2;
const UNKNOWN_FROM = 5;

/** The incidents after a look at `now`. */
export function observe(incidents: Incidents, situation: Situation, now: number): Incidents {
  const observed: Incidents = {};
  for (const condition of CONDITIONS) {
    const level = levelOf(condition, situation);
    const before = incidents[condition];
    if (level > 0) {
      const goesOn = before !== undefined && (before.level > 0 || before.told > 0);
      const { since, told, toldAt } = before ?? { since: now, told: 0, toldAt: null };
      observed[condition] = { since: goesOn ? since : now, seen: now, level, told, toldAt };
    } else if (before !== undefined) {
      // Not seen is not gone while a ledger is silent; but what has not been told yet waits until it is seen again.
      const { level: last, told } = before;
      observed[condition] = situation.complete
        ? { ...before, level }
        : { ...before, seen: now, level: Math.min(last, told) };
    }
  }
  return observed;
}

/** What has to be told at `now`. */
export function noticesDue(incidents: Incidents, now: number): Notice[] {
  return CONDITIONS.flatMap((condition): Notice[] => {
    const incident = incidents[condition];
    if (incident === undefined || !mayTell(incident, now)) return [];
    const { level, told } = incident;
    if (level > told) return [{ condition, level }];
    return told > 0 && isQuiet(incident, now) ? [{ condition, level: null }] : [];
  });
}

/** The incidents after `notices` were told at `now`, without those that nothing is left of. */
export function settle(incidents: Incidents, notices: readonly Notice[], now: number): Incidents {
  const settled: Incidents = {};
  for (const condition of CONDITIONS) {
    const before = incidents[condition];
    if (before === undefined) continue;
    const notice = notices.find((told) => told.condition === condition);
    const incident = notice ? { ...before, told: notice.level ?? 0, toldAt: now } : before;
    // What has been told of is kept for the hour in which it must not be told again.
    const isGone = incident.told === 0 && isQuiet(incident, now) && mayTell(incident, now);
    if (!isGone) settled[condition] = incident;
  }
  return settled;
}

/** When to look again, in ms; `null` when all is well and a ledger will notify. */
export function nextLook(incidents: Incidents, now: number): number | null {
  const open = Object.values(incidents);
  if (open.length === 0) return null;
  const isOld = open.every(({ since }) => now - since > 24 * HOUR);
  return now + (isOld ? HOUR : HOUR / 4);
}

function levelOf(condition: Condition, { blocked, failed, unknown, allowance }: Situation): number {
  switch (condition) {
    case "blocked":
      return blocked ? 1 : 0;
    case "failed":
      return digits(failed);
    case "unknown":
      return digits(Math.floor(unknown / UNKNOWN_FROM));
    case "allowance":
      if (allowance === null || allowance.used < nearEnd(allowance.limit)) return 0;
      return allowance.used < allowance.limit ? 1 : 2;
  }
}

/** 1 from one on, 2 from ten on, 3 from a hundred on. */
function digits(count: number): number {
  return count === 0 ? 0 : String(count).length;
}

function mayTell({ toldAt }: Incident, now: number): boolean {
  return toldAt === null || now - toldAt >= BETWEEN_MESSAGES;
}

function isQuiet({ level, seen }: Incident, now: number): boolean {
  return level === 0 && now - seen >= QUIET;
}
