/** From a request to its bytes, and from authenticated bytes to a list of raw events. */
import type { Authentication } from "./authenticate.ts";
import { isObject } from "../lib/json.ts";

/** Segment sends up to 4,000 events or about 4 MB in one array. */
const MAX_BODY = 5 * 1024 * 1024;

/**
 * `null` when there are more than `MAX_BODY`: nobody has proven anything yet, and must not fill the memory. A length
 * that is declared, as Segment's is, is all that has to be looked at; the runtime then reads the body in one go.
 */
export function readBytes(request: Request): Promise<ArrayBuffer | null> {
  const declared = request.headers.get("Content-Length");
  if (declared === null) return readAndCount(request);
  return Number(declared) > MAX_BODY ? Promise.resolve(null) : request.arrayBuffer();
}

async function readAndCount({ body }: Request): Promise<ArrayBuffer | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}

export type Body =
  { kind: "one"; event: unknown } | { kind: "batch"; events: unknown[] } | { kind: "unreadable" };

export function readBody(
  bytes: Uint8Array,
  authentication: Exclude<Authentication, { kind: "refused" }>,
): Body {
  try {
    // What was authenticated is what is read: with one proven event, the bytes around it are not looked at.
    if (authentication.kind === "one")
      return { kind: "batch", events: [unwrap(parse(authentication.event))] };
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
