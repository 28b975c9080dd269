/**
 * The orders of one ledger in its SQLite database: every statement there is, each named for what it means.
 *
 * Synchronous, as SQLite in a Durable Object is: between two `await`s nothing else runs, and what is written
 * there lands together or not at all. That is what makes the claim a claim.
 */
import type { Customer, Order, OrderState, Reason } from "./order.ts";

/** One row. Times in ms since 1970. */
export interface OrderRow {
  orderId: string;
  state: OrderState;
  reason: Reason | null;
  /** `null` for an order that was cancelled before it arrived. */
  received: number | null;
  updated: number;
  /** When the alarm has to look at the row again; `null` when never. */
  due: number | null;
  attempts: number;
  /** What was refunded before the order arrived, in the order's currency; `null` for all of it. */
  refunded: number | null;
  history: HistoryEntry[];
  personal: Order | null;
}

/** One line of an order's life: what happened, with Trustpilot's status and the time it took. */
export interface HistoryEntry {
  at: number;
  what: "received" | "attempt" | OrderState;
  reason?: Reason;
  status?: number | null;
  milliseconds?: number;
}

/** A long outage must not make a row grow without end: the first entries and the last ones tell the story. */
const FIRST_ENTRIES = 5;
const LAST_ENTRIES = 25;

export type Change = Partial<Omit<OrderRow, "orderId" | "updated" | "history">>;

export class OrderTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(orderId: string): OrderRow | null {
    const [row] = this.#sql.exec<SqlRow>("SELECT * FROM orders WHERE order_id = ?", orderId).toArray();
    return row ? fromSql(row) : null;
  }

  /** The claim: `false` when the order is already there, whatever became of it. */
  insert(row: OrderRow): boolean {
    const cursor = this.#sql.exec(
      `INSERT INTO orders (order_id, state, reason, received, updated, due, attempts, refunded, history, personal)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO NOTHING`,
      row.orderId,
      row.state,
      row.reason,
      row.received,
      row.updated,
      row.due,
      row.attempts,
      row.refunded,
      JSON.stringify(row.history),
      row.personal && JSON.stringify(row.personal),
    );
    return cursor.rowsWritten > 0;
  }

  /** Applies `change` and adds `entries` to the history. */
  update(row: OrderRow, now: number, change: Change, ...entries: Omit<HistoryEntry, "at">[]): OrderRow {
    const history = shorten([...row.history, ...entries.map((entry) => ({ at: now, ...entry }))]);
    const next = { ...row, ...change, updated: now, history };
    this.#sql.exec(
      `UPDATE orders SET state = ?, reason = ?, received = ?, updated = ?, due = ?, attempts = ?, refunded = ?,
         history = ?, personal = ? WHERE order_id = ?`,
      next.state,
      next.reason,
      next.received,
      next.updated,
      next.due,
      next.attempts,
      next.refunded,
      JSON.stringify(next.history),
      next.personal && JSON.stringify(next.personal),
      next.orderId,
    );
    return next;
  }

  /** Held orders whose time has come, the one that has waited for longest first. */
  dueOrderIds(now: number, most: number): string[] {
    return this.#sql
      .exec<{ id: string }>(
        "SELECT order_id AS id FROM orders WHERE due <= ? AND state = 'held' ORDER BY due LIMIT ?",
        now,
        most,
      )
      .toArray()
      .map(({ id }) => id);
  }

  /** Rows that are not held and whose time has come: leases that ended, data to erase. */
  overdue(now: number): OrderRow[] {
    return this.#sql
      .exec<SqlRow>("SELECT * FROM orders WHERE due <= ? AND state <> 'held' LIMIT 100", now)
      .toArray()
      .map(fromSql);
  }

  /** The next time at which any row needs the alarm. @param heldFrom held orders do not count before this time */
  nextWake(heldFrom: number | null): number | null {
    if (heldFrom === null) return this.#time("SELECT MIN(due) AS time FROM orders WHERE due IS NOT NULL");
    const others = this.#time(
      "SELECT due AS time FROM orders WHERE due IS NOT NULL AND state <> 'held' ORDER BY due LIMIT 1",
    );
    const held = this.#time(
      "SELECT due AS time FROM orders WHERE due IS NOT NULL AND state = 'held' ORDER BY due LIMIT 1",
    );
    if (held === null || heldFrom === Infinity) return others;
    return Math.min(others ?? Infinity, Math.max(held, heldFrom));
  }

  /** Orders of `customer` that still hold personal data. */
  ofCustomer(customer: Customer): OrderRow[] {
    return this.#sql
      .exec<SqlRow>(
        `SELECT * FROM orders WHERE due IS NOT NULL AND personal IS NOT NULL AND (
           personal ->> '$.customer.userId' = ?1 OR
           personal ->> '$.customer.anonymousId' = ?2 OR
           lower(personal ->> '$.email') = ?3)`,
        customer.userId ?? null,
        customer.anonymousId ?? null,
        customer.email?.toLowerCase() ?? null,
      )
      .toArray()
      .map(fromSql);
  }

  /** How many orders wait, are out, failed or unknown: those that somebody may still act on. */
  countOpen(): Partial<Record<OrderState, number>> {
    const rows = this.#sql
      .exec<{ state: OrderState; count: number }>(
        "SELECT state, COUNT(*) AS count FROM orders WHERE due IS NOT NULL GROUP BY state",
      )
      .toArray();
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  #time(query: string): number | null {
    const [row] = this.#sql.exec<{ time: number | null }>(query).toArray();
    return row?.time ?? null;
  }
}

type SqlRow = {
  order_id: string;
  state: OrderState;
  reason: Reason | null;
  received: number | null;
  updated: number;
  due: number | null;
  attempts: number;
  refunded: number | null;
  history: string;
  personal: string | null;
};

function fromSql({ order_id, history, personal, ...row }: SqlRow): OrderRow {
  return {
    orderId: order_id,
    ...row,
    history: JSON.parse(history) as HistoryEntry[],
    personal: personal === null ? null : (JSON.parse(personal) as Order),
  };
}

function shorten(history: HistoryEntry[]): HistoryEntry[] {
  return history.length <= FIRST_ENTRIES + LAST_ENTRIES
    ? history
    : [...history.slice(0, FIRST_ENTRIES), ...history.slice(-LAST_ENTRIES)];
}
