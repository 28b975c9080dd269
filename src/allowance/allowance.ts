/**
 * How many invitations of the month's plan have been used: one counter for all ledgers, asked before each request.
 *
 * A token is taken before the request and given back when Trustpilot certainly created nothing. A crash in between
 * costs one token: rather an invitation too few this month than a plan overdrawn.
 */
import { DurableObject } from "cloudflare:workers";
import { Notifier } from "../bindings/notifier.ts";
import { originOf } from "../bindings/origin.ts";
import { nearEnd } from "../domain/month.ts";
import { log } from "../log.ts";

/** Invitations of a month (`2026-11`, UTC), as one allowance object has counted them. */
interface Counted {
  origin: string;
  month: string;
  used: number;
}

export class Allowance extends DurableObject {
  readonly #notifier = new Notifier();

  /** Takes one of `limit` invitations of the month of `now` (ms, UTC); `false` when none is left. */
  take(limit: number, now: number): boolean {
    const used = this.used(now);
    if (used + 1 >= nearEnd(limit)) void this.#notifier.notify(this.env);
    if (used >= limit) return false;
    this.ctx.storage.kv.put(monthKey(now), this.#own(now) + 1);
    this.#warnOnce(used + 1, limit, now);
    return true;
  }

  /** Gives back a token taken at `now`. */
  giveBack(now: number): void {
    this.ctx.storage.kv.put(monthKey(now), Math.max(0, this.#own(now) - 1));
  }

  /** Once a month, although what is given back lets the count pass the mark more than once. */
  #warnOnce(used: number, limit: number, now: number): void {
    const month = monthOf(now);
    if (used < nearEnd(limit) || this.ctx.storage.kv.get("warned") === month) return;
    this.ctx.storage.kv.put("warned", month);
    log({ log: "allowance", used, limit }, "warn");
  }

  /** Of the month of `now`, those that imported backups count included. */
  used(now: number): number {
    let used = this.#own(now);
    for (const [, imported] of this.ctx.storage.kv.list<number>({ prefix: `${monthKey(now)}@` }))
      used += imported;
    return used;
  }

  /** For a backup: every month that this object, or one that was merged into it, has counted. */
  counted(): Counted[] {
    const origin = originOf(this.ctx.storage.kv);
    return [...this.ctx.storage.kv.list<number>({ prefix: "used:" })].map(([key, used]) => {
      const [month = "", from = origin] = key.slice("used:".length).split("@");
      return { origin: from, month, used };
    });
  }

  /** Merges the counts of other objects: the greater one of each origin and month, so that a repeat adds nothing. */
  absorb(counts: Counted[]): void {
    const origin = originOf(this.ctx.storage.kv);
    for (const { origin: from, month, used } of counts) {
      const key = `used:${month}@${from}`;
      if (from !== origin)
        this.ctx.storage.kv.put(key, Math.max(used, this.ctx.storage.kv.get<number>(key) ?? 0));
    }
  }

  #own(now: number): number {
    return this.ctx.storage.kv.get<number>(monthKey(now)) ?? 0;
  }
}

function monthKey(now: number): string {
  return `used:${monthOf(now)}`;
}

/** `2026-11`, UTC */
function monthOf(now: number): string {
  return new Date(now).toISOString().slice(0, 7);
}
