/**
 * Addresses of deleted customers that only their open orders told, until the object that has Trustpilot erase them has
 * them: written with the erasure of the order, so that a crash loses none.
 */
const AT_ONCE = 1_000;

export class FoundAddresses {
  readonly #sql: SqlStorage;
  #isPending: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#isPending = this.#first(1).length > 0;
  }

  get isPending(): boolean {
    return this.#isPending;
  }

  add(address: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO addresses VALUES (?)", address);
    this.#isPending = true;
  }

  /** @throws what `give` throws; then all that it was not given stay */
  async handOver(give: (addresses: string[]) => Promise<void>): Promise<void> {
    for (let some = this.#first(AT_ONCE); some.length > 0; some = this.#first(AT_ONCE)) {
      await give(some);
      const remove = "DELETE FROM addresses WHERE address IN (SELECT value FROM json_each(?))";
      this.#sql.exec(remove, JSON.stringify(some));
    }
    this.#isPending = false;
  }

  #first(count: number): string[] {
    return this.#sql
      .exec<{ address: string }>("SELECT address FROM addresses LIMIT ?", count)
      .toArray()
      .map(({ address }) => address);
  }
}
