/** From authenticated bytes to a list of raw events, and why some bytes cannot be read or verified. */
import { isObject } from "../lib/json.ts";
import type { Authenticated } from "./authenticate.ts";
import type { RequestError } from "./request-error.ts";

type Body = { kind: "one"; event: unknown } | { kind: "batch"; events: unknown[] } | { kind: "unreadable" };

export function readBody(bytes: Uint8Array, authenticated: Authenticated): Body {
  try {
    // Only what was authenticated is read: with one signed event, the bytes around it are ignored.
    if (authenticated.kind === "one") return { kind: "batch", events: [unwrap(parse(authenticated.event))] };
    const root = parse(bytes);
    return Array.isArray(root) ? { kind: "batch", events: root.map(unwrap) } : { kind: "one", event: root };
  } catch {
    // The parser's own message quotes the body, which holds personal data.
    return { kind: "unreadable" };
  }
}

/** A byte-order mark is dropped; a broken byte spoils its own text (as U+FFFD) and not the whole batch. */
const decoder = new TextDecoder();

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

/** The Extensible Webhook wraps each event of a batch: `{"json": event}`. */
function unwrap(element: unknown): unknown {
  return isObject(element) && isObject(element["json"]) && !("type" in element) ? element["json"] : element;
}

/** A body that is no JSON because of how it was sent; `null` for any other. */
export function unreadableForm({ headers }: Request, bytes: Uint8Array): RequestError | null {
  const encoding = headers.get("Content-Encoding") ?? "identity";
  if (!/^\s*(identity)?\s*$/i.test(encoding) || isCompressed(bytes)) return "compressed";
  const type = headers.get("Content-Type") ?? "";
  return /^\s*application\/x-www-form-urlencoded/i.test(type) ? "form" : null;
}

/** gzip, Zstandard, zlib: none begins as JSON does. */
function isCompressed([first, second]: Uint8Array): boolean {
  return (first === 0x1f && second === 0x8b) || (first === 0x28 && second === 0xb5) || first === 0x78;
}

/** Of a body whose signature is wrong: Webhook Audiences leaves `extras` out of what it signs. */
export function unsignedParts(bytes: Uint8Array, error: RequestError): RequestError {
  if (error !== "signatureWrong") return error;
  // Not authenticated: only the start is read.
  const start = decoder.decode(bytes.subarray(0, 100_000));
  return /^\s*[{[].*"extras"\s*:/s.test(start) ? "extras" : error;
}
