/**
 * The words of an alert. Only counts and settings go in: no order, no customer, no key. Plain sentences and a bare
 * address, because Slack, Mattermost, Google Chat and the like agree on little more.
 */
import type { Notice, Situation } from "./incidents.ts";
import { PROBLEMS } from "./problem.ts";

interface Sender {
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

function sentence({ kind, level }: Notice, { problems }: Situation): string {
  if (level === null) return `Resolved: ${PROBLEMS[kind]}`;
  const found = problems.filter((problem) => problem.kind === kind);
  return found.map(({ title, next }) => `${title}. ${next}`).join(" ");
}
