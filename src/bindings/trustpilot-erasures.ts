/** Deletions of customers at Trustpilot itself, where the transport can ask for them: see src/tokens. */
import { readLeniently } from "../config/config.ts";
import { accountOf } from "../trustpilot/invitations-api/access-token.ts";
import type { ErasureReport } from "../trustpilot/erasure-report.ts";
import { callTokens } from "./objects.ts";
import { openTransport } from "./open-transport.ts";

export function erasesAtTrustpilot(env: Env): boolean {
  return openTransport(readLeniently(env), env).erase !== null;
}

/**
 * Has the addresses erased at Trustpilot: kept from now on, until that is done.
 *
 * @param byHand how many customers were deleted of whom no address is known
 * @throws when they could not be noted
 */
export async function eraseAtTrustpilot(
  env: Env,
  addresses: readonly string[],
  byHand: number,
): Promise<void> {
  const account = accountOf(readLeniently(env).trustpilot);
  // When its answer is lost it is called again: an address still waits once, and a customer may count twice.
  await callTokens(env, account, (tokens) => tokens.erase(env.SHOP ?? null, [...addresses], byHand));
}

/** `null` where Trustpilot is not asked to erase anybody. */
export async function readErasures(env: Env): Promise<ErasureReport | null> {
  if (!erasesAtTrustpilot(env)) return null;
  const account = accountOf(readLeniently(env).trustpilot);
  return callTokens(env, account, (tokens) => tokens.erasures(env.SHOP ?? null));
}
