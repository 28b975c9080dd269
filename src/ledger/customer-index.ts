/**
 * FIND_BY_EMAIL: which orders are a customer's, by keyed hashes of the address and of the user id. All ledgers hash
 * with one key, which the registry makes at the first use and which leaves these objects for nobody.
 *
 * Each hash of an order names the order's other one, so that a deletion by either removes both.
 */
import { callRegistry } from "../bindings/objects.ts";
import { readLeniently } from "../config/config.ts";
import type { Operation } from "../domain/operation.ts";
import type { OrderSummary } from "../domain/row.ts";
import { ordersOf } from "./order-list.ts";

const KEY = "customer-key";

export class CustomerIndex {
  readonly #sql: SqlStorage;
  readonly #kv: SyncKvStorage;
  #imported: Promise<CryptoKey> | undefined;

  constructor({ sql, kv }: DurableObjectStorage) {
    this.#sql = sql;
    this.#kv = kv;
  }

  /** The customer's hashes for each operation; none where nothing is to be done. @throws when the registry is away */
  async hashesOf(operations: readonly Operation[], env: Env): Promise<string[][]> {
    const { findByEmail } = readLeniently(env).status;
    return Promise.all(
      operations.map(async (operation) => {
        if (operation.kind === "claim" && findByEmail) {
          const { email, customer } = operation.order;
          return this.#hash(email, customer.userId, env);
        }
        // Also while the search is off: what it left behind must go.
        if (operation.kind !== "forget" || this.#kv.get(KEY) === undefined) return [];
        return this.#hash(operation.customer.email, operation.customer.userId, env);
      }),
    );
  }

  add(orderId: string, hashes: readonly string[]): void {
    const [one, other = null] = hashes;
    if (one === undefined) return;
    this.#sql.exec("INSERT OR REPLACE INTO customers VALUES (?, ?, ?)", one, orderId, other);
    if (other !== null)
      this.#sql.exec("INSERT OR REPLACE INTO customers VALUES (?, ?, ?)", other, orderId, one);
  }

  forget(hashes: readonly string[]): void {
    for (const hash of hashes) {
      this.#sql.exec(
        `DELETE FROM customers WHERE (hash, order_id) IN
           (SELECT other, order_id FROM customers WHERE hash = ? AND other IS NOT NULL)`,
        hash,
      );
      this.#sql.exec("DELETE FROM customers WHERE hash = ?", hash);
    }
  }

  async find(email: string, env: Env): Promise<OrderSummary[]> {
    const [hash] = await this.#hash(email, undefined, env);
    return hash === undefined ? [] : ordersOf(this.#sql, hash);
  }

  async #hash(email: string | undefined, userId: string | undefined, env: Env): Promise<string[]> {
    const identities = [
      ...(email ? [`email:${email.trim().toLowerCase()}`] : []),
      ...(userId === undefined ? [] : [`user:${userId}`]),
    ];
    if (identities.length === 0) return [];
    const key = await (this.#imported ??= this.#key(env).catch((error: unknown) => {
      this.#imported = undefined;
      throw error;
    }));
    const encoder = new TextEncoder();
    const hashes = identities.map((identity) => crypto.subtle.sign("HMAC", key, encoder.encode(identity)));
    return (await Promise.all(hashes)).map((hash) => new Uint8Array(hash).toBase64());
  }

  async #key(env: Env): Promise<CryptoKey> {
    let bytes = this.#kv.get<Uint8Array>(KEY);
    if (bytes === undefined) {
      bytes = await callRegistry(env, (registry) => registry.customerKey());
      this.#kv.put(KEY, bytes);
    }
    return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  }
}
