/**
 * FIND_BY_EMAIL: which orders are a customer's, by keyed hashes of the address and of the user id. All ledgers hash
 * with one key, which the registry makes at the first use and which never leaves these objects.
 *
 * Each hash of an order names the order's other one, so that a deletion by either removes both.
 */
import { callRegistry } from "../bindings/objects.ts";
import { readLeniently } from "../config/config.ts";
import type { Operation } from "../domain/operation.ts";
import type { OrderSummary } from "../domain/row.ts";
import type { Database } from "./database.ts";
import { ordersOf } from "./order-list.ts";

const KEY = "customer-key";

export interface CustomerHashes {
  email?: string;
  userId?: string;
}

/** What a deletion has found in the index. */
interface FoundOrders {
  /** Orders with the address. */
  orderIds: string[];
  /** Hashes of the addresses in orders with the user id. */
  emails: string[];
}

export class CustomerIndex {
  readonly #sql: Database;
  readonly #kv: SyncKvStorage;
  #imported: Promise<CryptoKey> | undefined;

  constructor(sql: Database, kv: SyncKvStorage) {
    this.#sql = sql;
    this.#kv = kv;
  }

  /** The customer's hashes for each operation; none where nothing is to be done. @throws when the registry is away */
  async hashesOf(operations: readonly Operation[], env: Env): Promise<CustomerHashes[]> {
    const { findByEmail } = readLeniently(env).status;
    return Promise.all(
      operations.map(async (operation) => {
        if (operation.kind === "claim" && findByEmail) {
          const { email, customer } = operation.order;
          return this.#hash(email, customer.userId, env);
        }
        // Also while the search is off: what it left behind must go.
        if (operation.kind !== "forget" || this.#kv.get(KEY) === undefined) return {};
        const { customer, found } = operation;
        if (found?.hash !== undefined) return { email: found.hash };
        return this.#hash(customer.email, customer.userId, env);
      }),
    );
  }

  /** @param received when the order arrived, in ms: for the search, which shows the latest */
  add(orderId: string, received: number, { email, userId }: CustomerHashes): void {
    const insert = "INSERT OR REPLACE INTO customers VALUES (?, ?, ?, ?)";
    if (email !== undefined) this.#sql.exec(insert, email, received, orderId, userId ?? null);
    if (userId !== undefined) this.#sql.exec(insert, userId, received, orderId, email ?? null);
  }

  /** @param until orders that arrived later are not meant, in ms */
  forget({ email, userId }: CustomerHashes, until: number): FoundOrders {
    const byEmail = email === undefined ? [] : this.#remove(email, until);
    const byUserId = userId === undefined ? [] : this.#remove(userId, until);
    const emails = byUserId.flatMap(({ other }) => (other === null || other === email ? [] : [other]));
    return { orderIds: byEmail.map(({ order_id }) => order_id), emails: [...new Set(emails)] };
  }

  #remove(hash: string, until: number): { order_id: string; other: string | null }[] {
    const rows = this.#sql
      .exec<{ received: number; order_id: string; other: string | null }>(
        `SELECT received, order_id, other FROM customers WHERE hash = ? AND coalesce(
           (SELECT received FROM orders WHERE orders.order_id = customers.order_id), 0) <= ?`,
        hash,
        until,
      )
      .toArray();
    const remove = "DELETE FROM customers WHERE hash IN (?, ?) AND received = ? AND order_id = ?";
    for (const { received, order_id, other } of rows) this.#sql.exec(remove, hash, other, received, order_id);
    return rows;
  }

  async find(email: string, env: Env): Promise<OrderSummary[]> {
    const { email: hash } = await this.#hash(email, undefined, env);
    return hash === undefined ? [] : ordersOf(this.#sql, hash);
  }

  async #hash(email: string | undefined, userId: string | undefined, env: Env): Promise<CustomerHashes> {
    if (!email && userId === undefined) return {};
    const key = await (this.#imported ??= this.#key(env).catch((error: unknown) => {
      this.#imported = undefined;
      throw error;
    }));
    const sign = async (identity: string) => {
      const hash = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(identity));
      return new Uint8Array(hash).toBase64();
    };
    return {
      ...(email && { email: await sign(`email:${email.trim().toLowerCase()}`) }),
      ...(userId !== undefined && { userId: await sign(`user:${userId}`) }),
    };
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
