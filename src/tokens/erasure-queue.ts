/**
 * Addresses that Trustpilot has to erase, each once and only until that is done. Many go into one request, so that
 * thousands of deletions cost dozens of calls. One that Trustpilot refuses is found by halving and left to a person:
 * it must not keep the others from being erased.
 */
import { HOUR, SECOND } from "../lib/time.ts";
import { log } from "../log.ts";
import type { Answer } from "../trustpilot/answer.ts";
import { BY_HAND_FOR, type ErasureReport } from "../trustpilot/erasure-report.ts";

export type Erase = (addresses: readonly string[]) => Promise<Answer>;

/** Addresses in one request. Trustpilot names no limit. */
const PER_CALL = 100;
/** Requests in one run: the free plan allows fifty in one invocation, a token included. */
const MOST_CALLS = 20;
/** The ledgers report what they found one by one: a moment later it is one request. In ms. */
const GATHERED_FOR = 2 * SECOND;
const FIRST_WAIT = 30 * SECOND;
const LONGEST_WAIT = HOUR;

interface Progress extends Omit<ErasureReport, "waiting" | "since"> {
  failures: number;
  /** When the next try is due, in ms. */
  next: number;
}

export class ErasureQueue {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS erasures (shop TEXT, address TEXT, since INTEGER, PRIMARY KEY (shop, address)) WITHOUT ROWID",
    );
  }

  add(shop: string, addresses: readonly string[], byHand: number, now: number): void {
    const before = this.#progress(shop);
    const insert = "INSERT OR IGNORE INTO erasures SELECT ?, value, ? FROM json_each(?)";
    this.#storage.sql.exec(insert, shop, now, JSON.stringify(addresses));
    this.#store(shop, {
      ...before,
      next: before.failures > 0 ? before.next : now + GATHERED_FOR,
      ...(byHand > 0 && countByHand(before, byHand, now)),
    });
  }

  report(shop: string): ErasureReport {
    const { failures: _failures, next: _next, ...progress } = this.#progress(shop);
    const [waiting] = this.#storage.sql
      .exec<{ waiting: number; since: number | null }>(
        "SELECT count(*) AS waiting, min(since) AS since FROM erasures WHERE shop = ?",
        shop,
      )
      .toArray();
    return { ...progress, ...waiting! };
  }

  /** When the next run is due, in ms; `null` when nothing waits. */
  get due(): number | null {
    const times = this.#shops().map((shop) => this.#progress(shop).next);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** @param open how a shop's addresses are erased; `null` when its settings do not say that any longer */
  async run(open: (shop: string) => Erase | null): Promise<void> {
    for (const shop of this.#shops()) {
      if (this.#progress(shop).next > Date.now()) continue;
      const erase = open(shop);
      if (erase === null) this.#giveUp(shop, this.#first(shop, -1), "TRANSPORT no longer erases");
      else await this.#runShop(shop, erase);
    }
  }

  async #runShop(shop: string, erase: Erase): Promise<void> {
    const todo = [this.#first(shop, PER_CALL)];
    for (let calls = 0; calls < MOST_CALLS; calls++) {
      const addresses = todo.pop() ?? this.#first(shop, PER_CALL);
      if (addresses.length === 0) return;
      const answer = await erase(addresses);
      if (answer.kind === "created") this.#done(shop, addresses);
      else if (answer.kind !== "refused") return this.#failed(shop, answer);
      else if (addresses.length === 1) this.#giveUp(shop, addresses, "Trustpilot refuses an address");
      else {
        const half = addresses.length / 2;
        todo.push(addresses.slice(half), addresses.slice(0, half));
      }
    }
  }

  #done(shop: string, addresses: readonly string[]): void {
    this.#remove(shop, addresses);
    const progress = this.#progress(shop);
    const erased = progress.erased + addresses.length;
    this.#store(shop, { ...progress, erased, lastErased: Date.now(), trouble: null, failures: 0 });
  }

  #giveUp(shop: string, addresses: readonly string[], reason: string): void {
    log({ log: "erasure", reason, shop, addresses: addresses.length }, "warn");
    this.#remove(shop, addresses);
    const progress = this.#progress(shop);
    this.#store(shop, { ...progress, ...countByHand(progress, addresses.length, Date.now()) });
  }

  /** Whatever became of the request, it can be repeated: what is erased twice is erased. */
  #failed(shop: string, answer: Answer): void {
    const progress = this.#progress(shop);
    const refused = answer.kind === "accountRefused" || answer.kind === "accessRefused";
    log({ log: "erasure", reason: answer.kind, shop, status: answer.status }, "warn");
    const asked = answer.kind === "transient" ? (answer.retryAfter ?? 0) : 0;
    const wait = refused ? LONGEST_WAIT : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** progress.failures);
    this.#store(shop, {
      ...progress,
      failures: progress.failures + 1,
      next: Date.now() + Math.max(wait, Math.min(asked, LONGEST_WAIT)),
      trouble: refused ? "accountRefused" : "outage",
    });
  }

  #remove(shop: string, addresses: readonly string[]): void {
    const remove = "DELETE FROM erasures WHERE shop = ? AND address IN (SELECT value FROM json_each(?))";
    this.#storage.sql.exec(remove, shop, JSON.stringify(addresses));
  }

  /** @param count -1 for all */
  #first(shop: string, count: number): string[] {
    return this.#storage.sql
      .exec<{ address: string }>("SELECT address FROM erasures WHERE shop = ? LIMIT ?", shop, count)
      .toArray()
      .map(({ address }) => address);
  }

  #shops(): string[] {
    return this.#storage.sql
      .exec<{ shop: string }>("SELECT DISTINCT shop FROM erasures")
      .toArray()
      .map(({ shop }) => shop);
  }

  #progress(shop: string): Progress {
    return this.#storage.kv.get<Progress>(`erasures:${shop}`) ?? NOTHING_YET;
  }

  #store(shop: string, progress: Progress): void {
    this.#storage.kv.put(`erasures:${shop}`, progress);
  }
}

function countByHand({ byHand, lastByHand }: Progress, more: number, now: number) {
  const isRecent = lastByHand !== null && now - lastByHand < BY_HAND_FOR;
  return { byHand: more + (isRecent ? byHand : 0), lastByHand: now };
}

const NOTHING_YET: Progress = {
  trouble: null,
  erased: 0,
  lastErased: null,
  byHand: 0,
  lastByHand: null,
  failures: 0,
  next: 0,
};
