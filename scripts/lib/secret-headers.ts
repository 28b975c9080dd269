/**
 * The one place where passwords and tokens join a request: only for a path that they open, and only where no one can
 * listen. What Segment sends is not among them: its signature gives nothing away.
 */
import { isLoopback } from "../../src/config/kinds.ts";
import { STATUS_PATHS } from "../../src/status/paths.ts";
import { UserError } from "./command.ts";

/** A service token of Cloudflare Access. */
export interface AccessToken {
  id: string;
  secret: string;
}

export interface Openers {
  /** STATUS_PASSWORD, for the pages and what is below them. */
  password?: string | null;
  /** LEDGER_SECRET, for /ledger. */
  ledgerSecret?: string | null;
  /** For both, when Access stands before them. */
  access: AccessToken | null;
}

/** @returns the headers that open `url`; none when it is open to all, or could be read on the way */
export function secretHeaders(url: URL, openers: Openers): Record<string, string> {
  const guard = isPrivate(url) ? guardOf(url) : null;
  if (guard === null) return {};
  return { ...accessHeaders(openers.access), ...authorization(guard, openers) };
}

/** Whether what is sent there reaches no one else: by https, or on this machine. */
export function isPrivate(url: URL): boolean {
  return url.protocol === "https:" || isLoopback(url);
}

/**
 * The service token in the environment, where the processes of others cannot read it; there is no option for it.
 *
 * @throws UserError when only half of it is there
 */
export function readAccessToken(env: NodeJS.ProcessEnv = process.env): AccessToken | null {
  const { CF_ACCESS_CLIENT_ID: id, CF_ACCESS_CLIENT_SECRET: secret } = env;
  if (id && secret) return { id, secret };
  if (!id && !secret) return null;
  const [there, missing] = id ? ["ID", "SECRET"] : ["SECRET", "ID"];
  throw new UserError(
    `CF_ACCESS_CLIENT_${there} is set, but CF_ACCESS_CLIENT_${missing} is not: a service token of Cloudflare Access needs both.`,
  );
}

function guardOf({ pathname }: URL): "status" | "ledger" | null {
  const [, first = "", , third = ""] = pathname.split("/");
  if (first === "ledger") return "ledger";
  return STATUS_PATHS.includes(first === "shops" ? third : first) ? "status" : null;
}

function accessHeaders(access: AccessToken | null): Record<string, string> {
  if (access === null) return {};
  return { "CF-Access-Client-Id": access.id, "CF-Access-Client-Secret": access.secret };
}

function authorization(
  guard: "status" | "ledger",
  { password = null, ledgerSecret = null }: Openers,
): Record<string, string> {
  if (guard === "ledger") return ledgerSecret === null ? {} : { Authorization: `Bearer ${ledgerSecret}` };
  if (password === null) return {};
  return { Authorization: `Basic ${Buffer.from(`operator:${password}`).toString("base64")}` };
}
