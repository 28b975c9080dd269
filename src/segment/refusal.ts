/**
 * Requests that are turned away before anything is read from them. Whoever sends a thousand of them a second must
 * neither fill the log nor cost more than the answer, which is therefore as good as ready.
 */
import { log } from "../log.ts";
import type { EventAnswer } from "./answer.ts";

type Status = 400 | 401 | 405 | 413 | 415;

/** @param message for the person who reads Segment's Event Delivery; by default what the status means here */
export function refuse(status: Status, message: string = REFUSALS[status].message): Response {
  logRefusal(status);
  const answer: EventAnswer = { outcome: "rejected", message };
  return new Response(JSON.stringify(answer), { status, headers: REFUSALS[status].headers });
}

/** One line a second and isolate. */
function logRefusal(status: Status): void {
  const now = Date.now();
  if (now < quiet.until) {
    quiet.suppressed += 1;
    return;
  }
  const { reason } = REFUSALS[status];
  log({ log: "request", status, reason, suppressed: quiet.suppressed }, "warn");
  quiet = { until: now + 1000, suppressed: 0 };
}

let quiet = { until: 0, suppressed: 0 };

interface Refusal {
  /** For the log. */
  reason: string;
  message: string;
  headers: Headers;
}

const REFUSALS: Record<Status, Refusal> = {
  400: {
    reason: "not JSON",
    message: "The body is not JSON: an event of Segment, or an array of them, was expected.",
    headers: json(),
  },
  401: {
    reason: "not authenticated",
    message: "Not authenticated.",
    headers: json({ "WWW-Authenticate": 'Basic realm="Trustpilot Integration Key", charset="UTF-8"' }),
  },
  // Never a redirect: Segment would follow it with a GET without a body and count the order as delivered.
  405: {
    reason: "method not allowed",
    message: "Only POST is taken here: set the method of Segment's webhook destination to POST.",
    headers: json({ Allow: "POST" }),
  },
  413: {
    reason: "body too large",
    message:
      "The body is larger than 5 MB: set a smaller batch size in Segment's webhook destination; 100 is a good one.",
    headers: json(),
  },
  415: {
    reason: "form-encoded",
    message: "The body is form-encoded: set the content type of the destination to application/json.",
    headers: json(),
  },
};

/** Made once: to make headers costs more than all the rest of a refusal. */
function json(others: Record<string, string> = {}): Headers {
  return new Headers({ "Content-Type": "application/json", ...others });
}
