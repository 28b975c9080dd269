/**
 * The orders of one ledger in its SQLite database: every statement there is, each named for what it means.
 *
 * Synchronous, as SQLite in a Durable Object is: between two `await`s nothing else runs, and what is written
 * there lands together or not at all. That is what makes the claim a claim.
 */
import type { Position } from "./cursor.ts";
import { DailyCounts, dayOf, type DailyCount } from "./daily-counts.ts";
import { DAY } from "../lib/time.ts";
import { OpenCounts } from "./open-counts.ts";
import type { Customer, HistoryEntry, Order, OrderState, Reason } from "../domain/order.ts";
import { hasArrived, type Change, type OrderRow, type OrderSummary } from "../domain/row.ts";
import { RecentIds } from "./recent.ts";

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
  before: Position | null;
  limit: number;
}

export interface TableOverview {
  /** Orders that somebody or something still has to act on. */
  open: Partial<Record<OrderState, number>>;
  /** Those of them that are held or being sent, by day of arrival. */
  waiting: DailyCount[];
  /** How the others ended, by day of arrival: `DailyCount[]` as JSON. */
  ended: string;
}

export class OrderTable {
  readonly #sql: SqlStorage;
  readonly #daily: DailyCounts;
  readonly #open: OpenCounts;
  readonly #recent = new RecentIds();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#daily = new DailyCounts(sql);
    this.#open = new OpenCounts(sql);
  }

  find(orderId: string): OrderRow | null {
    const [row] = this.#sql.exec<SqlRow>("SELECT * FROM orders WHERE order_id = ?", orderId).toArray();
    if (!row) return null;
    if (hasArrived(row)) this.#recent.add(orderId);
    return fromSql(row);
  }

  /** Whether the order is known to have arrived, without a look at its row; a no means nothing. */
  hasArrivedLately(orderId: string): boolean {
    return this.#recent.has(orderId);
  }

  /** The claim. @returns `false`, and nothing is changed, when the order is already there, whatever became of it */
  insert(row: OrderRow): boolean {
    const { rowsWritten } = this.#sql.exec(
      `INSERT INTO orders (order_id, state, reason, received, updated, due, since, attempts, resends, refunded, history, personal)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      row.orderId,
      row.state,
      row.reason,
      row.received,
      row.updated,
      row.due,
      row.since,
      row.attempts,
      row.resends,
      row.refunded,
      JSON.stringify(row.history),
      row.personal && JSON.stringify(row.personal),
    );
    if (rowsWritten === 0) return false;
    if (hasArrived(row)) this.#recent.add(row.orderId);
    this.#daily.move(null, row);
    this.#open.move(null, row);
    return true;
  }

  /** Applies `change` and adds `entries` to the history. */
  update(row: OrderRow, now: number, change: Change, ...entries: Omit<HistoryEntry, "at">[]): OrderRow {
    const history = shorten([...row.history, ...entries.map((entry) => ({ at: now, ...entry }))]);
    const next = { ...row, ...change, updated: now, history };
    const { personal, ...plain } = change;
    const columns: Record<string, SqlStorageValue> = {
      ...plain,
      updated: now,
      history: JSON.stringify(history),
    };
    if (personal !== undefined) columns["personal"] = personal && JSON.stringify(personal);
    // Only what changes: a column that is set is written to its index again, and billed, even if it stays the same.
    const assignments = Object.keys(columns).map((column) => `${column} = ?`);
    this.#sql.exec(
      `UPDATE orders SET ${assignments.join(", ")} WHERE order_id = ?`,
      ...Object.values(columns),
      row.orderId,
    );
    this.#daily.move(row, next);
    this.#open.move(row, next);
    return next;
  }

  /** Adds `entries` to an order's history and changes nothing else: one row is written. */
  note(orderId: string, entries: HistoryEntry[]): void {
    const row = this.find(orderId);
    if (row === null) return;
    const history = JSON.stringify(shorten([...row.history, ...entries]));
    this.#sql.exec("UPDATE orders SET history = ? WHERE order_id = ?", history, orderId);
  }

  /** Held orders whose time has come, in the order in which they became due, or the other way round. */
  dueOrderIds(now: number, most: number, newestFirst: boolean): string[] {
    return this.#sql
      .exec<{ id: string }>(
        `SELECT order_id AS id FROM orders WHERE due <= ? AND state = 'held'
         ORDER BY due ${newestFirst ? "DESC" : "ASC"} LIMIT ?`,
        now,
        most,
      )
      .toArray()
      .map(({ id }) => id);
  }

  /** Held orders that have been due since before `time` (ms), whether or not they have been tried since. */
  waitingSince(time: number, most: number): string[] {
    return this.#sql
      .exec<{ id: string }>(
        `SELECT order_id AS id FROM orders INDEXED BY orders_due WHERE due < ?1 AND state = 'held'
         UNION SELECT order_id FROM orders INDEXED BY orders_since WHERE since < ?1 AND state = 'held' LIMIT ?2`,
        time,
        most,
      )
      .toArray()
      .map(({ id }) => id);
  }

  /** Since when the order that waits for longest has been due, in ms; `null` when none is due. */
  oldestWait(now: number): number | null {
    return this.#time(
      `SELECT MIN(time) AS time FROM (
         SELECT * FROM (SELECT due AS time FROM orders WHERE due <= ${now} AND state = 'held' ORDER BY due LIMIT 1)
         UNION ALL
         SELECT * FROM (SELECT since AS time FROM orders WHERE since IS NOT NULL AND state = 'held' ORDER BY since LIMIT 1))`,
    );
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
   * Orders that match `filter`, the newest first. Every kind of filter has an index that it can walk along until the
   * page is full: the cost depends on the page, at most on the number of open orders, and not on that of all.
   */
  list({ state, reason, from, to, before, limit }: ListFilter): OrderSummary[] {
    const conditions = ["received BETWEEN ? AND ?"];
    const values: (string | number)[] = [from, before === null ? to : Math.min(to, before.received)];
    let index = "orders_received";
    if (state !== null) {
      const walk = WALKS[state];
      index = walk.index;
      conditions.push("state = ?", ...walk.conditions);
      values.push(state);
    }
    if (reason !== null) {
      index = "orders_reason";
      conditions.push("reason = ?");
      values.push(reason);
    }
    if (before !== null) {
      conditions.push("(received, order_id) < (?, ?)");
      values.push(before.received, before.orderId);
    }
    return this.#sql
      .exec<SqlSummary>(
        // The inner query reads the index alone; only the page's own rows are fetched.
        `SELECT order_id, state, reason, received, updated, due, attempts FROM orders WHERE order_id IN (
           SELECT order_id FROM orders INDEXED BY ${index} WHERE ${conditions.join(" AND ")}
           ORDER BY received DESC, order_id DESC LIMIT ?)
         ORDER BY received DESC, order_id DESC`,
        ...values,
        limit,
      )
      .toArray()
      .map(({ order_id, ...summary }) => ({ orderId: order_id, ...summary }));
  }

  /** Orders that somebody or something still has to act on, by state. */
  countOpen(): Partial<Record<OrderState, number>> {
    const open: Partial<Record<OrderState, number>> = {};
    for (const { state, count } of this.#open.all()) open[state] = (open[state] ?? 0) + count;
    return open;
  }

  /** How many orders were rejected on the day (UTC) of `now` (ms). */
  countRejected(now: number): number {
    return this.#daily.count(dayOf(now), "rejected");
  }

  /** Counts an order that was rejected and is not recorded. */
  addRejected(now: number): void {
    this.#daily.add(dayOf(now), "rejected", 1);
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

  /**
   * What is open, and what became of the orders that were received since `day`: a row for each day and kind.
   */
  overview(day: string): TableOverview {
    const waiting: TableOverview["waiting"] = this.#open
      .all()
      .flatMap((group) =>
        group.day !== null && (group.state === "held" || group.state === "sending")
          ? [{ day: dayOf(group.day * DAY), what: "waiting", count: group.count }]
          : [],
      );
    return { open: this.countOpen(), waiting, ended: this.#daily.since(day) };
  }

  #time(query: string): number | null {
    const [row] = this.#sql.exec<{ time: number | null }>(query).toArray();
    return row?.time ?? null;
  }
}

/** Along which index the orders of a state are found, and what SQLite must be told to see that it may. */
const WALKS: Record<OrderState, { index: string; conditions: string[] }> = {
  held: { index: "orders_due", conditions: ["due IS NOT NULL"] },
  sending: { index: "orders_due", conditions: ["due IS NOT NULL"] },
  // Most orders end here, so the next one is never far along the list of all.
  invited: { index: "orders_received", conditions: [] },
  failed: { index: "orders_state", conditions: ["reason IS NOT NULL"] },
  unknown: { index: "orders_state", conditions: ["reason IS NOT NULL"] },
  cancelled: { index: "orders_state", conditions: ["reason IS NOT NULL"] },
  skipped: { index: "orders_state", conditions: ["reason IS NOT NULL"] },
  rejected: { index: "orders_state", conditions: ["reason IS NOT NULL"] },
};

type SqlSummary = Omit<OrderSummary, "orderId"> & { order_id: string };

type SqlRow = {
  order_id: string;
  state: OrderState;
  reason: Reason | null;
  received: number | null;
  updated: number;
  due: number | null;
  since: number | null;
  attempts: number;
  resends: number;
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
