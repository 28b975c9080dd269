/**
 * Space that is kept for deliveries. When the disk is full, the first refused insert frees it, and until it can be
 * taken back nothing new is recorded: the orders that wait are still sent, and each that ends gives space back.
 *
 * An insert must fail without harm. A plain `INSERT … VALUES` on a full disk rolls back the whole transaction, and the
 * runtime then throws the object away together with the requests it has out. An `INSERT … SELECT` keeps a statement
 * journal, so that only the statement itself is undone.
 *
 * @see https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
 */
import { LedgerRefusal } from "../domain/ledger-refusal.ts";

export class Reserve {
  readonly #sql: SqlStorage;
  #isHeld: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#isHeld = sql.exec("SELECT 1 FROM reserve LIMIT 1").toArray().length > 0 || this.#take();
  }

  /** Runs an insert of something new. @throws LedgerFullError when there is no space for it */
  insert<Result>(insert: () => Result): Result {
    this.#isHeld ||= this.#take();
    if (!this.#isHeld) throw new LedgerFullError();
    try {
      return insert();
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#sql.exec("DELETE FROM reserve");
      this.#isHeld = false;
      throw new LedgerFullError();
    }
  }

  /** Whether there is no space left for new orders. */
  get isFull(): boolean {
    return !this.#isHeld;
  }

  #take(): boolean {
    try {
      this.#sql.exec("INSERT INTO reserve SELECT zeroblob(?) WHERE true", RESERVED_BYTES);
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

class LedgerFullError extends LedgerRefusal {
  constructor() {
    super("It is full: what waits is still sent, but nothing new is recorded. See docs/storage.md.");
  }
}
