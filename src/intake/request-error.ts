/** Requests from which no event is read, as unauthenticated ones: what is answered, and what is logged. */
import type { EventAnswer } from "../domain/event-answer.ts";
import { nameFor } from "../config/config-problem.ts";
import { SETTINGS } from "../config/settings.ts";
import { log } from "../log.ts";

/** Why no event is read. */
export type RequestError = keyof typeof REQUEST_ERRORS;

/** @param shop the shop whose path it is: its secrets carry its name */
export function responseTo(error: RequestError, shop: string | null): Response {
  const { status, reason, headers }: ErrorAnswer = REQUEST_ERRORS[error];
  logRequestError(status, reason);
  const answer: EventAnswer = { outcome: "rejected", message: explain(error, shop) };
  return Response.json(answer, { status, ...(headers && { headers }) });
}

/** What is wrong, and what to do. */
export function explain(error: RequestError, shop: string | null): string {
  const { message }: ErrorAnswer = REQUEST_ERRORS[error];
  if (shop === null) return message;
  return NAMED.reduce((text, setting) => text.replaceAll(setting.name, nameFor(setting, shop)), message);
}

const NAMED = [SETTINGS.segment.sharedSecret, SETTINGS.segment.token];

/** One line a second, reason and isolate: an attacker must not fill the log, nor hide one thing behind another. */
export function logRequestError(status: number, reason: string): void {
  const now = Date.now();
  const quiet = quietAbout.get(reason);
  if (quiet && now < quiet.until) {
    quiet.suppressed += 1;
    return;
  }
  log({ log: "request", status, reason, suppressed: quiet?.suppressed ?? 0 }, "warn");
  quietAbout.set(reason, { until: now + 1000, suppressed: 0 });
}

/** By reason: a word of ours, never of the request. */
const quietAbout = new Map<string, { until: number; suppressed: number }>();

/** `reason` is for the log, `message` for the person who reads Segment's Event Delivery. */
interface ErrorAnswer {
  status: number;
  reason: string;
  message: string;
  headers?: Record<string, string>;
}

const UNAUTHENTICATED = { status: 401, reason: "not authenticated" };

/** A 401 has to name a way to authenticate. Basic is named only where the key opens: elsewhere it would mislead. */
const BY_KEY = { "WWW-Authenticate": 'Basic realm="Trustpilot Integration Key", charset="UTF-8"' };
const BY_TOKEN = { "WWW-Authenticate": "Bearer" };
const BY_SIGNATURE = { "WWW-Authenticate": "X-Signature" };

const REQUEST_ERRORS = {
  notJson: {
    status: 400,
    reason: "not JSON",
    message: "The body is not JSON: a Segment event, or an array of them, was expected.",
  },
  keyMissing: {
    ...UNAUTHENTICATED,
    message:
      "Not authenticated: send Trustpilot's Integration Key as the user name of Basic authentication or as a Bearer token. Better: remove AUTHENTICATE_BY and set SEGMENT_SHARED_SECRET here and the same shared secret in Segment.",
    headers: BY_KEY,
  },
  noSecret: {
    ...UNAUTHENTICATED,
    message:
      "Not authenticated: no secret is set for this path. Run npx wrangler secret put SEGMENT_SHARED_SECRET, and enter the same shared secret in Segment's webhook destination; for senders that cannot sign, set SEGMENT_TOKEN.",
    headers: BY_SIGNATURE,
  },
  tokenMissing: {
    ...UNAUTHENTICATED,
    message: "Not authenticated: send the header Authorization: Bearer <SEGMENT_TOKEN>.",
    headers: BY_TOKEN,
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
  batchWithoutToken: {
    ...UNAUTHENTICATED,
    message:
      "Not authenticated: Segment signs only the first event of a batch. Add the header Authorization: Bearer <SEGMENT_TOKEN> to Segment's webhook destination as a second factor, or turn batching off.",
    headers: BY_TOKEN,
  },
  batchWithoutKey: {
    ...UNAUTHENTICATED,
    message:
      "Not authenticated: Segment signs only the first event of a batch. Add the header Authorization: Bearer <Integration Key> to Segment's webhook destination as a second factor, or turn batching off.",
    headers: BY_KEY,
  },
  // Never a redirect: Segment would follow it with a GET without a body and count the order as delivered.
  methodNotAllowed: {
    status: 405,
    reason: "method not allowed",
    message:
      "Only POST, PUT and PATCH are accepted: set the method of Segment's webhook destination to POST.",
    headers: { Allow: "POST, PUT, PATCH" },
  },
  tooLarge: {
    status: 413,
    reason: "body too large",
    message:
      "The body is larger than 5 MB: set a smaller batch size in Segment's webhook destination, for example 100.",
  },
  extras: {
    ...UNAUTHENTICATED,
    message:
      "Not authenticated: Segment's Webhook Audiences signs the data without its extras, so a body with extras cannot be verified. Remove the extras from the destination, or send the audience through Webhooks (Actions).",
    headers: BY_SIGNATURE,
  },
  compressed: {
    status: 415,
    reason: "compressed",
    message: "The body is compressed: turn compression off where the events are sent.",
  },
  tooManyEvents: {
    status: 413,
    reason: "too many events",
    message:
      "More than 5,000 events in one request: set a smaller batch size in Segment's webhook destination, for example 100.",
  },
  form: {
    status: 415,
    reason: "form-encoded",
    message: "The body is form-encoded: set the content type of the destination to application/json.",
  },
} as const satisfies Record<string, ErrorAnswer>;
