/**
 * Requests that are turned away before anything is read from them. Whoever sends a thousand of them a second must
 * neither fill the log nor cost more than the answer, which is therefore ready: its headers and its bytes are made
 * once.
 */
import { log } from "../log.ts";
import type { EventAnswer } from "../domain/event-answer.ts";

/** Why a request is turned away. */
export type Refusal = keyof typeof REFUSALS;

export function refuse(refusal: Refusal): Response {
  const { status, reason, headers, body } = READY[refusal];
  logRefusal(status, reason);
  return new Response(body, { status, headers });
}

/** One line a second and isolate. */
function logRefusal(status: number, reason: string): void {
  const now = Date.now();
  if (now < quiet.until) {
    quiet.suppressed += 1;
    return;
  }
  log({ log: "request", status, reason, suppressed: quiet.suppressed }, "warn");
  quiet = { until: now + 1000, suppressed: 0 };
}

let quiet = { until: 0, suppressed: 0 };

/** `reason` is for the log, `message` for the person who reads Segment's Event Delivery. */
interface Answer {
  status: number;
  reason: string;
  message: string;
  headers?: Record<string, string>;
}

const UNAUTHENTICATED = { status: 401, reason: "not authenticated" };

/** A 401 has to name a way to authenticate. Basic is named only where the key opens: elsewhere it would mislead. */
const BY_KEY = { "WWW-Authenticate": 'Basic realm="Trustpilot Integration Key", charset="UTF-8"' };
const BY_SIGNATURE = { "WWW-Authenticate": "X-Signature" };

const REFUSALS = {
  notJson: {
    status: 400,
    reason: "not JSON",
    message: "The body is not JSON: an event of Segment, or an array of them, was expected.",
  },
  keyMissing: {
    ...UNAUTHENTICATED,
    message:
      "Not authenticated: send Trustpilot's Integration Key as the user name of Basic authentication or as a Bearer token, or set SEGMENT_SHARED_SECRET here and the same shared secret in Segment.",
    headers: BY_KEY,
  },
  signatureMissing: {
    ...UNAUTHENTICATED,
    message:
      "Not authenticated: the X-Signature header is missing. Enter the shared secret (SEGMENT_SHARED_SECRET) in the settings of Segment's webhook destination.",
    headers: BY_SIGNATURE,
  },
  signatureWrong: {
    ...UNAUTHENTICATED,
    message:
      "Not authenticated: X-Signature does not match. The shared secret in Segment's webhook destination must be the same as SEGMENT_SHARED_SECRET here, and the body must not be changed on the way.",
    headers: BY_SIGNATURE,
  },
  batchUnproven: {
    ...UNAUTHENTICATED,
    message:
      "Not authenticated: Segment signs only the first event of a batch. Add the header Authorization: Bearer <Integration Key> to Segment's webhook destination as a second factor, or turn batching off.",
    headers: BY_KEY,
  },
  // Never a redirect: Segment would follow it with a GET without a body and count the order as delivered.
  methodNotAllowed: {
    status: 405,
    reason: "method not allowed",
    message: "Only POST is taken here: set the method of Segment's webhook destination to POST.",
    headers: { Allow: "POST" },
  },
  tooLarge: {
    status: 413,
    reason: "body too large",
    message:
      "The body is larger than 5 MB: set a smaller batch size in Segment's webhook destination; 100 is a good one.",
  },
  form: {
    status: 415,
    reason: "form-encoded",
    message: "The body is form-encoded: set the content type of the destination to application/json.",
  },
} as const satisfies Record<string, Answer>;

interface Ready {
  status: number;
  reason: string;
  headers: Headers;
  body: Uint8Array;
}

const READY = Object.fromEntries(
  Object.entries<Answer>(REFUSALS).map(([refusal, answer]) => [refusal, makeReady(answer)]),
) as Record<Refusal, Ready>;

function makeReady({ status, reason, message, headers }: Answer): Ready {
  const answer: EventAnswer = { outcome: "rejected", message };
  return {
    status,
    reason,
    headers: new Headers({ "Content-Type": "application/json", ...headers }),
    body: new TextEncoder().encode(JSON.stringify(answer)),
  };
}
