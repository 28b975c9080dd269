/**
 * Which ledger holds an order.
 *
 * The number of ledgers, the hash and the names are part of what makes an order unique: with another number, hash or
 * name, every known order looks new. The names are pinned by test vectors; the registry guards the number.
 */
import { hash32 } from "../lib/hash.ts";

/** `v1-0` … `v1-7` with eight ledgers. @param ledgers how many the shop has */
export function ledgerName(orderId: string, ledgers: number): string {
  return nameOf(hash32(orderId) % ledgers);
}

/** The names of all of a shop's ledgers. */
export function ledgerNames(ledgers: number): string[] {
  return Array.from({ length: ledgers }, (_, shard) => nameOf(shard));
}

function nameOf(shard: number): string {
  return `v1-${shard}`;
}
