/**
 * The orders of one ledger in its SQLite database: every statement there is, each named for what it means.
 *
 * Synchronous, as SQLite in a Durable Object is: between two `await`s nothing else runs, and what is written
 * there lands together or not at all. That is what makes the claim a claim.
 */
import { DailyCounts, type DailyCount } from "./daily-counts.ts";
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
  what: "received" | "duplicate" | "attempt" | OrderState;
  reason?: Reason;
  status?: number | null;
  milliseconds?: number;
}

/** A long outage must not make a row grow without end: the first entries and the last ones tell the story. */
const FIRST_ENTRIES = 5;
const LAST_ENTRIES = 25;

export interface ListFilter {
  state: OrderState | null;
  reason: Reason | null;
  /** Received in this span, in ms, both ends included. */
  from: number;
  to: number;
  /** The last order of the page before; the next one begins after it. */
  before: { received: number; orderId: string } | null;
  limit: number;
}

export type Change = Partial<Omit<OrderRow, "orderId" | "updated" | "history">>;

export class OrderTable {
  readonly #sql: SqlStorage;
  readonly #daily: DailyCounts;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#daily = new DailyCounts(sql);
  }

  find(orderId: string): OrderRow | null {
    const [row] = this.#sql.exec<SqlRow>("SELECT * FROM orders WHERE order_id = ?", orderId).toArray();
    return row ? fromSql(row) : null;
  }

  /** The claim. @throws when the order is already there, whatever became of it */
  insert(row: OrderRow): void {
    this.#sql.exec(
      `INSERT INTO orders (order_id, state, reason, received, updated, due, attempts, refunded, history, personal)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    this.#daily.move(null, row);
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
    this.#daily.move(row, next);
    return next;
  }

  /** Adds `entries` to an order's history and changes nothing else: one row is written. */
  note(orderId: string, entries: HistoryEntry[]): void {
    const row = this.find(orderId);
    if (row === null) return;
    const history = JSON.stringify(shorten([...row.history, ...entries]));
    this.#sql.exec("UPDATE orders SET history = ? WHERE order_id = ?", history, orderId);
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

  /** Orders that are not held and whose time has come: leases that ended, data to erase. */
  overdueOrderIds(now: number, most: number): string[] {
    return this.#sql
      .exec<{ id: string }>(
        "SELECT order_id AS id FROM orders WHERE due <= ? AND state <> 'held' LIMIT ?",
        now,
        most,
      )
      .toArray()
      .map(({ id }) => id);
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
    if (held === null) return others;
    return Math.min(others ?? Infinity, Math.max(held, heldFrom));
  }

  /** Failed orders that were received in a span of time (ms) and can still be sent again. */
  failed(from: number, to: number): OrderRow[] {
    return this.#sql
      .exec<SqlRow>(
        "SELECT * FROM orders WHERE due IS NOT NULL AND state = 'failed' AND received BETWEEN ? AND ?",
        from,
        to,
      )
      .toArray()
      .map(fromSql);
  }

  /** Orders of `customer` that still hold personal data. Compared here: SQLite's `lower` knows only ASCII. */
  ofCustomer({ userId, anonymousId, email }: Customer): OrderRow[] {
    const address = email?.toLowerCase();
    const rows = this.#sql.exec<SqlRow>(
      "SELECT * FROM orders WHERE due IS NOT NULL AND personal IS NOT NULL",
    );
    return [...rows].map(fromSql).filter(({ personal }) => {
      if (personal === null) return false;
      const { customer } = personal;
      if (userId !== undefined && customer.userId === userId) return true;
      if (anonymousId !== undefined && customer.anonymousId === anonymousId) return true;
      return address !== undefined && personal.email.toLowerCase() === address;
    });
  }

  /**
   * Orders that match `filter`, the newest first. Walks the index on `received` and stops at `filter.limit`, so the
   * cost depends on the page and not on the number of orders, unless almost none of them match.
   */
  list(filter: ListFilter): OrderRow[] {
    return this.#sql
      .exec<SqlRow>(
        `SELECT * FROM orders WHERE received BETWEEN ?1 AND ?2
           AND (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR reason = ?4)
           AND (?5 IS NULL OR received < ?5 OR (received = ?5 AND order_id < ?6))
         ORDER BY received DESC, order_id DESC LIMIT ?7`,
        filter.from,
        filter.before === null ? filter.to : Math.min(filter.to, filter.before.received),
        filter.state,
        filter.reason,
        filter.before?.received ?? null,
        filter.before?.orderId ?? null,
        filter.limit,
      )
      .toArray()
      .map(fromSql);
  }

  /** Orders that somebody or something still has to act on, by state. */
  countOpen(): Partial<Record<OrderState, number>> {
    const rows = this.#sql
      .exec<{ state: OrderState; count: number }>(
        "SELECT state, COUNT(*) AS count FROM orders WHERE due IS NOT NULL GROUP BY state",
      )
      .toArray();
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  /** Held orders whose time has come. */
  countDue(now: number): number {
    return this.#sql
      .exec<{ count: number }>("SELECT COUNT(*) AS count FROM orders WHERE due <= ? AND state = 'held'", now)
      .one().count;
  }

  /** Orders that need the operator and keep their data until `due` (ms) or longer: the ones that ended lately. */
  countStranded(due: number): { failed: number; unknown: number } {
    return this.#sql
      .exec<{ failed: number; unknown: number }>(
        `SELECT COUNT(*) FILTER (WHERE state = 'failed') AS failed,
           COUNT(*) FILTER (WHERE state = 'unknown') AS unknown FROM orders WHERE due >= ?`,
        due,
      )
      .one();
  }

  /** By day of arrival since `day`, what became of the orders; `waiting` are those that are held or being sent. */
  countDaily(day: string): DailyCount[] {
    const waiting = this.#sql
      .exec<DailyCount>(
        `SELECT date(received / 1000, 'unixepoch') AS day, 'waiting' AS what, COUNT(*) AS count FROM orders
         WHERE due IS NOT NULL AND state IN ('held', 'sending') GROUP BY day HAVING day >= ?`,
        day,
      )
      .toArray();
    return [...this.#daily.since(day), ...waiting];
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
