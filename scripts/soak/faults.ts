/** Everything that can go wrong with one request at Trustpilot, and how often relative to the rest. */
import type { TransportName } from "../../src/config/transport-needs.ts";
import type { Step } from "../stand-in/behaviour.ts";
import { BAD_REQUEST, FIREWALL, MISSING_ROLE, TOKEN_ENDED } from "../stand-in/faults.ts";

type Faults = readonly (readonly [times: number, step: Step])[];

/**
 * Invitations are created only where a real server could have: a 4xx or 5xx says that it did not, a broken or
 * missing answer leaves it open. 251 to 253 are not here: they stop the ledger until a person acts.
 */
const OVER_HTTP: Faults = [
  [3, { status: 429 }],
  [3, { status: 429, headers: { "Retry-After": "2" } }],
  [1, { status: 429, headers: { "Retry-After": "soon" } }],
  [3, { status: 500 }],
  [1, { status: 500, fault: "drip" }],
  [2, { status: 502, body: "<html><h1>Bad gateway</h1></html>" }],
  [2, { status: 503, headers: { "Retry-After": "1" } }],
  [1, { status: 503, bodyBytes: 10_000_000 }],
  [1, { status: 503, fault: "cut" }],
  [1, { status: 408 }],
  [3, { delay: 2_000 }],
  [2, { fault: "cut" }],
  [1, { fault: "drip" }],
  [2, { fault: "drop", create: false }],
  [2, { fault: "drop", create: true }],
  [1, { fault: "hang", create: false }],
  [1, { fault: "hang", create: true }],
  [1, { status: 302, headers: { Location: "/elsewhere" } }],
];

/** How Cloudflare's mail service fails. Not its daily limit, for which an order waits an hour. */
const BY_MAIL: Faults = [
  [6, { status: 400, body: "E_RATE_LIMIT_EXCEEDED" }],
  [4, { status: 400, body: "E_INTERNAL_SERVER_ERROR" }],
  [2, { status: 400, body: "E_DELIVERY_FAILED", create: false }],
  [2, { status: 400, body: "E_DELIVERY_FAILED", create: true }],
  [2, { status: 400, body: "E_CONTENT_TOO_LARGE" }],
  [1, { status: 400, body: "E_SENDER_NOT_VERIFIED" }],
  [3, { delay: 2_000 }],
  [2, { fault: "drop", create: false }],
  [2, { fault: "drop", create: true }],
  [1, { fault: "hang", create: false }],
  [1, { fault: "hang", create: true }],
];

const FAULTS: Record<TransportName, Faults> = {
  "integration-key": [
    ...OVER_HTTP,
    [2, { status: 202 }],
    [1, { status: 200, create: false }],
    [1, { status: 200, create: true }],
    [2, { status: 400, body: "recipientEmail is not an address" }],
  ],
  "invitations-api": [...OVER_HTTP, [3, FIREWALL], [1, MISSING_ROLE], [1, TOKEN_ENDED], [2, BAD_REQUEST]],
  email: BY_MAIL,
};

export function faultSteps(transport: TransportName): Step[] {
  return FAULTS[transport].flatMap(([times, step]) => Array.from({ length: times }, () => step));
}

/** For the report: "201", "429 Retry-After", "drop, created". */
export function describeStep({ status, headers, body, fault, delay, create }: Step): string {
  if (fault === "drop" || fault === "hang")
    return `${fault}, ${create === false ? "not created" : "created"}`;
  if (body?.startsWith("E_")) return [body, create && "created"].filter(Boolean).join(", ");
  return [
    status ?? "success",
    headers?.["Retry-After"] !== undefined && "Retry-After",
    fault,
    delay !== undefined && "slow",
    status === 200 && (create ? "created" : "not created"),
  ]
    .filter(Boolean)
    .join(" ");
}
