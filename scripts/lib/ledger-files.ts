/**
 * What the ledgers hold, read from their SQLite files under the Worker's storage folder.
 *
 * Asking the Ledger itself would wake it, and waking it sets a lost alarm again: that would hide a broken alarm.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface StoredOrder {
  orderId: string;
  state: string;
  reason: string | null;
  attempts: number;
  /** When the ledger has to act, ms since 1970. */
  due: number | null;
  /** 1 while the row holds personal data. */
  personal: 0 | 1;
}

/** Every row of every ledger under `persist`. @throws while a ledger is being recovered after a crash: ask again */
export function readLedgers(persist: string): StoredOrder[] {
  const files = globSync(join(persist, "do/worker-Ledger/*.sqlite")).filter(
    (file) => !file.endsWith("metadata.sqlite"),
  );
  return files.flatMap((file) => {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      return database
        .prepare(
          `SELECT order_id AS orderId, state, reason, attempts, due, personal IS NOT NULL AS personal FROM orders`,
        )
        .all() as unknown as StoredOrder[];
    } finally {
      database.close();
    }
  });
}
