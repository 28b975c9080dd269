/** Plays Segment: signs and sends as it does. */
import { createHmac } from "node:crypto";

/** `X-Signature`: hex HMAC-SHA1 of the raw body with the shared secret. */
export function sign(body: string | Uint8Array, secret: string): string {
  return createHmac("sha1", secret).update(body).digest("hex");
}

/** Sends `body` to `url` as Segment's webhook destination does. */
export function send(url: string, body: string, secret: string): Promise<Response> {
  return post(url, body, { "X-Signature": sign(body, secret) });
}

/** Sends `events` in one array as Segment does: signed by the first one alone, with the key as a second factor. */
export function sendBatch(url: string, events: unknown[], secret: string, key: string): Promise<Response> {
  return post(url, JSON.stringify(events), {
    "X-Signature": sign(JSON.stringify(events[0]), secret),
    Authorization: `Bearer ${key}`,
  });
}

/** Segment waits ten seconds for an answer. */
function post(url: string, body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "User-Agent": "Segment (Actions)", ...headers },
    body,
    signal: AbortSignal.timeout(10_000),
  });
}
