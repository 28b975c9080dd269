/** Starts the stand-in for Trustpilot and talks to what the real one does not have. */
import type { Behaviour, ReceivedRequest } from "../stand-in/behaviour.ts";
import { bundle, freePort, startWorker } from "./workerd.ts";

export interface StandIn {
  /** For TRUSTPILOT_API_URL. */
  apiUrl: string;
  origin: string;
  requests(key: string): Promise<ReceivedRequest[]>;
  behave(key: string, behaviour: Behaviour): Promise<void>;
  /** Forgets what it received and how to behave. */
  forget(key: string): Promise<void>;
  stop(): Promise<void>;
}

const CONFIG = "scripts/stand-in/wrangler.toml";

/** @param at a port, to come back where an earlier one was */
export async function startStandIn(at?: number): Promise<StandIn> {
  const script = await bundle(CONFIG, "build/stand-in");
  const port = at ?? (await freePort());
  // Not shown: the runtime complains of every connection that is broken on purpose.
  const worker = await startWorker({ config: CONFIG, script, port, onLog: () => {} });
  const origin = `http://127.0.0.1:${port}`;
  return { ...standInAt(origin), stop: () => worker.dispose() };
}

/** A stand-in that somebody else has started. */
export function standInAt(origin: string): Omit<StandIn, "stop"> {
  return {
    apiUrl: `${origin}/api`,
    origin,
    requests: async (key) => {
      const requests: ReceivedRequest[] = await (await fetch(`${origin}/_/${key}/requests`)).json();
      return requests;
    },
    behave: async (key, behaviour) => {
      await fetch(`${origin}/_/${key}/behaviour`, { method: "PUT", body: JSON.stringify(behaviour) });
    },
    forget: async (key) => {
      await fetch(`${origin}/_/${key}`, { method: "DELETE" });
    },
  };
}
