/** Plays the receiver of alerts, and drives the object that sends them. */
import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, vi } from "vitest";
import type { Alerts } from "../../src/alerts/alerts.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { ledgerNames } from "./shard.ts";

export const WEBHOOK = "https://hooks.example.com/services/T0/secret-of-the-webhook";

export interface Webhook {
  /** What it was sent, the oldest first. */
  received: { init: RequestInit; text: string }[];
  /** How it answers from now on. */
  answer: () => Response | Promise<Response>;
}

/** Takes what is sent to `WEBHOOK`; every other request goes its way. Until `vi.restoreAllMocks()`. */
export function playWebhook(): Webhook {
  const webhook: Webhook = { received: [], answer: () => new Response("ok") };
  const { fetch } = globalThis;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    if (input !== WEBHOOK) return fetch(input, init);
    const { text } = JSON.parse(init?.body as string) as { text: string };
    webhook.received.push({ init: init!, text });
    return webhook.answer();
  });
  return webhook;
}

/** A new stub each time: one that has seen its object die stays broken. */
export function alerts(): DurableObjectStub<Alerts> {
  return env.ALERTS.getByName("v1");
}

let current: Partial<Env> = {};

function configure(instance: object): void {
  (instance as { env: Env }).env = { ...env, ...current };
}

/** Gives every object other settings or bindings, until it stops. */
export async function configureAll(settings: Partial<Env>): Promise<void> {
  current = settings;
  await runInDurableObject(alerts(), configure);
  await runInDurableObject(env.ALLOWANCE.getByName("v1"), configure);
  for (const name of ledgerNames()) await runInDurableObject(env.LEDGER.getByName(name), configure);
}

/** When the next look is due, in ms from now. */
export function nextLookIn(): Promise<number | null> {
  return runInDurableObject(alerts(), async (_, { storage }) => {
    const alarm = await storage.getAlarm();
    return alarm === null ? null : alarm - Date.now();
  });
}

/** Waits for the ring, which nothing else waits for, and lets the look happen that it asks for. */
export async function lookWhenRung(): Promise<void> {
  await expect.poll(nextLookIn).not.toBeNull();
  await lookNow();
}

/** @returns whether a look was due at all */
export async function lookNow(): Promise<boolean> {
  // The runtime may have stopped it meanwhile, as it does with objects that are idle.
  await runInDurableObject(alerts(), configure);
  return runDurableObjectAlarm(alerts());
}

/** Runs the ledger's alarm, with the settings of all. */
export async function deliverNow(ledger: DurableObjectStub<Ledger>): Promise<void> {
  await runInDurableObject(ledger, configure);
  await runDurableObjectAlarm(ledger);
}
