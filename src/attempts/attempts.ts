/**
 * Counts what fails before it reaches a ledger, for all isolates together: wrong passwords by address, and requests
 * and events that are rejected. Called after a failure only: whoever knows the password never waits for it, and an
 * order costs nothing here.
 *
 * Keeps the times of an address's failures for an hour, then forgets the address; rejections by the minute, as long, and
 * how many there were in all.
 */
import { DurableObject } from "cloudflare:workers";
import { callLedgers } from "../bindings/objects.ts";
import { readShops } from "../bindings/shops.ts";
import {
  countOf,
  FEW_REJECTIONS,
  mergeRejections,
  NO_REJECTIONS,
  type RecentRejections,
  type Rejections,
  type RejectionTotals,
} from "../domain/rejections.ts";
import { MINUTE } from "../lib/time.ts";

/** In ms. */
export const ATTEMPTS_WINDOW = 60 * 60_000;
/** More are not kept: the address is blocked by then. */
const MOST_KEPT = 50;
/** Addresses; those beyond count as one, so that an attacker with very many cannot fill the object. */
const MOST_ADDRESSES = 10_000;
const PREFIX = "failures:";
const REJECTIONS = "rejections";

interface CountedRejections {
  totals: RejectionTotals;
  minutes: RejectedMinute[];
}

interface RejectedMinute extends Rejections {
  /** Its start, in ms. */
  at: number;
}

export class Attempts extends DurableObject<Env> {
  readonly #kv = this.ctx.storage.kv;
  #addresses: number | undefined;

  /** @returns the address's failures within the last hour, this one included */
  async failed(address: string): Promise<number> {
    const now = Date.now();
    const key = this.#keyOf(address);
    const failures = [...this.#recent(key, now), now].slice(-MOST_KEPT);
    this.#kv.put(key, failures);
    await this.#forgetLater(now);
    return failures.length;
  }

  #keyOf(address: string): string {
    if (this.#kv.get(PREFIX + address) !== undefined) return PREFIX + address;
    this.#addresses ??= [...this.#kv.list({ prefix: PREFIX })].length;
    return PREFIX + (this.#addresses++ < MOST_ADDRESSES ? address : "others");
  }

  /** @returns the failures of all addresses within the last hour */
  recentFailures(): number {
    const now = Date.now();
    const counts = [...this.#kv.list<number[]>({ prefix: PREFIX })].map(
      ([key]) => this.#recent(key, now).length,
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Adds `some`. @returns the rejections of the last hour, these included */
  addRejections(some: Rejections): Rejections {
    const now = Date.now();
    const at = now - (now % MINUTE);
    const minutes = this.#recentMinutes(now);
    const last = minutes.at(-1)?.at === at ? minutes.pop()! : NO_REJECTIONS;
    minutes.push({ at, ...mergeRejections([last, some]) });
    const before = this.rejectionTotals();
    const totals = {
      unauthenticated: before.unauthenticated + some.unauthenticated.count,
      rejected: before.rejected + some.rejected.count,
    };
    this.#kv.put(REJECTIONS, { totals, minutes } satisfies CountedRejections);
    return mergeRejections(minutes);
  }

  /** Since the start. */
  rejectionTotals(): RejectionTotals {
    return this.#rejections.totals;
  }

  get #rejections(): CountedRejections {
    return this.#kv.get(REJECTIONS) ?? { totals: { unauthenticated: 0, rejected: 0 }, minutes: [] };
  }

  /** @returns those of the last hour; with the orders of all shops, once there are enough for their share to matter */
  async recentRejections(): Promise<RecentRejections> {
    const recent = mergeRejections(this.#recentMinutes(Date.now()));
    return { ...recent, orders: countOf(recent) < FEW_REJECTIONS ? null : await this.#countOrders() };
  }

  async #countOrders(): Promise<number | null> {
    const checked = readShops(this.env);
    if (!checked.ok) return null;
    const calls = checked.shops.flatMap(({ env }) => callLedgers(env, (ledger) => ledger.countLastHour()));
    const counts = await Promise.all(calls).catch(() => null);
    return counts?.reduce((sum, count) => sum + count, 0) ?? null;
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    const keys = [...this.#kv.list({ prefix: PREFIX })].map(([key]) => key);
    const old = keys.filter((key) => this.#recent(key, now).length === 0);
    for (const key of old) this.#kv.delete(key);
    this.#addresses = undefined;
    if (old.length < keys.length) await this.#forgetLater(now);
  }

  async #forgetLater(now: number): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(now + ATTEMPTS_WINDOW);
  }

  #recentMinutes(now: number): RejectedMinute[] {
    return this.#rejections.minutes.filter(({ at }) => at > now - ATTEMPTS_WINDOW);
  }

  #recent(key: string, now: number): number[] {
    return (this.#kv.get<number[]>(key) ?? []).filter((time) => time > now - ATTEMPTS_WINDOW);
  }
}
