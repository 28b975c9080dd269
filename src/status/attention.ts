/** What needs attention now, the worst first, each with its next step. Pure. */
import type { ConfigProblem } from "../config/problem.ts";
import { HOUR } from "../lib/time.ts";
import { nearEnd } from "../domain/month.ts";
import { isRefusal } from "../ledger/breaker.ts";
import type { Pause } from "../ledger/pause.ts";
import { erasureAttention } from "./erasure-attention.ts";
import { formatNumber, quantity } from "./format.ts";
import type { Figures } from "./ledgers.ts";

export interface Attention {
  /** "act": someone has to act. "watch": it passes by itself, unless it lasts. */
  level: "act" | "watch";
  title: string;
  next: string;
  /** What makes it up: one line each. */
  details?: string[];
  /** When it ends by itself, in ms. */
  until?: number;
  /** What the page offers for it. */
  offer?: "resume" | "send-again-failed" | "see-unknown";
}

export type AttentionFigures = Pick<
  Figures,
  "open" | "pauses" | "heldBack" | "oldestWait" | "refusals" | "used" | "failedLogins" | "erasures"
>;

const MOST_DETAILS = 5;

/** Longer than a brown-out. */
const LONG_WAIT = 6 * HOUR;

/** Of all networks within an hour. More than people mistype. */
const MANY_FAILED_LOGINS = 50;

export function attention(
  { open, pauses, heldBack, oldestWait, refusals, used, failedLogins, erasures }: AttentionFigures,
  problems: readonly ConfigProblem[],
  monthlyLimit: number | null,
  now: number,
): Attention[] {
  const items: Attention[] = problems.map(({ name, message }) => ({
    level: "act",
    title: `The setting ${name} is invalid: no order is accepted`,
    next: message,
  }));
  for (const { pause } of pauses) items.push(describePause(pause, heldBack));
  if (open.failed) {
    items.push({
      level: "act",
      title: `${quantity(open.failed, "order")} failed: no invitation was created`,
      next: "Open one to see why, and fix the cause. Then send them again, one by one or all together. The data needed is kept for 30 days.",
      ...(refusals.length > 0 && { details: refusals.slice(0, MOST_DETAILS).map(describeRefusal) }),
      offer: "send-again-failed",
    });
  }
  if (open.unknown) {
    items.push({
      level: "act",
      title: `${quantity(open.unknown, "order")} may or may not have been invited`,
      next: "The request went out and no clear answer came back. Look for the order number among the invitations at Trustpilot. If it is there, mark the order as sent; if not, send it again.",
      offer: "see-unknown",
    });
  }
  if (oldestWait !== null && now - oldestWait > LONG_WAIT) {
    items.push({
      level: "watch",
      title: `The oldest order that is due has waited for ${quantity(Math.floor((now - oldestWait) / HOUR), "hour")}`,
      next:
        pauses.length > 0
          ? "What holds it back is said above."
          : "It is retried automatically. Its page says how the last attempt went.",
    });
  }
  if (failedLogins >= MANY_FAILED_LOGINS) {
    items.push({
      level: "watch",
      title: `${quantity(failedLogins, "wrong password")} within an hour: the password may be being guessed`,
      next: "A network with 20 wrong passwords in an hour is blocked for an hour. To open the pages without a password, put Cloudflare Access in front of them and set ACCESS_AUD: SECURITY.md.",
    });
  }
  const usedUp = pauses.some(({ pause }) => pause.kind === "allowance");
  if (monthlyLimit !== null && used !== null && used >= nearEnd(monthlyLimit) && !usedUp) {
    items.push({
      level: "watch",
      title: `${formatNumber(used)} of this month's ${formatNumber(monthlyLimit)} invitations are used`,
      next: "When they are used up, orders wait for the next month. To send more, get a larger plan at Trustpilot and raise MONTHLY_LIMIT.",
    });
  }
  items.push(...erasureAttention(erasures, now));
  return items.toSorted((a, b) => (a.level === b.level ? 0 : a.level === "act" ? -1 : 1));
}

function describeRefusal({ message, count }: Figures["refusals"][number]): string {
  return `${quantity(count, "order")}: Trustpilot said “${message}”`;
}

function describePause(pause: Pause, waiting: number): Attention {
  const orders = quantity(waiting, "order");
  const wait = waiting === 1 ? "waits" : "wait";
  switch (pause.kind) {
    case "blocked":
      return {
        level: "act",
        title: `Trustpilot has disabled the integration${pause.host === null ? "" : ` for ${pause.host}`}: ${orders} ${wait}`,
        next: "Enable it at Trustpilot (Integrations), then resume sending on the status page. No order is lost.",
        offer: "resume",
      };
    case "allowance":
      return {
        level: "act",
        title: `This month's invitations are used up: ${orders} ${wait}`,
        next: "They go out when the next month begins. To send them sooner, get a larger plan at Trustpilot, raise MONTHLY_LIMIT and deploy.",
        until: pause.until,
      };
    case "misconfigured":
      return {
        level: "act",
        title: `A setting is invalid: ${orders} ${wait}`,
        next: "Fix the settings that are named here and deploy. Sending resumes by itself.",
        until: pause.until,
      };
    case "rateLimited":
      return {
        level: "watch",
        title: `Trustpilot asked to wait: ${orders} ${wait}`,
        next: "Nothing to do: sending resumes by itself.",
        until: pause.until,
        offer: "resume",
      };
    case "outage":
      return {
        level: isRefusal(pause.failure) ? "act" : "watch",
        title: `${OUTAGE[pause.failure].title}: ${orders} ${wait}`,
        next: `${quantity(pause.failures, "failure")} in a row. ${OUTAGE[pause.failure].next}`,
        until: pause.until,
        offer: "resume",
      };
    case "operator":
      return {
        level: pause.until === null ? "act" : "watch",
        title: `Paused by an operator: ${orders} ${wait}`,
        next: `Reason: ${pause.reason}. New orders are still accepted.`,
        ...(pause.until !== null && { until: pause.until }),
        offer: "resume",
      };
    case "fenced":
      return {
        level: "act",
        title: `Fenced for a move to another Worker: ${orders} ${wait}, and new ones are answered 503`,
        next: "Finish the move within four hours, or run npm run ledger -- unfence. docs/storage.md lists the steps.",
      };
    case "imported":
      return {
        level: "act",
        title: `A backup was imported; nothing is sent until you resume: ${orders} ${wait}`,
        next: afterImport(pause),
        offer: "resume",
      };
    case "unavailable":
      return {
        level: "watch",
        title: `The ${pause.object} object does not answer: ${orders} ${wait}`,
        next: "Nothing to do: it is called again by itself. If it lasts, check the Worker's logs.",
        until: pause.until,
      };
  }
}

function afterImport({ reconcile, lacksAudiences }: Pause & { kind: "imported" }): string {
  if (lacksAudiences) return "First import the audiences: run the import again with --with-personal-data.";
  if (reconcile.length === 0) return "Point Segment's webhook here, then resume.";
  return `The backup came from a running Worker. First reconcile with Trustpilot's list of these days: ${reconcile.join(", ")}.`;
}

const TESTED = "It is tested by itself: first with a probe, then with a single order.";

const HOURLY = "Without that it is tested every hour; the order that tests it keeps waiting.";

const OUTAGE: Record<(Pause & { kind: "outage" })["failure"], { title: string; next: string }> = {
  unreachable: {
    title: "Trustpilot cannot be reached",
    next: `${TESTED} If it lasts for hours, check TRUSTPILOT_API_URL and Trustpilot's own status page.`,
  },
  noResponse: {
    title: "Trustpilot does not answer orders",
    next: `${TESTED} Each order that gets no answer is unknown afterwards, so tests are at least an hour apart.`,
  },
  ambiguous: {
    title: "Trustpilot confirms no order",
    next: `${TESTED} Each order that is not confirmed is unknown afterwards, so tests are at least an hour apart.`,
  },
  error: { title: "Trustpilot answers with errors", next: TESTED },
  rateLimited: { title: "Trustpilot asks to slow down", next: TESTED },
  credentials: {
    title: "Trustpilot refuses the API key or its secret",
    next: `Check TRUSTPILOT_API_KEY and TRUSTPILOT_API_SECRET and deploy, then resume. ${HOURLY}`,
  },
  role_or_plan: {
    title: "Trustpilot refuses the API key: a role or the plan is missing",
    next: `The user of TRUSTPILOT_BUSINESS_USER_ID must be an Admin or a Manager of the business unit, and the plan must include the Invitations API (an add-on on Premium and Advanced, part of Enterprise). Change that at Trustpilot, then resume. ${HOURLY}`,
  },
  sender: {
    title: "Cloudflare refuses to send the e-mail to Trustpilot",
    next: `Workers Paid, a sending domain for TRUSTPILOT_AFS_FROM and a binding EMAIL that is pinned to TRUSTPILOT_AFS_ADDRESS are needed: docs/trustpilot.md. Then resume. ${HOURLY}`,
  },
  accessRefused: {
    title: "Trustpilot refuses the Integration Key, or the address",
    next: `Check TRUSTPILOT_INTEGRATION_KEY and TRUSTPILOT_API_URL and deploy, then resume. ${HOURLY}`,
  },
};
