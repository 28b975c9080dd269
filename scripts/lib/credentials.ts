/**
 * The secrets that a command needs to talk to a Worker, and where it finds them.
 *
 * A secret on a command line ends up in the shell's history and in every list of processes, so the options are a
 * last resort: prefer the environment, .dev.vars or the question on the terminal.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { isCancel, password as askHidden } from "@clack/prompts";
import { isLoopback } from "../../src/config/kinds.ts";
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

const NAMES = {
  secret: "SEGMENT_SHARED_SECRET",
  token: "SEGMENT_TOKEN",
  key: "TRUSTPILOT_INTEGRATION_KEY",
  password: "STATUS_PASSWORD",
} as const;

/** For `parseArgs`. */
export const CREDENTIAL_OPTIONS = {
  secret: { type: "string" },
  token: { type: "string" },
  key: { type: "string" },
  password: { type: "string" },
} as const;

export const ACCESS_HELP = `
  Where Cloudflare Access stands before /status, set CF_ACCESS_CLIENT_ID and
  CF_ACCESS_CLIENT_SECRET, a service token, in the environment.`;

export const CREDENTIAL_HELP = `
  --secret TEXT     the shared secret of Segment's webhook destination
  --token TEXT      the Bearer token of senders that cannot sign
  --key TEXT        Trustpilot's Integration Key
  --password TEXT   the password of /status and /orders

  Rather than giving these options, set SEGMENT_SHARED_SECRET, SEGMENT_TOKEN,
  TRUSTPILOT_INTEGRATION_KEY and STATUS_PASSWORD in the environment or in
  .dev.vars. A Worker on this machine also takes those of npm run dev.
${ACCESS_HELP}`;

/**
 * @param given the options @param url the Worker's address: the secrets of development are for this machine only
 * @throws UserError when half of a service token is there
 */
export async function readCredentials(
  given: Partial<Record<keyof typeof NAMES, string>>,
  url: URL,
): Promise<Credentials> {
  const access = readAccessToken();
  const file = await readDevVars();
  const development: Record<string, string | undefined> =
    isLoopback(url) && Object.keys(file).length === 0 ? DEVELOPMENT_SECRETS : {};
  const find = (name: keyof typeof NAMES) => {
    const variable = NAMES[name];
    // An empty option says that there is none.
    if (given[name] !== undefined) return given[name] || null;
    return process.env[variable] || file[variable] || development[variable] || null;
  };
  return {
    secret: find("secret"),
    token: find("token"),
    key: find("key"),
    password: find("password"),
    access,
  };
}

/** Asks for the shared secret when neither it nor the key is known. @throws UserError when there is no terminal */
export async function withProof(credentials: Credentials): Promise<Credentials> {
  if ((credentials.secret ?? credentials.token ?? credentials.key) !== null) return credentials;
  const secret = await ask("The shared secret of Segment's webhook destination (SEGMENT_SHARED_SECRET)");
  if (secret !== null) return { ...credentials, secret };
  throw new UserError(
    "No shared secret: set SEGMENT_SHARED_SECRET in the environment or in .dev.vars. Without one, set SEGMENT_TOKEN or TRUSTPILOT_INTEGRATION_KEY, whichever the Worker accepts.",
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
