/**
 * How many invitations of the month's plan have been used: one counter for all ledgers, asked before each request.
 *
 * A token is taken before the request and given back when Trustpilot certainly created nothing. A crash in between
 * costs one token: rather an invitation too few this month than a plan overdrawn.
 */
import { DurableObject } from "cloudflare:workers";
import { Notifier } from "../bindings/notifier.ts";
import { nearEnd } from "../domain/month.ts";
import { log } from "../log.ts";

export class Allowance extends DurableObject {
  readonly #notifier = new Notifier();

  /** Takes one of `limit` invitations of the month of `now` (ms, UTC); `false` when none is left. */
  take(limit: number, now: number): boolean {
    const used = this.used(now);
    if (used + 1 >= nearEnd(limit)) void this.#notifier.notify(this.env);
    if (used >= limit) return false;
    this.ctx.storage.kv.put(monthKey(now), used + 1);
    this.#warnOnce(used + 1, limit, now);
    return true;
  }

  /** Gives back a token taken at `now`. */
  giveBack(now: number): void {
    this.ctx.storage.kv.put(monthKey(now), Math.max(0, this.used(now) - 1));
  }

  /** Once a month, although what is given back lets the count pass the mark more than once. */
  #warnOnce(used: number, limit: number, now: number): void {
    const month = monthOf(now);
    if (used < nearEnd(limit) || this.ctx.storage.kv.get("warned") === month) return;
    this.ctx.storage.kv.put("warned", month);
    log({ log: "allowance", used, limit }, "warn");
  }

  used(now: number): number {
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
