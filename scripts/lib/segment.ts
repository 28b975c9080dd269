/** Plays Segment: signs as it signs, sends as it sends. */
import { createHmac } from "node:crypto";

/** `X-Signature`: hex HMAC-SHA1 of the raw body with the shared secret. */
export function sign(body: string, secret: string): string {
  return createHmac("sha1", secret).update(body).digest("hex");
}

/** Sends `body` to `url` as Segment's webhook destination does. */
export function send(url: string, body: string, secret: string): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "User-Agent": "Segment (Actions)",
      "X-Signature": sign(body, secret),
    },
    body,
  });
}
