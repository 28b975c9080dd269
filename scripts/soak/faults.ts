/** Everything that can go wrong with one request at Trustpilot, and how often relative to the rest. */
import type { Step } from "../stand-in/behaviour.ts";

/**
 * Invitations are created only where a real server could have: a 4xx or 5xx says that it did not, a broken or
 * missing answer leaves it open. 251 to 253 are not here: they stop the ledger until a person acts.
 */
const FAULTS: readonly [times: number, step: Step][] = [
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
  [2, { status: 202 }],
  [2, { fault: "cut" }],
  [1, { fault: "drip" }],
  [2, { fault: "drop", create: false }],
  [2, { fault: "drop", create: true }],
  [1, { fault: "hang", create: false }],
  [1, { fault: "hang", create: true }],
  [1, { status: 200, create: false }],
  [1, { status: 200, create: true }],
  [2, { status: 400, body: "recipientEmail is not an address" }],
  [1, { status: 302, headers: { Location: "/elsewhere" } }],
];

export const FAULT_STEPS: Step[] = FAULTS.flatMap(([times, step]) =>
  Array.from({ length: times }, () => step),
);

/** For the report: "201", "429 Retry-After", "drop, created". */
export function describeStep({ status = 201, headers, fault, delay, create }: Step): string {
  if (fault === "drop" || fault === "hang")
    return `${fault}, ${create === false ? "not created" : "created"}`;
  return [
    status,
    headers?.["Retry-After"] !== undefined && "Retry-After",
    fault,
    delay !== undefined && "slow",
    status === 200 && (create ? "created" : "not created"),
  ]
    .filter(Boolean)
    .join(" ");
}
