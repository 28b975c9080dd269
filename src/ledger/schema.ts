/**
 * The tables of a ledger, and how an older ledger becomes a newer one. docs/storage.md says what each column is for,
 * what must never change, and how to add an index to a full ledger.
 *
 * Migrations only ever append: a step that has run on any ledger is history. Each runs once, in order, in one
 * transaction with the version that it reaches.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE orders (
     order_id  TEXT PRIMARY KEY,
     sent_order_id TEXT,
     state     TEXT NOT NULL,
     reason    TEXT,
     received  INTEGER,
     updated   INTEGER NOT NULL,
     due       INTEGER,
     since     INTEGER,
     attempts  INTEGER NOT NULL DEFAULT 0,
     resends   INTEGER NOT NULL DEFAULT 0,
     faults    INTEGER NOT NULL DEFAULT 0,
     refunds   TEXT,
     noted_for TEXT,
     erased    INTEGER,
     history   TEXT NOT NULL DEFAULT '[]',
     personal  TEXT
   ) WITHOUT ROWID;

   -- What waits, and apart from it what is out or can still be acted on: neither is read past to find the other.
   CREATE INDEX orders_held ON orders (due, order_id, received, since) WHERE state = 'held';
   CREATE INDEX orders_open ON orders (due, order_id, state, received) WHERE due IS NOT NULL AND state <> 'held';
   CREATE INDEX orders_since ON orders (since) WHERE since IS NOT NULL AND state = 'held';

   -- For the status page: the latest orders, and those that did not end as invited. An order that is invited without
   -- a fault is in neither of the last two and costs no further row.
   CREATE INDEX orders_received ON orders (received) WHERE received IS NOT NULL;
   CREATE INDEX orders_state ON orders (state, received) WHERE reason IS NOT NULL;
   CREATE INDEX orders_reason ON orders (reason, received, state) WHERE reason IS NOT NULL;
   -- Orders that Trustpilot knows under another id than their own: most have none, and cost no row.
   CREATE TABLE aliases (
     alias    TEXT NOT NULL,
     order_id TEXT NOT NULL,
     PRIMARY KEY (alias, order_id)
   ) WITHOUT ROWID;

   -- Empty without FIND_BY_EMAIL.
   CREATE TABLE customers (
     hash     TEXT NOT NULL,
     received INTEGER NOT NULL,
     order_id TEXT NOT NULL,
     other    TEXT,
     PRIMARY KEY (hash, received, order_id)
   ) WITHOUT ROWID;

   -- Empty without TRUSTPILOT_REVIEWS_SECRET.
   CREATE TABLE reviews (
     id       TEXT PRIMARY KEY,
     order_id TEXT NOT NULL,
     stars    INTEGER,
     language TEXT,
     at       INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX reviews_order ON reviews (order_id, at);

   CREATE TABLE daily (
     day    TEXT PRIMARY KEY,
     counts TEXT NOT NULL
   ) WITHOUT ROWID;

   -- Customers whose deletion is under way.
   CREATE TABLE deletions (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, customers TEXT NOT NULL);
   -- Their addresses (or hashes of them) that the deletion did not name, until all other places know of them.
   CREATE TABLE addresses (
     address    TEXT NOT NULL,
     everywhere INTEGER NOT NULL,
     at         INTEGER NOT NULL,
     PRIMARY KEY (address, everywhere)
   ) WITHOUT ROWID;
   -- Space that is kept for deliveries.
   CREATE TABLE reserve (space BLOB NOT NULL);
   ${["orders", "aliases", "customers", "reviews", "daily", "deletions", "addresses", "reserve"].map(guardsOf).join("")}`,
];

/**
 * Triggers that never fire. A statement on a table that has one keeps a journal of its own, so that a full disk undoes
 * that statement and not the whole transaction: see database.ts. Every table needs them.
 */
function guardsOf(table: string): string {
  return ["INSERT", "UPDATE", "DELETE"]
    .map(
      (write) => `CREATE TRIGGER ${table}_${write} BEFORE ${write} ON ${table} WHEN false
         BEGIN SELECT RAISE(ABORT, ''); END;`,
    )
    .join("");
}

/**
 * @param migrations all steps there are, the ones that have run included
 * @throws when the ledger was written by a newer version: an older one must not guess what its columns mean
 */
export function migrate(storage: DurableObjectStorage, migrations: readonly string[] = MIGRATIONS): void {
  const version = storage.kv.get<number>("schema") ?? 0;
  if (version > migrations.length) throw new NewerSchemaError(version, migrations.length);
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    storage.transactionSync(() => {
      storage.sql.exec(step);
      storage.kv.put("schema", index + 1);
    });
  }
}

class NewerSchemaError extends Error {
  override name = "NewerSchemaError";
  constructor(version: number, known: number) {
    super(`The ledger has schema ${version}, this version knows ${known}: deploy the newer version again.`);
  }
}
