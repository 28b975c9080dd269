/** Plays Segment inside the runtime: events, signatures, requests. */
import { env, exports } from "cloudflare:workers";
export { orderCompleted } from "./events.ts";
import type { BatchAnswer, EventAnswer } from "../../src/domain/event-answer.ts";

/** `X-Signature` as Segment makes it: hex HMAC-SHA1 of the bytes. */
export async function sign(body: string | Uint8Array, secret = env.SEGMENT_SHARED_SECRET!): Promise<string> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", bytes(secret), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, typeof body === "string" ? bytes(body) : body);
  return new Uint8Array(signature).toHex();
}

/** A signed POST /segment. An array is signed over the whole body. */
export async function signedRequest(
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Request<unknown, IncomingRequestCfProperties>> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Request("https://worker.example.com/segment", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Signature": await sign(text), ...headers },
    body: text,
  });
}

/** Sends one event, signed, and reads the answer. */
export async function sendEvent(event: unknown): Promise<{ status: number; answer: EventAnswer }> {
  const response = await exports.default.fetch(await signedRequest(event));
  return { status: response.status, answer: await response.json<EventAnswer>() };
}

/** Sends an array of events, signed, and reads the answers. */
export async function sendBatch(
  events: unknown[],
): Promise<{ status: number; events: BatchAnswer["events"] }> {
  const response = await exports.default.fetch(await signedRequest(events));
  return { status: response.status, events: (await response.json<BatchAnswer>()).events };
}
