/**
 * Why a ledger sends nothing for a while, although orders are due: reasons that concern Trustpilot, the plan or the
 * operator as a whole, so that trying order after order would only waste requests. Times in ms since 1970.
 */
import type { Failure } from "./breaker.ts";

export type Pause =
  /** Trustpilot has switched the integration off for this host. Only a person can end it. */
  | { kind: "blocked"; host: string | null; since: number }
  /** An operator's own. `until: null`: until it is resumed. */
  | { kind: "operator"; reason: string; since: number; until: number | null }
  /** MONTHLY_LIMIT, which was `limit`, is used up. */
  | { kind: "allowance"; limit: number; until: number }
  | { kind: "rateLimited"; until: number }
  | { kind: "misconfigured"; until: number; failures: number }
  /** One of our own objects does not answer. */
  | { kind: "unavailable"; object: "audiences" | "allowance"; until: number }
  /** Read for a move to another Worker: accepts and sends nothing. Only `npm run ledger -- unfence` ends it. */
  | { kind: "fenced"; since: number }
  /**
   * A backup was imported. `reconcile`: days with orders that may have been sent since it was written.
   * `lacksAudiences`: an audience rule applies and the audiences are missing, so that it must not be resumed.
   */
  | { kind: "imported"; since: number; reconcile: readonly string[]; lacksAudiences: boolean }
  /** The circuit breaker is open: `failures` in a row, the last of which was `failure`. */
  | { kind: "outage"; failure: Failure; failures: number; since: number; until: number };

type StoredPause = Exclude<Pause, { kind: "outage" }>;

const KEY = "pauses";

/** The ledger's pauses, one of each kind, kept in its storage so that they outlive the object in memory. */
export class Pauses {
  readonly #kv: SyncKvStorage;
  #all: readonly StoredPause[];

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
    this.#all = kv.get<StoredPause[]>(KEY) ?? [];
  }

  get<Kind extends StoredPause["kind"]>(kind: Kind): Extract<StoredPause, { kind: Kind }> | null {
    const found = this.#all.find((pause) => pause.kind === kind);
    return (found as Extract<StoredPause, { kind: Kind }> | undefined) ?? null;
  }

  /** Those that hold orders back at `now`. */
  active(now: number): StoredPause[] {
    return this.#all.filter((pause) => endOf(pause) > now);
  }

  /** Replaces the pause of the same kind. */
  set(pause: StoredPause): void {
    this.#store([...this.#all.filter(({ kind }) => kind !== pause.kind), pause]);
  }

  end(...kinds: StoredPause["kind"][]): void {
    const left = this.#all.filter(({ kind }) => !kinds.includes(kind));
    if (left.length < this.#all.length) this.#store(left);
  }

  /** All but a fence, which no operator ends by the way. */
  endAll(): void {
    const left = this.#all.filter(({ kind }) => kind === "fenced");
    if (left.length < this.#all.length) this.#store(left);
  }

  #store(all: readonly StoredPause[]): void {
    this.#all = all;
    if (all.length === 0) this.#kv.delete(KEY);
    else this.#kv.put(KEY, all);
  }
}

/** In ms; `Infinity` for a pause that only a person ends. */
export function endOf(pause: Pause): number {
  return "until" in pause ? (pause.until ?? Infinity) : Infinity;
}

/** The pause that lasts longest: it says best why an order waits. */
export function longest(pauses: readonly Pause[]): Pause | null {
  return pauses.toSorted((a, b) => endOf(b) - endOf(a))[0] ?? null;
}
