/**
 * What deletions have found with their customers and did not name: addresses of open orders, and with FIND_BY_EMAIL
 * hashes of those of done ones. Written with the erasure of the order, so that a crash loses none, and kept until all
 * other places that may know them have been told.
 */
import { DAY } from "../lib/time.ts";
import type { FoundAddress } from "../domain/operation.ts";
import type { Database } from "./database.ts";

const AT_ONCE = 1_000;
/** The longest that a place may stay unreachable, in ms: by then open orders have lost their data anyway. */
const KEPT_FOR = 30 * DAY;

export class FoundAddresses {
  readonly #sql: Database;
  #isPending: boolean;

  constructor(sql: Database) {
    this.#sql = sql;
    this.#isPending = this.#first(1).length > 0;
  }

  get isPending(): boolean {
    return this.#isPending;
  }

  add({ address, everywhere, at }: FoundAddress): void {
    const insert =
      "INSERT INTO addresses VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET at = ?3 WHERE at < ?3";
    this.#sql.exec(insert, address, Number(everywhere), at);
    this.#isPending = true;
  }

  /** @throws what `give` throws; then all that it was not given stay */
  async handOver(give: (found: FoundAddress[]) => Promise<void>): Promise<void> {
    for (let some = this.#first(AT_ONCE); some.length > 0; some = this.#first(AT_ONCE)) {
      await give(some);
      // One that was found again meanwhile has a later time, and stays.
      this.#sql.exec(
        `DELETE FROM addresses WHERE (address, everywhere, at) IN
           (SELECT value ->> 'address', value ->> 'everywhere', value ->> 'at' FROM json_each(?))`,
        JSON.stringify(some),
      );
    }
    this.#isPending = false;
  }

  /** Gives up what could not be handed over for too long. @returns how many */
  dropOld(now: number): number {
    const { rowsWritten } = this.#sql.exec("DELETE FROM addresses WHERE at < ?", now - KEPT_FOR);
    return rowsWritten;
  }

  #first(count: number): FoundAddress[] {
    return this.#sql
      .exec<{ address: string; everywhere: number; at: number }>("SELECT * FROM addresses LIMIT ?", count)
      .toArray()
      .map((row) => ({ ...row, everywhere: row.everywhere === 1 }));
  }
}
