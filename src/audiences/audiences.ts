/**
 * Remembers who is in which audience: one object for the shop, so that an order is looked up with one call
 * whichever of its identities an audience knew.
 *
 * Only hashes are kept, keyed with a random key that never leaves this object: enough to answer "is this customer
 * in it?", useless for finding out who is.
 */
import { DurableObject } from "cloudflare:workers";
import type { Customer } from "../domain/order.ts";
import type { Membership } from "../segment/membership.ts";

export class Audiences extends DurableObject {
  readonly #sql = this.ctx.storage.sql;
  #key: Promise<CryptoKey> | undefined;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS members (
         identity TEXT NOT NULL, audience TEXT NOT NULL, member INTEGER NOT NULL, at INTEGER NOT NULL, owner TEXT,
         PRIMARY KEY (identity, audience)
       ) WITHOUT ROWID;
       CREATE INDEX IF NOT EXISTS members_owner ON members (owner) WHERE owner IS NOT NULL;`,
    );
  }

  /** Keeps the newest word on each identity and audience; older ones that arrive late change nothing. */
  async remember(memberships: Membership[]): Promise<void> {
    this.#expectUnfenced();
    const hashed = await Promise.all(
      memberships.map(async (membership) => ({
        ...membership,
        identities: await this.#hash(membership.customer),
      })),
    );
    for (const { identities, audiences, at } of hashed) {
      const [owner = null] = identities;
      for (const identity of identities) {
        for (const [audience, member] of Object.entries(audiences)) {
          this.#sql.exec(
            `INSERT INTO members VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET member = ?3, at = ?4, owner = coalesce(?5, owner) WHERE ?4 >= at`,
            identity,
            audience,
            Number(member),
            at,
            owner === identity ? null : owner,
          );
        }
      }
    }
  }

  /**
   * For each customer the audiences, among all remembered, that they are in. The newest word on any of their
   * identities counts: a customer who left by the user id alone must not stay in by the e-mail.
   */
  async audiencesOf(customers: Customer[]): Promise<string[][]> {
    const hashed = await Promise.all(customers.map((customer) => this.#hash(customer)));
    return hashed.map((identities) => {
      const words = identities
        .flatMap((identity) =>
          this.#sql
            .exec<Word>("SELECT audience, member, at FROM members WHERE identity = ?", identity)
            .toArray(),
        )
        .toSorted((one, other) => one.at - other.at || one.member - other.member);
      const newest = new Map(words.map(({ audience, member }) => [audience, member === 1]));
      return [...newest.keys()].filter((audience) => newest.get(audience));
    });
  }

  /**
   * Removes what is known of the customers, under every identity that came together with one of theirs. `until`: what
   * was said later stays, in ms.
   */
  async forget(customers: (Customer & { until?: number })[]): Promise<void> {
    this.#expectUnfenced();
    const hashed = await Promise.all(customers.map((customer) => this.#hash(customer)));
    for (const [index, identities] of hashed.entries()) {
      for (const identity of identities) {
        this.#sql.exec(
          `WITH known (id) AS (SELECT ?1 UNION SELECT owner FROM members WHERE identity = ?1 AND owner IS NOT NULL)
           DELETE FROM members WHERE (identity IN known OR owner IN known) AND at <= ?2`,
          identity,
          customers[index]!.until ?? Infinity,
        );
      }
    }
  }

  /** While fenced (for a move to another Worker) nothing is noted or forgotten: the sender repeats. */
  fence(up: boolean): void {
    this.ctx.storage.kv.put("fenced", up);
  }

  #expectUnfenced(): void {
    if (this.ctx.storage.kv.get("fenced") === true) throw new Error("The audiences are fenced for a move.");
  }

  /** For a backup: memberships after `after`, ascending, with where to continue. Of use only with the key. */
  page(after: string | null): { members: Member[]; next: string | null } {
    const [identity = "", audience = ""] = after?.split(" ") ?? [];
    const members = this.#sql
      .exec<Omit<Member, "member"> & { member: number }>(
        `SELECT identity, audience, member, at, owner FROM members WHERE (identity, audience) > (?, ?)
         ORDER BY identity, audience LIMIT ${PAGE}`,
        identity,
        audience,
      )
      .toArray()
      .map((row) => ({ ...row, member: row.member === 1 }));
    const last = members.at(-1);
    return { members, next: members.length < PAGE || !last ? null : `${last.identity} ${last.audience}` };
  }

  /** The key under which all hashes were made, in base64; `null` before the first one. */
  key(): string | null {
    return this.ctx.storage.kv.get<Uint8Array>("key")?.toBase64() ?? null;
  }

  /** Takes over another object's key. @returns `false` when hashes under a key of its own are here already */
  adoptKey(key: string): boolean {
    if (this.key() === key) return true;
    if (this.#sql.exec("SELECT 1 FROM members LIMIT 1").toArray().length > 0) return false;
    this.ctx.storage.kv.put("key", Uint8Array.fromBase64(key));
    this.#key = undefined;
    return true;
  }

  /** Merges memberships made under the same key: the newest counts, and of two at one time the one that is out. */
  absorb(members: Member[]): void {
    for (const { identity, audience, member, at, owner } of members) {
      this.#sql.exec(
        `INSERT INTO members VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET member = ?3, at = ?4, owner = coalesce(?5, owner)
         WHERE ?4 > at OR (?4 = at AND ?3 < member)`,
        identity,
        audience,
        Number(member),
        at,
        owner,
      );
    }
  }

  /** The user id first, when there is one: the others are remembered as belonging to it. */
  async #hash({ userId, anonymousId, email }: Customer): Promise<string[]> {
    const identities = [
      userId !== undefined && `user:${userId}`,
      anonymousId !== undefined && `anonymous:${anonymousId}`,
      email !== undefined && `email:${email.toLowerCase()}`,
    ].filter((identity) => identity !== false);
    const key = await (this.#key ??= this.#importKey());
    return Promise.all(
      identities.map(async (identity) => {
        const hash = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(identity));
        return new Uint8Array(hash).toBase64({ alphabet: "base64url", omitPadding: true });
      }),
    );
  }

  #importKey(): Promise<CryptoKey> {
    let bytes = this.ctx.storage.kv.get<Uint8Array>("key");
    if (!bytes) this.ctx.storage.kv.put("key", (bytes = crypto.getRandomValues(new Uint8Array(32))));
    return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  }
}

/** Rows in one page of a backup. */
const PAGE = 2_000;

/** One membership, as stored. */
interface Member {
  identity: string;
  audience: string;
  member: boolean;
  at: number;
  owner: string | null;
}

type Word = { audience: string; member: number; at: number };
