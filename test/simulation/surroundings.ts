/** KV, which is a table in memory here, and the Worker's own other objects, the real ones: each of them can fail. */
import { env } from "cloudflare:workers";
import type { Settings } from "../support/worker.ts";

/** `late`: what was asked for is done, but the answer comes too late. `stale`: reads miss what was written. */
export type Health = "well" | "late" | "down" | "stale";

/** How long an answer is waited for, in ms. */
const PATIENCE = 3_000;

export class Surroundings {
  kv: Health = "well";
  audiences: Health = "well";
  allowance: Health = "well";
  registry: Health = "well";
  /** What KV holds. */
  readonly keys = new Map<string, string>();
  readonly #pass: (milliseconds: number) => void;

  constructor(pass: (milliseconds: number) => void) {
    this.#pass = pass;
  }

  /** The bindings that fail as this says at the moment. */
  bindings(): Settings {
    const read = (key: string) => (this.kv === "stale" ? null : (this.keys.get(key) ?? null));
    const get = (key: string | string[]) =>
      this.#call(this.kv, () =>
        typeof key === "string" ? read(key) : new Map(key.map((one) => [one, read(one)])),
      );
    const put = (key: string, value: string) => this.#call(this.kv, () => void this.keys.set(key, value));
    return {
      ORDERS: { get, put },
      AUDIENCES: this.#namespace(env.AUDIENCES, () => this.audiences),
      ALLOWANCE: this.#namespace(env.ALLOWANCE, () => this.allowance),
      REGISTRY: this.#namespace(env.REGISTRY, () => this.registry),
      ALERTS: { getByName: () => ({ look: () => Promise.resolve(), silence: () => Promise.resolve(null) }) },
    };
  }

  #namespace(namespace: { getByName: (name: string) => object }, health: () => Health) {
    const getByName = (name: string) =>
      new Proxy(
        {},
        {
          get:
            (_, method) =>
            (...args: unknown[]) =>
              this.#call(health(), () => {
                const stub = namespace.getByName(name) as Record<
                  PropertyKey,
                  (...args: unknown[]) => Promise<unknown>
                >;
                return stub[method]!(...args);
              }),
        },
      );
    return { getByName };
  }

  async #call(health: Health, call: () => unknown): Promise<unknown> {
    if (health === "well" || health === "stale") return call();
    if (health === "late") await call();
    this.#pass(PATIENCE);
    throw new DOMException("No answer in time", "TimeoutError");
  }
}
