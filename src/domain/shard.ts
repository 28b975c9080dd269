/**
 * Which ledger holds an order.
 *
 * The number of ledgers, the hash and the names are part of what makes an order unique: change one of them and
 * every order known so far looks new. They are pinned by test vectors, and a change needs new names and a move.
 */
import { hash32 } from "../lib/hash.ts";

/** Eight objects answer several thousand orders a second, far above any shop, and cost nothing when idle. */
export const LEDGERS = 8;

/** `v1-0` … `v1-7` */
export function ledgerName(orderId: string): string {
  return `v1-${hash32(orderId) % LEDGERS}`;
}

export const ledgerNames: readonly string[] = Array.from({ length: LEDGERS }, (_, shard) => `v1-${shard}`);
