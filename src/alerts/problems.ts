/**
 * What is wrong now, the worst first, each with its next step: the one list that the page, the JSON interface, the
 * doctor and the alerts show. Pure.
 */
import type { ConfigProblem } from "../config/config-problem.ts";
import { longestWait } from "../domain/eligibility.ts";
import { nearEnd } from "../domain/month.ts";
import {
  NO_REJECTIONS,
  countOf,
  FEW_REJECTIONS,
  REJECTION_KINDS,
  type RecentRejections,
  type RejectionKind,
} from "../domain/rejections.ts";
import type { Rules } from "../domain/rules.ts";
import type { Silence } from "../domain/silence.ts";
import type { AllTroubles, Explanation } from "../domain/troubles.ts";
import { formatNumber, formatTime, quantity } from "../lib/format.ts";
import { DAY, HOUR } from "../lib/time.ts";
import type { ErasureReport } from "../trustpilot/erasure-report.ts";
import { erasureProblems } from "./erasure-problems.ts";
import type { Problem } from "./problem.ts";
import { outageProblem, pauseProblem } from "./pause-problems.ts";
import { storageProblems } from "./storage-problems.ts";

export interface ProblemFigures extends AllTroubles {
  /** Invitations of this month; `null` without a limit. */
  used: number | null;
  /** Wrong passwords of all networks within the last hour. */
  failedLogins: number;
  /** Of all shops together. */
  rejections: RecentRejections;
  /** Of one of the shops, if no order has arrived since. */
  silence: Silence | null;
  /** Deletions at Trustpilot; `null` where it is not asked for any. */
  erasures: ErasureReport | null;
}

/** For who does not ask for all of them: what is not asked for is no problem. */
export const NOT_ASKED = {
  used: null,
  failedLogins: 0,
  rejections: NO_REJECTIONS,
  silence: null,
  erasures: null,
} as const satisfies Omit<ProblemFigures, keyof AllTroubles>;

/** The settings that problems are judged and explained by. */
export interface ProblemContext {
  settings: readonly ConfigProblem[];
  monthlyLimit: number | null;
  /** Whether the Worker has several: what is rejected, and wrong passwords, are counted for all of them together. */
  severalShops: boolean;
  rules: Pick<Rules, "maxOrderAgeDays" | "maxWaitDays">;
  /** In ms. */
  now: number;
}

const MOST_DETAILS = 5;
/** Of all networks within an hour. More than people mistype. */
const MANY_FAILED_LOGINS = 50;
/** Longer than a brown-out, and how long makes it worse. */
const LONG_WAITS = [6 * HOUR, DAY, 7 * DAY];
/** Unknown orders of a day: one is bad luck. */
const UNKNOWN_FROM = 5;

export function problems(figures: ProblemFigures, context: ProblemContext): Problem[] {
  const all = [
    ...context.settings.map(settingProblem),
    ...ledgerProblems(figures),
    ...pauseProblems(figures, context),
    ...orderProblems(figures),
    ...arrivalProblems(figures, context),
    ...waitProblems(figures, context),
    ...loginProblems(figures, context),
    ...allowanceProblems(figures, context),
    ...erasureProblems(figures.erasures, context.now),
  ];
  return all.toSorted((a, b) => (a.level === b.level ? 0 : a.level === "act" ? -1 : 1));
}

function settingProblem({ name, message }: ConfigProblem): Problem {
  const title = `The setting ${name} is invalid: no order is accepted`;
  return { kind: "settings", rank: 0, level: "act", title, next: message };
}

function ledgerProblems({ whyClosed, storage, full }: ProblemFigures): Problem[] {
  const title = "A ledger does not work, and its new orders are answered 503";
  const closed: Problem[] =
    whyClosed === null ? [] : [{ kind: "closed", rank: 1, level: "act", title, next: whyClosed }];
  return [...closed, ...storageProblems(storage, full)];
}

function pauseProblems(figures: ProblemFigures, context: ProblemContext): Problem[] {
  const { pauses, outage, heldBack, oldestWait } = figures;
  const found = pauses.map(({ pause }) => pauseProblem(pause, heldBack));
  if (outage !== null && pauses.every(({ pause }) => pause.kind !== "outage"))
    found.push(outageProblem(outage, ", and is being tested"));
  if (oldestWait === null) return found;
  const expiry = formatTime(oldestWait + longestWait(context.rules), "UTC");
  const detail = `The first of its orders ends without an invitation on ${expiry} UTC (MAX_WAIT_DAYS, MAX_ORDER_AGE_DAYS)`;
  return found.map((problem) => ({ ...problem, details: [detail] }));
}

function orderProblems({ open, lately, damaged, explanations }: ProblemFigures): Problem[] {
  const found: Problem[] = [];
  if (damaged > 0) {
    found.push({
      kind: "damaged",
      rank: digits(damaged),
      level: "act",
      title: `The stored data of ${quantity(damaged, "order")} is damaged`,
      next: "Other orders are not affected. If the order is still wanted, invite the customer by hand, then mark it as sent.",
    });
  }
  if (open.failed) {
    found.push({
      kind: "failed",
      rank: digits(lately.failed),
      level: "act",
      title: `${quantity(open.failed, "order")} failed: no invitation was created`,
      next: "Open one to see why, and fix the cause. Then send them again, one by one or all together. The data needed is kept for 30 days.",
      ...(explanations.length > 0 && {
        details: explanations.slice(0, MOST_DETAILS).map(describeExplanation),
      }),
      offer: "send-again-failed",
    });
  }
  if (open.unknown) {
    found.push({
      kind: "unknown",
      rank: digits(Math.floor(lately.unknown / UNKNOWN_FROM)),
      level: "act",
      title: `${quantity(open.unknown, "order")} may or may not have been invited`,
      next: "The request went out and no clear answer came back. Look for the order number among the invitations at Trustpilot. If it is there, mark the order as sent; if not, send it again.",
      offer: "see-unknown",
    });
  }
  return found;
}

function describeExplanation({ message, count }: Explanation): string {
  return `${quantity(count, "order")}: Trustpilot said “${message}”`;
}

/** What does not arrive, or arrives unusable. */
function arrivalProblems({ rejections, silence }: ProblemFigures, context: ProblemContext): Problem[] {
  const found: Problem[] = [];
  const all = countOf(rejections);
  if (all >= FEW_REJECTIONS) {
    const { orders } = rejections;
    const kinds = REJECTION_KINDS.filter((kind) => rejections[kind].count > 0);
    const share = orders === null ? "" : ` (${Math.round((100 * all) / (all + orders))} % of what arrived)`;
    const reasons = kinds.map((kind) => rejections[kind].reason).join(" ");
    found.push({
      kind: "rejections",
      rank: digits(Math.floor(all / FEW_REJECTIONS)),
      level: "act",
      title: `${kinds.map((kind) => REJECTED[kind](rejections[kind].count)).join(" and ")} in the last hour${ofAllShops(context)}${share}`,
      next: `Orders may be missing. Segment's Event Delivery shows what was answered. The latest ${kinds.length > 1 ? "reasons" : "reason"}: ${reasons}`,
    });
  }
  if (silence !== null) {
    found.push({
      kind: "silence",
      rank: 1,
      level: "act",
      title: `No order has arrived for ${quantity(Math.floor((context.now - silence.since) / HOUR), "hour")}: twice the longest gap of the last four weeks`,
      next: "Check the source and the webhook destination in Segment, and its Event Delivery. If the shop is closed, there is nothing to do.",
    });
  }
  return found;
}

function ofAllShops({ severalShops }: ProblemContext): string {
  return severalShops ? ", in all shops together" : "";
}

const REJECTED: Record<RejectionKind, (count: number) => string> = {
  unauthenticated: (count) => `${quantity(count, "request")} without valid credentials`,
  rejected: (count) => `${quantity(count, "event")} rejected`,
};

function waitProblems({ oldestWait, pauses }: ProblemFigures, { now }: ProblemContext): Problem[] {
  if (oldestWait === null || now - oldestWait <= LONG_WAITS[0]!) return [];
  // What a person or the plan has decided, or an alert has told already, is no news.
  const isMeant = pauses.some(({ pause }) => MEANT.has(pause.kind));
  return [
    {
      kind: "oldest",
      rank: isMeant ? 0 : LONG_WAITS.filter((wait) => now - oldestWait > wait).length,
      level: "watch",
      title: `The oldest order that is due has waited for ${quantity(Math.floor((now - oldestWait) / HOUR), "hour")}`,
      next:
        pauses.length > 0
          ? "What holds it back is said above."
          : "It is retried automatically. Its page says how the last attempt went.",
    },
  ];
}

const MEANT: ReadonlySet<string> = new Set(["blocked", "operator", "allowance", "imported", "fenced"]);

function loginProblems({ failedLogins }: ProblemFigures, context: ProblemContext): Problem[] {
  if (failedLogins < MANY_FAILED_LOGINS) return [];
  return [
    {
      kind: "logins",
      rank: 0,
      level: "watch",
      title: `${quantity(failedLogins, "wrong password")} within an hour${ofAllShops(context)}: the password may be being guessed`,
      next: "A network with 20 wrong passwords in an hour is blocked for an hour. To open the pages without a password, put Cloudflare Access in front of them and set ACCESS_AUD: SECURITY.md.",
    },
  ];
}

function allowanceProblems({ used, pauses }: ProblemFigures, { monthlyLimit }: ProblemContext): Problem[] {
  const usedUp = pauses.some(({ pause }) => pause.kind === "allowance");
  if (monthlyLimit === null || used === null || used < nearEnd(monthlyLimit) || usedUp) return [];
  return [
    {
      kind: "allowance",
      rank: used < monthlyLimit ? 1 : 2,
      level: "watch",
      title: `${formatNumber(used)} of this month's ${formatNumber(monthlyLimit)} invitations are used`,
      next: "When they are used up, orders wait for the next month. To send more, get a larger plan at Trustpilot and raise MONTHLY_LIMIT.",
    },
  ];
}

/** 0 for none, 1 from one on, 2 from ten on, 3 from a hundred on. */
function digits(count: number): number {
  return count === 0 ? 0 : String(count).length;
}
