/** Rules that concern several settings at once. */
import type { Setting } from "./kinds.ts";
import { nameFor, problemWith, type ConfigProblem } from "./config-problem.ts";
import { SETTINGS, type Values } from "./settings.ts";
import { TRANSPORT_NEEDS, type TransportName } from "./transport-needs.ts";

const { sharedSecret, previousSecret, token, authenticateBy } = SETTINGS.segment;

/** @param shop `null` for the Worker's own settings */
export function contradictions({ segment, trustpilot }: Values, shop: string | null): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (segment.previousSecret !== null && segment.sharedSecret === null) {
    const what = `is missing, but ${nameFor(previousSecret, shop)} is set.`;
    problems.push(problemWith(sharedSecret, shop, what));
  }
  const proofs = [sharedSecret, token].filter(
    (_, index) => [segment.sharedSecret, segment.token][index] !== null,
  );
  if (segment.authenticateBy !== null && proofs.length > 0) {
    const what = `must not be set together with ${nameFor(proofs[0]!, shop)}: the key alone would open what that one protects. Remove one of them.`;
    const message = `${authenticateBy.name} ${what}`;
    problems.push({ name: authenticateBy.name, message, ...(shop !== null && { shop }) });
  }
  for (const field of neededFields({ segment, trustpilot }).filter((name) => trustpilot[name] === null))
    problems.push(whatIsMissing(SETTINGS.trustpilot[field], trustpilot.transport, shop));
  return problems;
}

/** What the Worker cannot do without, by its transport and how senders prove themselves. */
export function neededFields({ segment, trustpilot }: Pick<Values, "segment" | "trustpilot">): NeededField[] {
  const needed = new Set<NeededField>(TRANSPORT_NEEDS[trustpilot.transport]);
  if (segment.authenticateBy !== null) needed.add("integrationKey");
  return [...needed];
}

/** Whether a sender can authenticate at all. */
export function hasProof({ segment }: Values): boolean {
  return segment.sharedSecret !== null || segment.token !== null || segment.authenticateBy !== null;
}

export const NO_PROOF: ConfigProblem = {
  name: sharedSecret.name,
  message: `No sender can authenticate. Set ${sharedSecret.name} (Segment signs with it; run: npx wrangler secret put ${sharedSecret.name}), or ${token.name} (a Bearer token, for senders that cannot sign), or ${authenticateBy.name} = "integration-key" under [vars] in wrangler.toml (the key alone, which is public in a JavaScript integration: anyone may then send orders).`,
};

type NeededField = (typeof TRANSPORT_NEEDS)[TransportName][number];

/** Without these no transport sends anything. */
export const NEEDED_TO_SEND: ReadonlySet<Setting> = new Set(
  Object.values(TRANSPORT_NEEDS).flatMap((fields) => fields.map((field) => SETTINGS.trustpilot[field])),
);

function whatIsMissing(setting: Setting, transport: TransportName, shop: string | null): ConfigProblem {
  const why = setting.required ?? `TRANSPORT = "${transport}" needs it.`;
  return problemWith(setting, shop, `is missing. ${why}`);
}
