/** From authenticated bytes to a list of raw events. */
import { isObject } from "../lib/json.ts";
import type { Authenticated } from "./authenticate.ts";

export type Body =
  { kind: "one"; event: unknown } | { kind: "batch"; events: unknown[] } | { kind: "unreadable" };

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
