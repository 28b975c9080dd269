/**
 * What an error of `send()` means. Cloudflare's errors carry a code; one without comes from the runtime, which then
 * does not say whether the mail was queued.
 *
 * Their messages are not passed on: they hold addresses.
 *
 * @see https://developers.cloudflare.com/email-service/api/send-emails/workers-api/
 */
import { HOUR } from "../../lib/time.ts";
import type { Verdict } from "../answer.ts";

export function judgeMailError(error: unknown): Verdict {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  switch (code) {
    case "E_RATE_LIMIT_EXCEEDED":
    case "E_INTERNAL_SERVER_ERROR":
      return { kind: "transient", retryAfter: null };
    // New accounts have a daily limit, and nothing says when their day begins.
    case "E_DAILY_LIMIT_EXCEEDED":
      return { kind: "transient", retryAfter: HOUR };
    case "E_SENDER_NOT_VERIFIED":
    case "E_SENDER_DOMAIN_NOT_AVAILABLE":
    case "E_RECIPIENT_NOT_ALLOWED":
    case "E_RECIPIENT_SUPPRESSED":
      return { kind: "accountRefused", problem: "sender" };
    // The other server may have taken the mail before the connection broke.
    case "E_DELIVERY_FAILED":
      return { kind: "noResponse" };
    default:
      // What this version does not know, of the kind that refuses one mail: E_CONTENT_TOO_LARGE, E_VALIDATION_ERROR, …
      if (typeof code === "string" && code.startsWith("E_"))
        return { kind: "refused", reason: "mail_refused" };
      return isNotAllowed(message) ? { kind: "accountRefused", problem: "sender" } : { kind: "noResponse" };
  }
}

/** How the local runtime, without a code, refuses an address that the binding does not allow. */
function isNotAllowed(message: unknown): boolean {
  return typeof message === "string" && /^email (to|from) \S+ not allowed$/.test(message);
}
