/**
 * The order ids that a ledger has lately seen arrive, in memory. A retry comes seconds after the order, when KV does
 * not know it yet; it is answered without a look at the table.
 *
 * As with KV, only a yes counts: what was forgotten, or never seen by this object, the table is asked for. A yes is
 * right because rows stay for ever, and because an object whose writes fail is thrown away with its memory, before
 * any of its answers has left it.
 */
export class RecentIds {
  readonly #most: number;
  /** Two generations: the older one is dropped whole, which costs nothing for each id. */
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();

  /** @param most of each generation. 5,000 ids of usual length are half a megabyte */
  constructor(most = 5_000) {
    this.#most = most;
  }

  has(orderId: string): boolean {
    return this.#young.has(orderId) || this.#old.has(orderId);
  }

  add(orderId: string): void {
    if (this.#young.size >= this.#most) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(orderId);
  }
}
