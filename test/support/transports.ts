/** Every transport as the tests use it: its settings, and how Trustpilot's answers look on it. */
import { env } from "cloudflare:workers";
import { inject } from "vitest";
import {
  API_SECRET,
  type Behaviour,
  type ReceivedRequest,
  type Step,
} from "../../scripts/stand-in/behaviour.ts";
import { BAD_REQUEST, FIREWALL, MISSING_ROLE } from "../../scripts/stand-in/faults.ts";
import type { Settings } from "../../src/config/settings.ts";

const ORIGIN = inject("standInOrigin");

export type Situation = "created" | "refused" | "transient" | "later" | "unanswered" | "accountRefused";

export interface TransportCase {
  name: "integration-key" | "invitations-api" | "email";
  /** @param key the account at the stand-in */
  env(key: string): Partial<Env>;
  /** How the stand-in is told to answer. */
  steps: Record<Situation, Step>;
}

export const TRANSPORT_CASES: readonly TransportCase[] = [
  {
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
  },
  {
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
  },
  {
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
  },
];

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
    throw Object.assign(new Error("email to somebody@example.com failed"), { code: text });
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
