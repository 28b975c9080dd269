/** Starts the stand-in for Trustpilot and controls it. */
import type { Behaviour, ReceivedRequest } from "../stand-in/behaviour.ts";
import { buildWorker, freePort, startWorker } from "./workerd.ts";

export interface StandIn {
  /** For TRUSTPILOT_API_URL. */
  apiUrl: string;
  origin: string;
  requests(key: string): Promise<ReceivedRequest[]>;
  /** Of the Invitations API: tokens that were asked for and issued, and the addresses that were erased. */
  account(key: string): Promise<{ tokens: { issued: number; calls: number }; erased: string[] }>;
  behave(key: string, behaviour: Behaviour): Promise<void>;
  /** Forgets what it received and how to behave. */
  forget(key: string): Promise<void>;
  stop(): Promise<void>;
}

const CONFIG = "scripts/stand-in/wrangler.toml";

/** @param at the port, to replace an earlier one */
export async function startStandIn(at?: number): Promise<StandIn> {
  const script = await buildWorker("scripts/stand-in/worker.ts", "build/stand-in");
  const port = at ?? (await freePort());
  // Its log is dropped: the runtime reports every connection that is broken on purpose.
  const worker = await startWorker({ config: CONFIG, script, port, onLog: () => {} });
  const origin = `http://127.0.0.1:${port}`;
  return { ...standInAt(origin), stop: () => worker.dispose() };
}

/** A stand-in that is already running. */
export function standInAt(origin: string): Omit<StandIn, "stop"> {
  return {
    apiUrl: `${origin}/api`,
    origin,
    requests: async (key) => {
      const requests: ReceivedRequest[] = await (await fetch(`${origin}/_/${key}/requests`)).json();
      return requests;
    },
    account: async (key) => (await fetch(`${origin}/_/${key}/account`)).json(),
    behave: async (key, behaviour) => {
      await fetch(`${origin}/_/${key}/behaviour`, { method: "PUT", body: JSON.stringify(behaviour) });
    },
    forget: async (key) => {
      await fetch(`${origin}/_/${key}`, { method: "DELETE" });
    },
  };
}
