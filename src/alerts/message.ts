/**
 * The words of an alert. Only counts and settings go in: no order, no customer, no key. Plain sentences and a bare
 * address, because Slack, Mattermost, Google Chat and the like agree on little more.
 */
import type { Notice, Situation } from "./incidents.ts";

export interface Sender {
  /** The shop's host, for a channel that hears of several shops. */
  shop: string | null;
  /** Address of the status page, when it is known. */
  statusUrl: string | null;
}

export function messageText(
  notices: readonly Notice[],
  situation: Situation,
  { shop, statusUrl }: Sender,
): string {
  return [
    `Trustpilot review invitations${shop === null ? "" : ` of ${shop}`}`,
    ...notices.map((notice) => `• ${sentence(notice, situation)}`),
    statusUrl ?? "See the page /status of the Worker (with PUBLIC_URL set, its address stands here).",
  ].join("\n");
}

function sentence({ condition, level }: Notice, situation: Situation): string {
  const isOver = level === null;
  switch (condition) {
    case "blocked":
      return isOver
        ? "Over: no order is held back by Trustpilot's block any more."
        : `Trustpilot has disabled the integration for this shop's domain: nothing is sent. Orders that wait: ${situation.waiting}. Enable it at Trustpilot, then resume.`;
    case "failed":
      return isOver
        ? "Over: no order is left that failed in the last 24 hours."
        : `Orders that failed for good in the last 24 hours: ${situation.failed}. Trustpilot refused them. Fix the reason, then send them again, or cancel them.`;
    case "unknown":
      return isOver
        ? "Over: fewer than five orders are left that ended unknown in the last 24 hours."
        : `Orders that ended unknown in the last 24 hours: ${situation.unknown}. Trustpilot gave no clear answer, so they may have been invited. Mark them as sent, or send them again at the risk of a second invitation.`;
    case "allowance":
      return allowanceSentence(level, situation);
  }
}

function allowanceSentence(level: Notice["level"], { allowance, waiting }: Situation): string {
  if (allowance === null) return "Over: there is no MONTHLY_LIMIT any more.";
  const { used, limit } = allowance;
  if (level === null)
    return `Over: there are invitations left again. Used this month: ${used} of ${limit} (MONTHLY_LIMIT).`;
  return level === 1
    ? `The month's allowance nears its end: ${used} of ${limit} invitations are used (MONTHLY_LIMIT).`
    : `The month's allowance is used up: ${used} of ${limit} invitations (MONTHLY_LIMIT). Orders that wait: ${waiting}. They go out when the next month begins (UTC), or when MONTHLY_LIMIT is raised.`;
}
