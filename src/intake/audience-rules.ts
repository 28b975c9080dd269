/** What a request says about audiences, and what the audiences say about its orders. */
import { callAudiences } from "../bindings/objects.ts";
import { audienceRule, hasAudienceRule } from "../domain/audience-rule.ts";
import type { Rules } from "../domain/rules.ts";
import type { ParsedEvent } from "../segment/parsed-event.ts";

/** @throws when the audiences stay unreachable */
export async function updateAudiences(events: readonly ParsedEvent[], env: Env): Promise<void> {
  const memberships = events.flatMap((event) => (event.kind === "membership" ? [event.membership] : []));
  const deletions = events.flatMap((event) => (event.kind === "deletion" ? [event.customer] : []));
  if (memberships.length > 0) await callAudiences(env, (audiences) => audiences.remember(memberships));
  if (deletions.length > 0) await callAudiences(env, (audiences) => audiences.forget(deletions));
}

/**
 * Marks the orders that an audience rule excludes, so that the answer can say so. Best effort; the Ledger checks again
 * before sending.
 */
export async function withAudienceRules(
  events: readonly ParsedEvent[],
  rules: Rules,
  env: Env,
): Promise<readonly ParsedEvent[]> {
  if (!hasAudienceRule(rules)) return events;
  const customers = events.flatMap((event) => (isOpen(event) ? [event.order.customer] : []));
  if (customers.length === 0) return events;
  try {
    const memberOf = await callAudiences(env, (audiences) => audiences.audiencesOf(customers));
    const lists = memberOf.values();
    return events.map((event) =>
      isOpen(event) ? { ...event, skip: audienceRule(lists.next().value ?? [], rules) } : event,
    );
  } catch {
    return events;
  }
}

function isOpen(event: ParsedEvent): event is ParsedEvent & { kind: "order" } {
  return event.kind === "order" && event.skip === null;
}
