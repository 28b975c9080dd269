/**
 * The secrets that a command needs to talk to a Worker, and where it finds them: in the environment, in .dev.vars, or
 * by a question on the terminal.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { isCancel, password as askHidden } from "@clack/prompts";
import { isLoopback, type Setting } from "../../src/config/kinds.ts";
import { nameFor } from "../../src/config/config-problem.ts";
import { SETTINGS } from "../../src/config/settings.ts";
import { UserError } from "./command.ts";
import { DEVELOPMENT_SECRETS } from "./development.ts";
import { ROOT } from "./root.ts";
import { readAccessToken, type AccessToken } from "./secret-headers.ts";

export interface Credentials {
  /** Signs events, as Segment does. */
  secret: string | null;
  /** SEGMENT_TOKEN: proves everything, and batches beside the signature. */
  token: string | null;
  /** Trustpilot's Integration Key: proves batches where there is no token, and everything with AUTHENTICATE_BY. */
  key: string | null;
  /** Opens the orders. */
  password: string | null;
  /** Opens them where Cloudflare Access stands before them. */
  access: AccessToken | null;
}

const { sharedSecret, token } = SETTINGS.segment;
const { integrationKey } = SETTINGS.trustpilot;

const ACCESS_HELP = `
  Where Cloudflare Access stands before /status, set CF_ACCESS_CLIENT_ID and
  CF_ACCESS_CLIENT_SECRET, a service token, in the environment.`;

export const CREDENTIAL_HELP = `
Secrets come from the environment or .dev.vars, never from the command line:
  SEGMENT_SHARED_SECRET       signs events, as Segment does
  SEGMENT_TOKEN               instead, for senders that cannot sign
  TRUSTPILOT_INTEGRATION_KEY  the second factor of batches without a token
  STATUS_PASSWORD             opens the orders
  With the address of one shop (--url https://…/shops/uk) they carry its name:
  SEGMENT_SHARED_SECRET_UK. A Worker on this machine also takes the secrets of
  npm run dev.
${ACCESS_HELP}`;

/**
 * A variable that is set and empty says that there is none.
 *
 * @param url the Worker's address: the secrets of development are for this machine only
 * @throws UserError when half of a service token is there
 */
export async function readCredentials(url: URL): Promise<Credentials> {
  const access = readAccessToken();
  const file = await readDevVars();
  const development: Record<string, string | undefined> =
    isLoopback(url) && Object.keys(file).length === 0 ? DEVELOPMENT_SECRETS : {};
  const find = (setting: Setting) => {
    const name = nameFor(setting, shopOf(url));
    return (process.env[name] ?? file[name] ?? development[name]) || null;
  };
  return {
    secret: find(sharedSecret),
    token: find(token),
    key: find(integrationKey),
    password: find(SETTINGS.status.password),
    access,
  };
}

/** @returns the shop whose path `url` has, as in `/shops/uk` and `/segment/uk` */
export function shopOf({ pathname }: URL): string | null {
  return /^\/(?:segment|shops)\/([^/]+)/.exec(pathname)?.[1] ?? null;
}

/** Asks for the shared secret when neither it nor the key is known. @throws UserError when there is no terminal */
export async function withProof(credentials: Credentials, url: URL): Promise<Credentials> {
  if ((credentials.secret ?? credentials.token ?? credentials.key) !== null) return credentials;
  const [name, ...others] = [sharedSecret, token, integrationKey].map((one) => nameFor(one, shopOf(url)));
  const secret = await ask(`The shared secret of Segment's webhook destination (${name})`);
  if (secret !== null) return { ...credentials, secret };
  throw new UserError(
    `No shared secret: set ${name} in the environment or in .dev.vars. Without one, set ${others.join(" or ")}, whichever the Worker accepts.`,
  );
}

/** Asks without showing what is typed; `null` when there is no terminal, or nothing was typed. */
export async function ask(message: string): Promise<string | null> {
  if (!isTerminal()) return null;
  const answer = await askHidden({ message });
  if (isCancel(answer)) throw new UserError("Cancelled.");
  return answer?.trim() || null;
}

export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

export async function readDevVars(): Promise<Record<string, string | undefined>> {
  const path = join(ROOT, ".dev.vars");
  return existsSync(path) ? parseEnv(await readFile(path, "utf8")) : {};
}
