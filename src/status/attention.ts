/** What needs somebody now, the worst first, each with the next step in words. Pure. */
import type { ConfigProblem } from "../config/config.ts";
import type { Overview } from "./ledgers.ts";
import type { Pause } from "../ledger/pause.ts";
import { formatNumber } from "./format.ts";

export interface Attention {
  /** "act": nothing mends itself. "watch": it does, unless it lasts. */
  level: "act" | "watch";
  title: string;
  next: string;
  /** Until when it lasts by itself, in ms. */
  until?: number;
  /** What the page offers along with it. */
  offer?: "resume" | "send-again-failed" | "see-unknown";
}

/** Above this part of the month's allowance it is worth a thought. */
const NEARLY_USED = 0.8;

export function attention(
  { open, pauses, used }: Pick<Overview, "open" | "pauses" | "used">,
  problems: readonly ConfigProblem[],
  monthlyLimit: number | null,
): Attention[] {
  const waiting = open.held ?? 0;
  const items: Attention[] = problems.map(({ name, message }) => ({
    level: "act",
    title: `The setting ${name} is wrong: no order is taken`,
    next: message,
  }));
  for (const { pause } of pauses) items.push(describePause(pause, waiting));
  if (open.failed) {
    items.push({
      level: "act",
      title: `${count(open.failed, "order")} failed: no invitation was created`,
      next: "Open one to see why and mend the cause. Then send them again, one by one or all together. What that needs is kept for 30 days.",
      offer: "send-again-failed",
    });
  }
  if (open.unknown) {
    items.push({
      level: "act",
      title: `${count(open.unknown, "order")} may or may not have been invited`,
      next: "The request went out and no clear answer came back. Look for the order number among the invitations at Trustpilot. Is it there: mark the order as sent. Is it not: send it again.",
      offer: "see-unknown",
    });
  }
  const usedUp = pauses.some(({ pause }) => pause.kind === "allowance");
  if (monthlyLimit !== null && used !== null && used >= monthlyLimit * NEARLY_USED && !usedUp) {
    items.push({
      level: "watch",
      title: `${formatNumber(used)} of this month's ${formatNumber(monthlyLimit)} invitations are used`,
      next: "When they are used up, orders wait for the next month. To send more, take a larger plan at Trustpilot and raise MONTHLY_LIMIT.",
    });
  }
  return items.toSorted((a, b) => (a.level === b.level ? 0 : a.level === "act" ? -1 : 1));
}

function describePause(pause: Pause, waiting: number): Attention {
  const orders = count(waiting, "order");
  const wait = waiting === 1 ? "waits" : "wait";
  switch (pause.kind) {
    case "blocked":
      return {
        level: "act",
        title: `Trustpilot has disabled the integration${pause.host === null ? "" : ` for ${pause.host}`}: ${orders} ${wait}`,
        next: "Enable it at Trustpilot (Integrations), then resume here. No order is lost.",
        offer: "resume",
      };
    case "allowance":
      return {
        level: "act",
        title: `This month's invitations are used up: ${orders} ${wait}`,
        next: "They go out when the next month begins. To send them sooner, take a larger plan at Trustpilot, raise MONTHLY_LIMIT and deploy.",
        until: pause.until,
      };
    case "misconfigured":
      return {
        level: "act",
        title: `A setting is wrong: ${orders} ${wait}`,
        next: "Mend what is named at /health and deploy. Sending goes on by itself.",
        until: pause.until,
      };
    case "rateLimited":
      return {
        level: "watch",
        title: `Trustpilot asked to wait: ${orders} ${wait}`,
        next: "Nothing to do: sending goes on by itself.",
        until: pause.until,
        offer: "resume",
      };
    case "unreachable":
      return {
        level: "watch",
        title: `Trustpilot cannot be reached: ${orders} ${wait}`,
        next: `Tried ${count(pause.failures, "time")}; it is tried again by itself. If it lasts for hours, check TRUSTPILOT_API_URL and Trustpilot's own status page.`,
        until: pause.until,
        offer: "resume",
      };
    case "audiences":
      return {
        level: "watch",
        title: `The store of audiences does not answer: ${orders} ${wait}`,
        next: "Nothing to do: it is asked again by itself. If it lasts, look into the Worker's logs.",
        until: pause.until,
      };
  }
}

function count(number: number, noun: string): string {
  return `${formatNumber(number)} ${noun}${number === 1 ? "" : "s"}`;
}
