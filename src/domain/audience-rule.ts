import type { Reason } from "./order.ts";
import type { Rules } from "./rules.ts";

/** Whether the audiences that a customer is in keep an order from being invited. */
export function audienceRule(memberOf: readonly string[], rules: Rules): Reason | null {
  if (rules.excludeAudiences.some((audience) => memberOf.includes(audience))) return "excluded_audience";
  if (rules.requireAudience !== null && !memberOf.includes(rules.requireAudience)) return "audience_missing";
  return null;
}

/** Whether audiences have to be asked at all: without a rule they cost nothing. */
export function hasAudienceRule({ excludeAudiences, requireAudience }: Rules): boolean {
  return excludeAudiences.length > 0 || requireAudience !== null;
}
