/**
 * How each Durable Object is reached: its name, its retry and its timeout. Nothing else in the Worker asks a
 * namespace for an object.
 *
 * The names are part of the stored format: see docs/storage.md before changing one.
 */
import { readLeniently } from "../config/config.ts";
import { ledgerName, ledgerNames } from "../domain/shard.ts";
import { within } from "../lib/within.ts";
import { TOKEN_TIMEOUT, type ApiAccount } from "../trustpilot/invitations-api/access-token.ts";
import { callObject } from "./call-object.ts";

/** Of the classes that have one object. */
const ONLY = "v1";

/** In ms. Segment waits five seconds for its answer, and a ledger must not stand still for longer. */
export const TIMEOUT = 3_000;

type Stub<Namespace> = Namespace extends { getByName: (name: string) => infer Object } ? Object : never;
export type LedgerStub = Stub<Env["LEDGER"]>;
export type TokensStub = Stub<Env["TOKENS"]>;

/** The number of ledgers that the shop of `env` has. */
export function ledgersOf(env: Env): number {
  return readLeniently(env).storage.ledgers;
}

/** Calls one ledger by its name. */
export function callLedger<Answer>(
  env: Env,
  name: string,
  call: (ledger: LedgerStub) => Promise<Answer>,
): Promise<Answer> {
  return callObject(() => env.LEDGER.getByName(name), call);
}

/** Calls the ledger that holds the order. */
export function callLedgerOf<Answer>(
  env: Env,
  orderId: string,
  call: (ledger: LedgerStub) => Promise<Answer>,
): Promise<Answer> {
  return callLedger(env, ledgerName(orderId, ledgersOf(env)), call);
}

/** Calls all ledgers of the shop at once. */
export function callLedgers<Answer>(
  env: Env,
  call: (ledger: LedgerStub) => Promise<Answer>,
): Promise<Answer>[] {
  return ledgerNames(ledgersOf(env)).map((name) => callLedger(env, name, call));
}

export function callAudiences<Answer>(
  env: Env,
  call: (audiences: Stub<Env["AUDIENCES"]>) => Promise<Answer>,
): Promise<Answer> {
  return callObject(() => env.AUDIENCES.getByName(ONLY), call, TIMEOUT);
}

/** Not tried twice: an invitation might be counted twice. */
export function callAllowance<Answer>(
  env: Env,
  call: (allowance: Stub<Env["ALLOWANCE"]>) => Promise<Answer>,
): Promise<Answer> {
  return within(TIMEOUT, call(env.ALLOWANCE.getByName(ONLY)));
}

/** Not tried twice: one wrong password must not count as two. */
export function callAttempts<Answer>(
  env: Env,
  call: (attempts: Stub<Env["ATTEMPTS"]>) => Promise<Answer>,
): Promise<Answer> {
  return within(TIMEOUT, call(env.ATTEMPTS.getByName(ONLY)));
}

/** The object of an API account. Its name shows neither the key nor the secret. @param call may be made twice */
export async function callTokens<Answer>(
  env: Env,
  { authUrl, key, secret }: ApiAccount,
  call: (tokens: TokensStub) => Promise<Answer>,
): Promise<Answer> {
  const name = await sha256(`${authUrl} ${key} ${secret}`);
  return callObject(() => env.TOKENS.getByName(name), call, TOKEN_TIMEOUT);
}

export function callAlerts<Answer>(
  env: Env,
  call: (alerts: Stub<Env["ALERTS"]>) => Promise<Answer>,
): Promise<Answer> {
  return within(TIMEOUT, call(env.ALERTS.getByName(ONLY)));
}

export function callRegistry<Answer>(
  env: Env,
  call: (registry: Stub<Env["REGISTRY"]>) => Promise<Answer>,
): Promise<Answer> {
  return callObject(() => env.REGISTRY.getByName(ONLY), call, TIMEOUT);
}

async function sha256(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex();
}
