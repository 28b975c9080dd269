/**
 * Reads and writes the orders of one ledger.
 *
 * Synchronous, as SQLite in a Durable Object is: between two `await`s nothing else runs, and what is written
 * there lands together or not at all. That is what makes the claim a claim.
 */
import type { Database } from "./database.ts";
import { answerCounts, sumCounts, type Counts } from "../domain/answer-counts.ts";
import { MINUTE } from "../lib/time.ts";
import { countAttempts } from "./open-attempts.ts";
import { OrderCounts } from "./order-counts.ts";
import type { HistoryEntry } from "../domain/order.ts";
import { isClaimed, type Change, type OrderRow, OPERATOR_TIME } from "../domain/row.ts";
import { RecentIds } from "./recent-ids.ts";
import { aliasOf } from "../trustpilot/reference-id.ts";
import { fromSql, toSql, type SqlRow } from "./sql-row.ts";

/** A long outage must not make a row grow without end: the first entries and the last ones tell the story. */
const FIRST_ENTRIES = 5;
const LAST_ENTRIES = 25;

/** How often handling an order may throw. */
const MOST_FAULTS = 3;

/** An entry for now: `update` adds the time. */
export type NewEntry = Omit<HistoryEntry, "at">;

export class OrderTable {
  readonly #sql: Database;
  readonly counts: OrderCounts;
  readonly #recent = new RecentIds();

  constructor(sql: Database) {
    this.#sql = sql;
    this.counts = new OrderCounts(sql);
  }

  /** A damaged row is found too, without what cannot be read: to show it. */
  find(orderId: string): OrderRow | null {
    const [row] = this.#sql.exec<SqlRow>("SELECT * FROM orders WHERE order_id = ?", orderId).toArray();
    if (!row) return null;
    if (isClaimed(row)) this.#recent.add(orderId);
    return fromSql(row);
  }

  /** As `find`, to act by what the row says. @throws DamagedRowError */
  findIntact(orderId: string): OrderRow | null {
    const row = this.find(orderId);
    if (row?.damaged) throw new DamagedRowError();
    return row;
  }

  /** True if the order is known to be claimed, without reading its row. False means nothing. */
  isRecentlyClaimed(orderId: string): boolean {
    return this.#recent.has(orderId);
  }

  /** Whether any order was ever recorded. */
  hasOrders(): boolean {
    return this.#sql.exec("SELECT 1 FROM orders LIMIT 1").toArray().length > 0;
  }

  /** The claim. @returns `false`, and nothing is changed, when the order is already there, whatever became of it */
  insert(row: OrderRow): boolean {
    const columns = toSql(row);
    const names = Object.keys(columns);
    const marks = names.map(() => "?").join(", ");
    const statement = `INSERT INTO orders (${names.join(", ")}) VALUES (${marks}) ON CONFLICT DO NOTHING`;
    const isNew = this.#sql.writeNew(() =>
      this.#write(null, row, {}, () => this.#sql.exec(statement, ...Object.values(columns)).rowsWritten > 0),
    );
    if (isNew && isClaimed(row)) this.#recent.add(row.orderId);
    return isNew;
  }

  /** Applies `change` and adds `entries` to the history. */
  update(row: OrderRow, now: number, change: Change, ...entries: NewEntry[]): OrderRow {
    const history = shorten([...row.history, ...entries.map((entry) => ({ at: now, ...entry }))]);
    const { damaged: _, ...before } = row;
    // Only what changes: a column that is set is written to its index again, and billed, even if it stays the same.
    const changed = { ...change, updated: now, history };
    const next = { ...before, ...changed };
    this.#set(row, next, changed, sumCounts([countAttempts(row.history), ...entries.map(answerCounts)]));
    return next;
  }

  /** Writes a row as it is, with its own times: for what comes from another ledger. @param before as it is now */
  replace(before: OrderRow | null, row: OrderRow): void {
    const { orderId: _, ...changed } = row;
    if (before === null) this.insert(row);
    else this.#set(before, row, changed);
  }

  #set(before: OrderRow, after: OrderRow, changed: Partial<OrderRow>, attempts: Counts = {}): void {
    const columns = { ...toSql(changed), faults: 0 };
    const assignments = Object.keys(columns).map((column) => `${column} = ?`);
    this.#write(before, after, attempts, () => {
      const statement = `UPDATE orders SET ${assignments.join(", ")} WHERE order_id = ?`;
      this.#sql.exec(statement, ...Object.values(columns), after.orderId);
      return true;
    });
  }

  /** Writes a row and what follows from it, together or not at all: a fault in between must not leave wrong counts. */
  #write(before: OrderRow | null, after: OrderRow, attempts: Counts, write: () => boolean): boolean {
    const isWritten = this.#sql.transaction(() => {
      if (!write()) return false;
      if (before === null || before.sentOrderId !== after.sentOrderId) this.#addAlias(after);
      this.counts.store(before, after, attempts);
      return true;
    });
    if (isWritten) this.counts.follow(before, after);
    return isWritten;
  }

  /** So that it is found by the reference that Trustpilot has. */
  #addAlias({ orderId, sentOrderId }: OrderRow): void {
    const alias = aliasOf(orderId, sentOrderId);
    if (alias !== null) this.#sql.exec("INSERT OR IGNORE INTO aliases VALUES (?, ?)", alias, orderId);
  }

  /** Adds `entries` to an order's history and changes nothing else: one row is written. */
  note(orderId: string, entries: HistoryEntry[]): void {
    const row = this.find(orderId);
    if (row === null || row.damaged) return;
    const history = JSON.stringify(shorten([...row.history, ...entries]));
    this.#sql.exec("UPDATE orders SET history = ? WHERE order_id = ?", history, orderId);
  }

  /**
   * Notes that handling an order threw, as a damaged row does. It is tried again in a minute, and ends with the third
   * time: `unknown` if its request may be out, else `failed`.
   *
   * @returns whether it has ended
   */
  noteFault(orderId: string, now: number): boolean {
    const row = this.find(orderId);
    // One that threw with its lease: that decides when it ends.
    if (row?.due == null || row.due > now) return false;
    const counting = "UPDATE orders SET faults = faults + 1 WHERE order_id = ? RETURNING faults";
    const { faults } = this.#sql.exec<{ faults: number }>(counting, orderId).one();
    if (faults < MOST_FAULTS) {
      const later = { ...row, due: now + MINUTE, since: row.since ?? row.due };
      this.#write(row, later, {}, () => {
        const statement = "UPDATE orders SET due = ?, since = ? WHERE order_id = ?";
        this.#sql.exec(statement, later.due, later.since, orderId);
        return true;
      });
      return false;
    }
    const isOver = row.state !== "held" && row.state !== "sending";
    const end: Change = isOver
      ? { due: null, personal: null }
      : { state: row.state === "held" ? "failed" : "unknown", due: now + OPERATOR_TIME, personal: null };
    const state = end.state ?? row.state;
    this.update(row, now, { ...end, reason: "damaged" }, { what: state, reason: "damaged" });
    return true;
  }
}

class DamagedRowError extends Error {
  override name = "DamagedRowError";
}

function shorten(history: HistoryEntry[]): HistoryEntry[] {
  return history.length <= FIRST_ENTRIES + LAST_ENTRIES
    ? history
    : [...history.slice(0, FIRST_ENTRIES), ...history.slice(-LAST_ENTRIES)];
}
