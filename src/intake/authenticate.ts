/**
 * Who may send orders: a sender that signs with the shared secret, or presents SEGMENT_TOKEN. The Integration Key, which a
 * JavaScript integration publishes in the shop's pages, opens nothing by itself unless AUTHENTICATE_BY says so, as in
 * Segment's partner contract.
 *
 * Segment signs only the first event of a batch. Anyone who captured one signed event could append others, so the
 * rest of such a batch needs a second factor: the token, or the key where no token is set.
 */
import { auth as basicCredentials } from "hono/utils/basic-auth";
import { timingSafeEqual } from "hono/utils/buffer";
import type { Config } from "../config/config.ts";
import { MINUTE } from "../lib/time.ts";
import { firstElement } from "./first-element.ts";
import type { RequestError } from "./request-error.ts";

export type Authenticated =
  /** Every byte of the body. `partnerContract`: by the key as Basic user name, without a signature. */
  | { kind: "whole"; partnerContract: boolean }
  /** These bytes of an array of one event. */
  | { kind: "one"; event: Uint8Array };

type Authentication = Authenticated | { kind: "unauthenticated"; error: RequestError };

/** @param body the raw bytes: a signature is never checked against anything parsed and serialised again */
export async function authenticate(
  request: Request,
  body: Uint8Array,
  config: Config,
): Promise<Authentication> {
  const { sharedSecrets, token, authenticateBy } = config.segment;
  if (authenticateBy === "integration-key") return authenticateByKey(request, config);
  if (token !== null && (await presents(bearerOf(request), token)))
    return { kind: "whole", partnerContract: false };
  if (sharedSecrets.length === 0) return unauthenticated(token === null ? "noSecret" : "tokenMissing");
  return authenticateBySignature(request, body, config);
}

/**
 * Whether it is the operator's `npm run doctor` that sends what must not be accepted: it says so in `X-Doctor`, with the
 * time in ms and its HMAC with one of the secrets.
 */
export async function isFromDoctor(request: Request, { segment }: Config): Promise<boolean> {
  const [time = "", mac = ""] = (request.headers.get("X-Doctor") ?? "").split(" ");
  const signature = readSignature(mac);
  if (signature === null || !(Math.abs(Date.now() - Number(time)) < 5 * MINUTE)) return false;
  const { sharedSecrets, token } = segment;
  const keys = await importKeys(token === null ? sharedSecrets : [...sharedSecrets, token]);
  return isSignedBy(keys, signature, new TextEncoder().encode(`doctor ${time}`));
}

async function authenticateBySignature(
  request: Request,
  body: Uint8Array,
  config: Config,
): Promise<Authentication> {
  const { sharedSecrets, token } = config.segment;
  const header = request.headers.get("X-Signature");
  if (!header) return unauthenticated("signatureMissing");
  const signature = readSignature(header);
  if (signature === null) return unauthenticated("signatureWrong");
  const keys = imported.get(sharedSecrets) ?? (await importKeys(sharedSecrets));
  const signs = (bytes: Uint8Array) => isSignedBy(keys, signature, bytes);

  const first = firstElement(body);
  if (first !== null) {
    const event = (await signs(first.element))
      ? first.element
      : first.wrapped !== null && (await signs(first.wrapped))
        ? first.wrapped
        : null;
    if (event !== null && first.only) return { kind: "one", event };
    if (event !== null) {
      // The token would have been accepted before.
      if (token !== null) return unauthenticated("batchWithoutToken");
      const isProven = (await presentsKey(request, config)) !== null;
      return isProven ? { kind: "whole", partnerContract: false } : unauthenticated("batchWithoutKey");
    }
  }
  return (await signs(body)) ? { kind: "whole", partnerContract: false } : unauthenticated("signatureWrong");
}

async function authenticateByKey(request: Request, config: Config): Promise<Authentication> {
  const scheme = await presentsKey(request, config);
  return scheme === null
    ? unauthenticated("keyMissing")
    : { kind: "whole", partnerContract: scheme === "basic" };
}

/** How the request presents the Integration Key, or `null` when it does not. */
async function presentsKey(request: Request, { trustpilot }: Config): Promise<"basic" | "bearer" | null> {
  const bearer = bearerOf(request);
  const presented = bearer ?? basicCredentials(request)?.username;
  if (!(await presents(presented, trustpilot.integrationKey))) return null;
  return bearer === undefined ? "basic" : "bearer";
}

function bearerOf({ headers }: Request): string | undefined {
  return /^ *bearer +(\S+) *$/i.exec(headers.get("Authorization") ?? "")?.[1];
}

/** Compares in constant time. An empty secret is none. */
async function presents(presented: string | undefined, secret: string | null): Promise<boolean> {
  return presented !== undefined && secret !== null && (await timingSafeEqual(presented, secret));
}

/** 40 hexadecimal digits, as 20 bytes. */
function readSignature(header: string): Uint8Array | null {
  if (header.length !== 40) return null;
  try {
    return Uint8Array.fromHex(header);
  } catch {
    return null;
  }
}

/** Compares in constant time. */
async function isSignedBy(
  keys: readonly CryptoKey[],
  signature: Uint8Array,
  bytes: Uint8Array,
): Promise<boolean> {
  for (const key of keys) if (await crypto.subtle.verify("HMAC", key, signature, bytes)) return true;
  return false;
}

/** Imported keys, by the array of secrets: at most two, the current and the previous one. */
const imported = new WeakMap<readonly string[], CryptoKey[]>();

async function importKeys(secrets: readonly string[]): Promise<CryptoKey[]> {
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const importKey = (secret: string) =>
    crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["verify"]);
  const keys = await Promise.all(secrets.map(importKey));
  imported.set(secrets, keys);
  return keys;
}

function unauthenticated(error: RequestError): Authentication {
  return { kind: "unauthenticated", error };
}
