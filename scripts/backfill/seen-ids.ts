/**
 * Which order ids have come before in a file, at 16 bytes or less for each: a hash table of 64-bit fingerprints.
 *
 * Two of a million ids have the same fingerprint once in thirty million files; then one order is miscounted in a
 * preview, and nothing else happens.
 */
import { hash } from "node:crypto";

export class SeenIds {
  #table = new BigUint64Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns whether the id is new */
  add(orderId: string): boolean {
    if (this.#size * 4 > this.#table.length * 3) this.#grow();
    // Zero marks an empty place.
    const fingerprint = hash("sha1", orderId, "buffer").readBigUInt64LE() || 1n;
    const isNew = put(this.#table, fingerprint);
    if (isNew) this.#size += 1;
    return isNew;
  }

  #grow(): void {
    const larger = new BigUint64Array(this.#table.length * 2);
    for (const fingerprint of this.#table) if (fingerprint !== 0n) put(larger, fingerprint);
    this.#table = larger;
  }
}

function put(table: BigUint64Array, fingerprint: bigint): boolean {
  const mask = table.length - 1;
  let place = Number(fingerprint & 0xffff_ffffn) & mask;
  while (table[place] !== 0n) {
    if (table[place] === fingerprint) return false;
    place = (place + 1) & mask;
  }
  table[place] = fingerprint;
  return true;
}
