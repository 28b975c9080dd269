/** Why an order is not invited after all, as far as only the moment before it is sent can tell. */
import { callAudiences } from "../bindings/objects.ts";
import type { Config } from "../config/config.ts";
import { audienceRule, hasAudienceRule } from "../domain/audience-rule.ts";
import type { Order, Reason } from "../domain/order.ts";
import { log } from "../log.ts";
import type { Prepared } from "../trustpilot/transport.ts";
import type { SendGate } from "./send-gate.ts";

/**
 * Audiences are asked again: a customer may have opted out while the order waited.
 *
 * @param gate pauses when they cannot be asked @returns `undecided` then, `null` when the order is to be sent
 */
export async function skipReason(
  order: Order,
  { shown }: Prepared,
  { rules, delivery }: Config,
  env: Env,
  gate: SendGate,
): Promise<Reason | null | "undecided"> {
  if (hasAudienceRule(rules)) {
    try {
      const [memberOf = []] = await callAudiences(env, (audiences) =>
        audiences.audiencesOf([order.customer]),
      );
      const reason = audienceRule(memberOf, rules);
      if (reason !== null) return reason;
    } catch (error) {
      gate.pauseFor("audiences", error);
      return "undecided";
    }
  }
  if (!delivery.dryRun) return null;
  logDryRun(order.orderId, shown);
  return "dry_run";
}

/** Field names and counts only: a product's name or URL may hold a person. */
function logDryRun(orderId: string, shown: object): void {
  const fields = Object.entries(shown).map(([field, value]) => [
    field,
    Array.isArray(value) ? value.length : "…",
  ]);
  log({ log: "dry-run", orderId, invitation: Object.fromEntries(fields) as object });
}
