/**
 * The SQLite database of one ledger, in which a write that fails on a full disk does no harm.
 *
 * Space is reserved for deliveries. The first write that fails, whatever it is, frees the reserve and is tried again,
 * and until the reserve can be taken back nothing is added: the orders that wait are still sent, and each that ends
 * gives space back. Keys beside the tables (docs/storage.md) need none: all of them fit into their one page.
 *
 * On a full disk SQLite rolls back the whole transaction, and the runtime then throws the object away with the requests
 * it has out, unless the statement keeps a journal of its own. `guardsOf` in schema.ts sees to that.
 *
 * @see https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
 */
import { LedgerClosedError } from "../domain/ledger-closed.ts";

export class Database {
  readonly #storage: DurableObjectStorage;
  #isReserved: boolean;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#isReserved = this.#reserve();
  }

  /** As `SqlStorage.exec`. @throws LedgerFullError when even the reserve is used up; the transaction stays as it was */
  exec<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...bindings: SqlStorageValue[]
  ): SqlStorageCursor<Row> {
    const { sql } = this.#storage;
    try {
      return sql.exec<Row>(query, ...bindings);
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#isReserved = false;
      const freed = sql.exec("DELETE FROM reserve").rowsWritten;
      if (freed === 0) throw new LedgerFullError();
      return this.exec<Row>(query, ...bindings);
    }
  }

  /** Runs a `write` that adds something. @throws LedgerFullError when what is left is for deliveries */
  writeNew<Result>(write: () => Result): Result {
    this.#isReserved ||= this.#reserve();
    if (!this.#isReserved) throw new LedgerFullError();
    return write();
  }

  /** Together or not at all. */
  transaction<Result>(work: () => Result): Result {
    return this.#storage.transactionSync(work);
  }

  /** What is in use, and whether there is no space left for new orders. */
  get size(): { bytes: number; full: boolean } {
    return { bytes: this.#storage.sql.databaseSize, full: !this.#isReserved };
  }

  #reserve(): boolean {
    try {
      const take = "INSERT INTO reserve SELECT zeroblob(?) WHERE NOT EXISTS (SELECT 1 FROM reserve)";
      this.#storage.sql.exec(take, RESERVED_BYTES);
      return true;
    } catch (error) {
      if (!isFull(error)) throw error;
      return false;
    }
  }
}

const RESERVED_BYTES = 128 * 1024;

function isFull(error: unknown): boolean {
  return String(error).includes("SQLITE_FULL");
}

class LedgerFullError extends LedgerClosedError {
  constructor() {
    super("It is full: what waits is still sent, but nothing new is recorded. See docs/storage.md.");
  }
}
