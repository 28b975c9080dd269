/**
 * What is worth a message, and when: pure, so that every case has its row in a table of tests.
 *
 * A problem has a rank: 0 when all is well, higher when it gets worse. A message goes out when the rank rises above
 * what has been told, and one when it has been 0 for a while; never two about one kind of problem within an hour.
 * problems.ts says what the ranks are.
 *
 * Failed and unknown orders count for a day, or until they have been dealt with. So "resolved" says a fact (none is
 * left of the last day), not that the cause is fixed: at night nothing fails because no one orders.
 */
import { HOUR } from "../lib/time.ts";
import { PROBLEMS, type Problem, type ProblemKind } from "./problem.ts";

/** How things stand with all ledgers together. */
export interface Situation {
  /** `false` when one of them did not answer: what was not seen may still be there. */
  complete: boolean;
  problems: readonly Problem[];
}

const KINDS = Object.keys(PROBLEMS) as ProblemKind[];

/** What is remembered of a kind of problem. Times in ms since 1970. */
interface Incident {
  since: number;
  seen: number;
  level: number;
  /** The level that was told last; 0 when nothing was, or when "resolved" was. */
  told: number;
  toldAt: number | null;
}

export type Incidents = Partial<Record<ProblemKind, Incident>>;

export interface Notice {
  kind: ProblemKind;
  /** `null` when it is resolved. */
  level: number | null;
}

const BETWEEN_MESSAGES = HOUR;
/** Longer than a flap: a resumed ledger that is blocked again within a minute was never well. */
const QUIET = HOUR / 2;

/** The incidents after a look at `now`. */
export function observe(incidents: Incidents, situation: Situation, now: number): Incidents {
  const observed: Incidents = {};
  for (const kind of KINDS) {
    const level = rankOf(kind, situation);
    const before = incidents[kind];
    if (level > 0) {
      const goesOn = before !== undefined && (before.level > 0 || before.told > 0);
      const { since, told, toldAt } = before ?? { since: now, told: 0, toldAt: null };
      observed[kind] = { since: goesOn ? since : now, seen: now, level, told, toldAt };
    } else if (before !== undefined) {
      // Not seen is not gone while a ledger is silent; but what has not been told yet waits until it is seen again.
      const { level: last, told } = before;
      observed[kind] = situation.complete
        ? { ...before, level }
        : { ...before, seen: now, level: Math.min(last, told) };
    }
  }
  return observed;
}

/** What has to be told at `now`. */
export function noticesDue(incidents: Incidents, now: number): Notice[] {
  return KINDS.flatMap((kind): Notice[] => {
    const incident = incidents[kind];
    if (incident === undefined || !mayTell(incident, now)) return [];
    const { level, told } = incident;
    if (level > told) return [{ kind, level }];
    return told > 0 && isQuiet(incident, now) ? [{ kind, level: null }] : [];
  });
}

/** The incidents after `notices` were told at `now`, without those that nothing is left of. */
export function settle(incidents: Incidents, notices: readonly Notice[], now: number): Incidents {
  const settled: Incidents = {};
  for (const kind of KINDS) {
    const before = incidents[kind];
    if (before === undefined) continue;
    const notice = notices.find((told) => told.kind === kind);
    const incident = notice ? { ...before, told: notice.level ?? 0, toldAt: now } : before;
    // What has been told of is kept for the hour in which it must not be told again.
    const isGone = incident.told === 0 && isQuiet(incident, now) && mayTell(incident, now);
    if (!isGone) settled[kind] = incident;
  }
  return settled;
}

/** When to look again, in ms; `null` when all is well and until the next notification. */
export function nextLook(incidents: Incidents, now: number): number | null {
  const open = Object.values(incidents);
  if (open.length === 0) return null;
  const isOld = open.every(({ since }) => now - since > 24 * HOUR);
  return now + (isOld ? HOUR : HOUR / 4);
}

function rankOf(kind: ProblemKind, { problems }: Situation): number {
  return Math.max(0, ...problems.filter((problem) => problem.kind === kind).map(({ rank }) => rank));
}

function mayTell({ toldAt }: Incident, now: number): boolean {
  return toldAt === null || now - toldAt >= BETWEEN_MESSAGES;
}

function isQuiet({ level, seen }: Incident, now: number): boolean {
  return level === 0 && now - seen >= QUIET;
}
