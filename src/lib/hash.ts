/**
 * A hash that is short, synchronous and spreads consecutive order numbers evenly: FNV-1a over UTF-8, with
 * MurmurHash3's finaliser because FNV's low bits alone are weak. It chooses, it protects nothing: an adversary
 * who steers orders into one ledger only makes that ledger busier.
 *
 * @returns 0 … 2³²-1
 */
export function hash32(text: string): number {
  let hash = OFFSET;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Nearly every order id is ASCII, whose characters are its bytes; to encode it would cost more than the hash.
    if (code > 0x7f) return finish(encoder.encode(text).reduce(step, OFFSET));
    hash = step(hash, code);
  }
  return finish(hash);
}

const OFFSET = 0x811c9dc5;

function step(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const encoder = new TextEncoder();
