/** Plays Segment inside the runtime: events, signatures, requests. */
import { env, exports } from "cloudflare:workers";
import { sign as signWith } from "../../scripts/lib/segment.ts";
export { orderCompleted } from "./events.ts";
import type { BatchAnswer, EventAnswer } from "../../src/domain/event-answer.ts";

/** Signed as the commands sign, with the secret of the runtime's tests unless told otherwise. */
export const sign = (body: string | Uint8Array, secret = env.SEGMENT_SHARED_SECRET!) =>
  signWith(body, secret);

/** A signed POST /segment. An array is signed over the whole body. */
export function signedRequest(
  body: unknown,
  headers: Record<string, string> = {},
): Request<unknown, IncomingRequestCfProperties> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Request("https://worker.example.com/segment", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Signature": sign(text), ...headers },
    body: text,
  });
}

/** Sends one event, signed, and reads the answer. */
export async function sendEvent(event: unknown): Promise<{ status: number; answer: EventAnswer }> {
  const response = await exports.default.fetch(signedRequest(event));
  return { status: response.status, answer: await response.json<EventAnswer>() };
}

/** Sends an array of events, signed, and reads the answers. */
export async function sendBatch(
  events: unknown[],
): Promise<{ status: number; events: BatchAnswer["events"] }> {
  const response = await exports.default.fetch(signedRequest(events));
  return { status: response.status, events: (await response.json<BatchAnswer>()).events };
}
