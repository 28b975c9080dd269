import { fieldsOf, isObject } from "../lib/json.ts";

/**
 * Whether the event's `integrations` object lets it through, by the rules of `@segment/facade`: our own name
 * decides, case-sensitively, and only the boolean `false` disables; then `All`, in any casing.
 *
 * Engage, Replay and RudderStack send `{All: false, "<webhook destination>": true}`, where the name is `Webhooks`,
 * `Extensible Webhook`, `HTTP Webhook` and the like. Such an event is meant for the webhook that delivered it, so
 * dropping on `All: false` alone would lose every one of them.
 */
export function isEnabledFor(integrations: unknown): boolean {
  if (!isObject(integrations)) return true;
  if (Object.hasOwn(integrations, "Trustpilot")) return integrations["Trustpilot"] !== false;
  const entries = Object.entries(integrations);
  if (entries.some(([name, value]) => isWebhook(name) && value !== false)) return true;
  return !entries.some(([name, value]) => name.toLowerCase() === "all" && value === false);
}

function isWebhook(name: string): boolean {
  return /web[\s_-]*hook/i.test(name);
}

/**
 * Whether the sender says that the order has had its invitation: `{"Trustpilot": {"alreadyInvited": true}}`. For
 * the move from another integration, whose orders must never be invited a second time.
 */
export function isAlreadyInvited(integrations: unknown): boolean {
  return fieldsOf(fieldsOf(integrations)("Trustpilot"))("alreadyInvited") === true;
}
