/** What holds all orders back, each with its next step. Pure. */
import { OUTAGES } from "../domain/outage.ts";
import type { Pause } from "../domain/pause.ts";
import type { Outage } from "../domain/troubles.ts";
import { quantity } from "../lib/format.ts";
import type { Problem } from "./problem.ts";

/** @param rest of the title */
export function outageProblem({ failure, failures }: Outage, rest: string): Problem {
  const { title, next, refused } = OUTAGES[failure];
  return {
    kind: "outage",
    rank: refused ? 2 : 1,
    level: refused ? "act" : "watch",
    title: title + rest,
    next: `${quantity(failures, "failure")} in a row. ${next}`,
    offer: "resume",
  };
}

/** @param waiting how many orders would be sent otherwise */
export function pauseProblem(pause: Pause, waiting: number): Problem {
  const { kind } = pause;
  const orders = quantity(waiting, "order");
  const wait = waiting === 1 ? "waits" : "wait";
  switch (pause.kind) {
    case "blocked":
      return {
        kind,
        rank: 1,
        level: "act",
        title: `Trustpilot has disabled the integration${pause.host === null ? "" : ` for ${pause.host}`}: ${orders} ${wait}`,
        next: "Enable it at Trustpilot (Integrations), then resume sending on the status page. No order is lost.",
        offer: "resume",
      };
    case "allowance":
      return {
        kind,
        rank: 2,
        level: "act",
        title: `This month's invitations are used up: ${orders} ${wait}`,
        next: "They go out when the next month begins. To send them sooner, get a larger plan at Trustpilot, raise MONTHLY_LIMIT and deploy.",
        until: pause.until,
      };
    case "misconfigured":
      return {
        kind,
        rank: 0,
        level: "act",
        title: `A setting is invalid: ${orders} ${wait}`,
        next: "Fix the settings that are named here and deploy. Sending resumes by itself.",
        until: pause.until,
      };
    case "rateLimited":
      return {
        kind,
        rank: 0,
        level: "watch",
        title: `Trustpilot asked to wait: ${orders} ${wait}`,
        next: "Nothing to do: sending resumes by itself.",
        until: pause.until,
        offer: "resume",
      };
    case "outage":
      return { ...outageProblem(pause, `: ${orders} ${wait}`), until: pause.until };
    case "operator":
      return {
        kind,
        rank: 0,
        level: pause.until === null ? "act" : "watch",
        title: `Paused by an operator: ${orders} ${wait}`,
        next: `Reason: ${pause.reason}. New orders are still accepted.`,
        ...(pause.until !== null && { until: pause.until }),
        offer: "resume",
      };
    case "fenced":
      return {
        kind,
        rank: 0,
        level: "act",
        title: `Fenced for a move to another Worker: ${orders} ${wait}, and new ones are answered 503`,
        next: "Finish the move within four hours, or run npm run ledger -- unfence. docs/storage.md lists the steps.",
      };
    case "imported":
      return {
        kind,
        rank: 0,
        level: "act",
        title: `A backup was imported; nothing is sent until you resume: ${orders} ${wait}`,
        next: afterImport(pause),
        offer: "resume",
      };
    case "unavailable":
      return {
        kind,
        rank: 0,
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
