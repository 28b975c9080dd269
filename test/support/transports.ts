/** Every transport as the tests use it: its settings, and how Trustpilot's answers look on it. */
import { env } from "cloudflare:workers";
import { inject } from "vitest";
import {
  API_SECRET,
  type Behaviour,
  type ReceivedRequest,
  type Step,
} from "../../scripts/stand-in/behaviour.ts";
import { BAD_REQUEST, FIREWALL, MISSING_ROLE, TOKEN_ENDED } from "../../scripts/stand-in/faults.ts";
import type { Settings } from "../../src/config/settings.ts";
import type { TransportName } from "../../src/config/transport-needs.ts";
import type { Answer } from "../../src/trustpilot/answer.ts";

const ORIGIN = inject("standInOrigin");

export type Situation = "created" | "refused" | "transient" | "later" | "unanswered" | "accountRefused";

export interface TransportCase {
  name: TransportName;
  /** @param key the account at the stand-in */
  env(key: string): Partial<Env>;
  /** How the stand-in is told to answer. */
  steps: Record<Situation, Step>;
  /** Every other answer that its contract knows, what it means, and how many requests it takes. */
  answers: readonly [step: Step, kind: Answer["kind"], requests?: number][];
}

/** What Trustpilot, or a gateway before it, may answer on each of its HTTP interfaces. */
const OVER_HTTP: TransportCase["answers"] = [
  [{ status: 302, headers: { Location: "/elsewhere" } }, "accessRefused"],
  [{ status: 404 }, "accessRefused"],
  [{ status: 408 }, "transient"],
  [{ status: 409 }, "refused"],
  [{ status: 415 }, "refused"],
  [{ status: 422, body: '{"errors":[{"detail":"jan@example.com is wrong"}]}' }, "refused"],
  [{ status: 429 }, "transient"],
  [{ status: 500 }, "transient"],
  [{ status: 501 }, "transient"],
  [{ status: 502, body: "<html>Bad gateway</html>" }, "noResponse"],
  [{ status: 503 }, "transient"],
  [{ status: 503, bodyBytes: 10_000_000 }, "transient"],
  [{ status: 503, fault: "cut" }, "transient"],
  [{ status: 504 }, "noResponse"],
  [{ status: 524 }, "noResponse"],
  [{ fault: "cut" }, "created"],
];

const BY_NAME: Record<TransportName, TransportCase> = {
  "integration-key": {
    name: "integration-key",
    env: (key) => ({ TRUSTPILOT_INTEGRATION_KEY: key }),
    steps: {
      created: { status: 201 },
      refused: { status: 400 },
      transient: { status: 503 },
      later: { status: 429, headers: { "Retry-After": "120" } },
      unanswered: { fault: "drop" },
      accountRefused: { status: 403 },
    },
    answers: [
      ...OVER_HTTP,
      [{ status: 401 }, "accessRefused"],
      [FIREWALL, "accessRefused"],
      [{ status: 200 }, "ambiguous"],
      // Asks for products: posted once more, and the second answer counts.
      [{ status: 202 }, "created", 2],
      [{ status: 251, body: '["shop.example.com"]' }, "blocked"],
      [{ status: 252 }, "blocked"],
      [{ status: 253, body: "<html>" }, "blocked"],
    ],
  },
  "invitations-api": {
    name: "invitations-api",
    env: (key) => ({ ...apiSettings(key) }),
    steps: {
      created: { status: 202 },
      refused: BAD_REQUEST,
      transient: FIREWALL,
      later: { status: 429, headers: { "Retry-After": "120" } },
      unanswered: { fault: "drop" },
      accountRefused: MISSING_ROLE,
    },
    answers: [
      ...OVER_HTTP,
      // A token that has just been fetched did not end: the account is refused.
      [TOKEN_ENDED, "accountRefused"],
      [{ ...MISSING_ROLE, fault: "cut" }, "transient"],
      [{ status: 200, body: "[]" }, "created"],
      [{ status: 201 }, "created"],
      [{ status: 204 }, "created"],
    ],
  },
  email: {
    name: "email",
    env: (key) => ({
      TRANSPORT: "email",
      TRUSTPILOT_AFS_ADDRESS: `${key}@invite.trustpilot.com`,
      TRUSTPILOT_AFS_FROM: "orders@shop.example.com",
      EMAIL: MAIL,
    }),
    steps: {
      created: { status: 200 },
      refused: { status: 400, body: "E_CONTENT_TOO_LARGE" },
      transient: { status: 400, body: "E_RATE_LIMIT_EXCEEDED" },
      later: { status: 400, body: "E_DAILY_LIMIT_EXCEEDED" },
      unanswered: { status: 400, body: "E_DELIVERY_FAILED" },
      accountRefused: { status: 400, body: "E_SENDER_NOT_VERIFIED" },
    },
    answers: [
      [{ status: 400, body: "E_INTERNAL_SERVER_ERROR" }, "transient"],
      [{ status: 400, body: "E_SENDER_DOMAIN_NOT_AVAILABLE" }, "accountRefused"],
      [{ status: 400, body: "E_RECIPIENT_NOT_ALLOWED" }, "accountRefused"],
      [{ status: 400, body: "E_RECIPIENT_SUPPRESSED" }, "accountRefused"],
      [{ status: 400, body: "E_VALIDATION_ERROR" }, "refused"],
      [{ status: 400, body: "E_SOMETHING_NEW" }, "refused"],
      // The runtime's own errors have no code, and do not say whether the mail was queued.
      [{ status: 400, body: "no code" }, "noResponse"],
      [{ fault: "drop" }, "noResponse"],
    ],
  },
};

export const TRANSPORT_CASES = Object.values(BY_NAME);

export function apiSettings(key: string): Settings {
  return {
    TRANSPORT: "invitations-api",
    TRUSTPILOT_API_KEY: key,
    TRUSTPILOT_API_SECRET: API_SECRET,
    TRUSTPILOT_BUSINESS_UNIT_ID: "507f191e810c19729de860ea",
    TRUSTPILOT_BUSINESS_USER_ID: "507f191e810c19729de86001",
    TRUSTPILOT_AUTH_URL: `${ORIGIN}/v1`,
    TRUSTPILOT_INVITATIONS_URL: `${ORIGIN}/v1`,
  };
}

/** The binding EMAIL, which hands each mail to the stand-in and throws what it is told. */
export const MAIL = {
  async send(mail: unknown) {
    const response = await fetch(`${ORIGIN}/mail`, { method: "POST", body: JSON.stringify(mail) });
    const text = await response.text();
    if (response.ok) return { messageId: "<test@shop.example.com>" };
    throw Object.assign(new Error("email to stranger@example.com failed"), { code: text });
  },
};

/** A stand-in's account of its own for a test. */
export class StandInAccount {
  readonly key = `k${crypto.randomUUID().replaceAll("-", "")}`;

  async behave(behaviour: Behaviour): Promise<void> {
    await fetch(`${ORIGIN}/_/${this.key}/behaviour`, { method: "PUT", body: JSON.stringify(behaviour) });
  }

  async requests(): Promise<ReceivedRequest[]> {
    return (await fetch(`${ORIGIN}/_/${this.key}/requests`)).json();
  }

  async account(): Promise<{ tokens: { issued: number; calls: number }; erased: string[] }> {
    return (await fetch(`${ORIGIN}/_/${this.key}/account`)).json();
  }

  env(transport: TransportCase): Env {
    return { ...env, ...transport.env(this.key) };
  }
}
