/**
 * Why a ledger sends nothing for a while, although orders are due: reasons that concern Trustpilot or the plan as a
 * whole, so that trying order after order would only burn requests.
 */
export type Pause =
  /** Trustpilot has switched the integration off for this host. Only a person can end it. */
  | { kind: "blocked"; host: string | null; since: number }
  | { kind: "allowance" | "rateLimited" | "misconfigured" | "audiences"; until: number }
  /** No connection could be made, `failures` times in a row. */
  | { kind: "unreachable"; until: number; failures: number };

const KEY = "pause";

/** The ledger's pause, kept in its storage so that it outlives the object in memory. */
export class Pauses {
  readonly #kv: SyncKvStorage;
  #current: Pause | null;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
    this.#current = kv.get<Pause>(KEY) ?? null;
  }

  get current(): Pause | null {
    return this.#current;
  }

  /** From when held orders may be sent: `null` for now, `Infinity` for not until somebody acts. In ms. */
  heldFrom(now: number): number | null {
    if (this.#current === null) return null;
    const end = endOf(this.#current);
    return end > now ? end : null;
  }

  /** The longer pause wins: six requests are out at a time, and each answer may ask for another. */
  set(pause: Pause): void {
    if (this.#current !== null && endOf(this.#current) > endOf(pause)) return;
    this.#current = pause;
    this.#kv.put(KEY, pause);
  }

  end(): void {
    if (this.#current === null) return;
    this.#current = null;
    this.#kv.delete(KEY);
  }
}

function endOf(pause: Pause): number {
  return pause.kind === "blocked" ? Infinity : pause.until;
}
