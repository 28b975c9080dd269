import { fieldsOf, isObject } from "../lib/json.ts";

/** The names under which Engage and Replay address a webhook destination, all others off. */
const WEBHOOK_NAMES = ["Webhooks", "Webhook", "Webhooks (Actions)", "Extensible Webhook"];

/**
 * Whether the event's `integrations` object lets it through, by the rules of `@segment/facade`: our own name
 * decides, case-sensitively, and only the boolean `false` disables; then `All`, in any casing.
 *
 * Engage and Replay send `{All: false, "<webhook destination>": true}`. Such an event is meant for exactly the
 * webhook that brought it here, so dropping on `All: false` alone would lose every one of them.
 */
export function isEnabledFor(integrations: unknown): boolean {
  if (!isObject(integrations)) return true;
  if (Object.hasOwn(integrations, "Trustpilot")) return integrations["Trustpilot"] !== false;
  const addressed = WEBHOOK_NAMES.some(
    (name) => Object.hasOwn(integrations, name) && integrations[name] !== false,
  );
  if (addressed) return true;
  return !Object.entries(integrations).some(
    ([name, value]) => name.toLowerCase() === "all" && value === false,
  );
}

/**
 * Whether the sender says that the order has had its invitation: `{"Trustpilot": {"alreadyInvited": true}}`. For
 * the move from another integration, whose orders must never be invited a second time.
 */
export function isAlreadyInvited(integrations: unknown): boolean {
  return fieldsOf(fieldsOf(integrations)("Trustpilot"))("alreadyInvited") === true;
}
