/**
 * A hash that is short, synchronous and spreads consecutive order numbers evenly: FNV-1a over UTF-8, with
 * MurmurHash3's finaliser because FNV's low bits alone are weak. It chooses, it protects nothing: an adversary
 * who steers orders into one ledger only makes that ledger busier.
 *
 * @returns 0 … 2³²-1
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const encoder = new TextEncoder();
