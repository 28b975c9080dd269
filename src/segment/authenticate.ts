/**
 * Who may tell us about orders.
 *
 * With a shared secret only Segment's `X-Signature` counts: the Integration Key of a JavaScript integration stands
 * in the shop's own pages and is no secret. Without one, the key authenticates, as in Segment's partner contract.
 *
 * Segment signs a batch by its first event alone. Whoever has seen one signed event could append others to it, so
 * the rest of such a batch needs the key as a second factor; the key alone still opens nothing.
 */
import { auth as basicCredentials } from "hono/utils/basic-auth";
import { timingSafeEqual } from "hono/utils/buffer";
import type { Config } from "../config.ts";
import { firstElement } from "./first-element.ts";

export type Authentication =
  /** Every byte of the body is believed. `partnerContract`: by the key as Basic user name, without a signature. */
  | { kind: "whole"; partnerContract: boolean }
  /** An array of one event, of which these bytes are believed. */
  | { kind: "one"; event: Uint8Array }
  | { kind: "refused"; message: string };

/** @param body the raw bytes: a signature is never checked against anything parsed and written again */
export async function authenticate(
  request: Request,
  body: Uint8Array,
  config: Config,
): Promise<Authentication> {
  const { sharedSecrets } = config.segment;
  if (sharedSecrets.length === 0) return authenticateByKey(request, config);

  const header = request.headers.get("X-Signature");
  if (!header) return refused(MESSAGES.signatureMissing);
  const signature = readSignature(header);
  if (signature === null) return refused(MESSAGES.signatureWrong);
  const signs = (bytes: Uint8Array) => isSignedBy(sharedSecrets, signature, bytes);

  const first = firstElement(body);
  if (first !== null) {
    const event = (await signs(first.element))
      ? first.element
      : first.wrapped !== null && (await signs(first.wrapped))
        ? first.wrapped
        : null;
    if (event !== null && first.only) return { kind: "one", event };
    if (event !== null) {
      const secondFactor = await presentsKey(request, config);
      return secondFactor === null
        ? refused(MESSAGES.batchUnproven)
        : { kind: "whole", partnerContract: false };
    }
  }
  return (await signs(body)) ? { kind: "whole", partnerContract: false } : refused(MESSAGES.signatureWrong);
}

async function authenticateByKey(request: Request, config: Config): Promise<Authentication> {
  const scheme = await presentsKey(request, config);
  return scheme === null
    ? refused(MESSAGES.keyMissing)
    : { kind: "whole", partnerContract: scheme === "basic" };
}

/** How the request presents the Integration Key, or `null` when it does not. */
async function presentsKey(request: Request, { trustpilot }: Config): Promise<"basic" | "bearer" | null> {
  const bearer = /^ *bearer +(\S+) *$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  const presented = bearer ?? basicCredentials(request)?.username;
  if (presented === undefined || !(await timingSafeEqual(presented, trustpilot.integrationKey))) return null;
  return bearer === undefined ? "basic" : "bearer";
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

async function isSignedBy(
  secrets: readonly string[],
  signature: Uint8Array,
  bytes: Uint8Array,
): Promise<boolean> {
  for (const secret of secrets) {
    const key = keys.get(secret) ?? (await importKey(secret));
    // Compares in constant time.
    if (await crypto.subtle.verify("HMAC", key, signature, bytes)) return true;
  }
  return false;
}

/** At most two secrets a shop: the current one and the one before. */
const keys = new Map<string, CryptoKey>();

async function importKey(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-1" }, false, ["verify"]);
  keys.set(secret, key);
  return key;
}

function refused(message: string): Authentication {
  return { kind: "refused", message };
}

const MESSAGES = {
  keyMissing:
    "Not authenticated: send Trustpilot's Integration Key as the user name of Basic authentication or as a Bearer token, or set SEGMENT_SHARED_SECRET here and the same shared secret in Segment.",
  signatureMissing:
    "Not authenticated: the X-Signature header is missing. Enter the shared secret (SEGMENT_SHARED_SECRET) in the settings of Segment's webhook destination.",
  signatureWrong:
    "Not authenticated: X-Signature does not match. The shared secret in Segment's webhook destination must be the same as SEGMENT_SHARED_SECRET here, and the body must not be changed on the way.",
  batchUnproven:
    "Not authenticated: Segment signs only the first event of a batch. Add the header Authorization: Bearer <Integration Key> to Segment's webhook destination as a second factor, or turn batching off.",
};
