import { endOf, type Pause } from "../domain/pause.ts";

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
    this.end(...this.#all.map(({ kind }) => kind).filter((kind) => kind !== "fenced"));
  }

  #store(all: readonly StoredPause[]): void {
    this.#all = all;
    if (all.length === 0) this.#kv.delete(KEY);
    else this.#kv.put(KEY, all);
  }
}
