/**
 * The exact bytes of a JSON array's first element: what Segment signs of a batch (`JSON.stringify` of the first
 * event, which stands in the body unchanged). Serialising the parsed event again would not give these bytes for
 * sure, so they are found by scanning. No recursion: ten thousand nested arrays are just a counter.
 */

interface FirstElement {
  /** The element, e.g. `{"type":"track",…}` or `{"json":{…}}`. */
  element: Uint8Array;
  /** For an element that is exactly `{"json": value}` (Extensible Webhook): the value's bytes. */
  wrapped: Uint8Array | null;
  /** Whether the array has no other element. */
  only: boolean;
}

/** `null` when `body` does not start as a JSON array with an element. Does not check that the JSON is valid. */
export function firstElement(body: Uint8Array): FirstElement | null {
  let at = skipSpace(body, skipByteOrderMark(body));
  if (body[at] !== BRACKET) return null;
  const start = skipSpace(body, at + 1);
  const end = skipValue(body, start);
  if (end === start) return null;
  at = skipSpace(body, end);
  const only = body[at] === BRACKET_CLOSED && skipSpace(body, at + 1) === body.length;
  const element = body.subarray(start, end);
  return { element, wrapped: unwrap(element), only };
}

/** Only the exact wrapper counts: in `{"json":A,"json":B}` a parser would read B while the signature covers A. */
function unwrap(element: Uint8Array): Uint8Array | null {
  if (element[0] !== BRACE) return null;
  const key = skipSpace(element, 1);
  const afterKey = skipValue(element, key);
  if (latin1.decode(element.subarray(key, afterKey)) !== '"json"') return null;
  const colon = skipSpace(element, afterKey);
  if (element[colon] !== COLON) return null;
  const start = skipSpace(element, colon + 1);
  const end = skipValue(element, start);
  const last = element.length - 1;
  return skipSpace(element, end) === last && element[last] === BRACE_CLOSED
    ? element.subarray(start, end)
    : null;
}

/** The index after the value that starts at `at`; `at` itself when there is none. */
function skipValue(bytes: Uint8Array, at: number): number {
  let depth = 0;
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) i = endOfString(bytes, i);
    else if (byte === BRACKET || byte === BRACE) depth++;
    else if (byte === BRACKET_CLOSED || byte === BRACE_CLOSED) {
      // Closes what is around a bare number or word.
      if (depth === 0) return trimSpace(bytes, at, i);
      depth--;
    } else if (depth > 0 || !SEPARATORS.has(byte)) continue;
    else return trimSpace(bytes, at, i);
    if (depth === 0) return i + 1;
  }
  return bytes.length;
}

function endOfString(bytes: Uint8Array, quote: number): number {
  for (let i = quote + 1; i < bytes.length; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) return i;
  }
  return bytes.length;
}

function trimSpace(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && SPACE.has(bytes[end - 1]!)) end--;
  return end;
}

function skipSpace(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && SPACE.has(bytes[at]!)) at++;
  return at;
}

function skipByteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

const latin1 = new TextDecoder("latin1");
const [QUOTE, COLON, BACKSLASH] = [0x22, 0x3a, 0x5c];
const [BRACKET, BRACKET_CLOSED, BRACE, BRACE_CLOSED] = [0x5b, 0x5d, 0x7b, 0x7d];
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
/** A comma or a colon ends a bare number or word. */
const SEPARATORS = new Set([0x2c, COLON]);
