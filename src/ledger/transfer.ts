/**
 * A ledger's part in backups and moves: reads its table page by page, and merges records of other ledgers into it.
 * Everything may be repeated. Nothing here is on the way of an order.
 */
import { RpcTarget } from "cloudflare:workers";
import { arrive, merge, type Merged, type PortableOrder } from "../domain/merge.ts";
import type { StoredReview } from "../domain/review.ts";
import type { Order } from "../domain/order.ts";
import { originOf } from "../bindings/origin.ts";
import { OPERATOR_TIME, type OrderRow } from "../domain/row.ts";
import { DAY } from "../lib/time.ts";
import type { Database } from "./database.ts";
import { DailyCounts, type MovedCount } from "./daily-counts.ts";
import type { CustomerDeletions } from "./customer-deletions.ts";
import type { Reviews } from "./reviews.ts";
import type { SendGate } from "./send-gate.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import type { OrderTable } from "./table.ts";

/** Lines of a backup (docs/storage.md), joined by line breaks, and where the next page begins. */
interface Page {
  lines: string;
  next: string | null;
}

/** What an order needs to be sent, from the file of personal data. */
interface Personal {
  /** When it may go out, in ms. */
  due: number | null;
  order: Order;
}

interface LedgerState {
  fenced: boolean;
  paused: boolean;
  /** Orders whose request is out. */
  sending: number;
  /** Orders ever heard of. */
  orders: number;
}

/** Without who acted, who may be a person by name: few entries have it, and taking it out is slow. */
const HISTORY = `CASE WHEN NOT json_valid(history) THEN '[]' WHEN history NOT LIKE '%"by":%' THEN history
  ELSE (SELECT json_group_array(json_remove(value, '$.by')) FROM json_each(history)) END`;
/** Rows in one page: a few hundred KB. */
const PAGE = 2_000;
/** How long an order without its data waits for Segment to send it again. */
const WAIT_FOR_DATA = 30 * DAY;

export class Transfer extends RpcTarget {
  readonly #table: OrderTable;
  readonly #reviews: Reviews;
  readonly #gate: SendGate;
  readonly #deletions: CustomerDeletions;
  readonly #sql: Database;
  readonly #kv: SyncKvStorage;
  readonly #daily: DailyCounts;
  readonly #alarm: AlarmClock;

  constructor(
    table: OrderTable,
    reviews: Reviews,
    gate: SendGate,
    deletions: CustomerDeletions,
    sql: Database,
    kv: SyncKvStorage,
    alarm: AlarmClock,
  ) {
    super();
    this.#table = table;
    this.#reviews = reviews;
    this.#gate = gate;
    this.#deletions = deletions;
    this.#sql = sql;
    this.#kv = kv;
    this.#daily = new DailyCounts(sql);
    this.#alarm = alarm;
  }

  state(): LedgerState {
    const pauses = this.#gate.pauses(Date.now());
    return {
      fenced: pauses.some(({ kind }) => kind === "fenced"),
      paused: pauses.length > 0,
      sending: this.#table.counts.open().sending ?? 0,
      orders: this.#sql.exec<{ orders: number }>("SELECT COUNT(*) AS orders FROM orders").one().orders,
    };
  }

  /** @returns how many requests are still out */
  async setFence(up: boolean): Promise<number> {
    if (up) this.#gate.hold({ kind: "fenced", since: Date.now() });
    else this.#gate.unfence();
    await this.#alarm.arm();
    return this.#table.counts.open().sending ?? 0;
  }

  /** Every order after `after`, ascending by its bytes: SQLite writes the lines, which is what makes it fast. */
  orders(shop: string | null, after: string | null): Page {
    // A backup must not hold what a customer has asked to be deleted; the caller tries again.
    if (this.#deletions.isPending) throw new Error("Deletions are being carried out");
    return this.#page(
      `SELECT order_id AS id, json_object('kind', 'order', 'shop', ?1, 'orderId', order_id, 'sentOrderId', sent_order_id,
         'state', state, 'reason', reason, 'received', received, 'updated', updated, 'attempts', attempts,
         'resends', resends, 'refunds', json(refunds), 'notedFor', json(noted_for), 'erased', erased,
         'reviews', json((SELECT nullif(json_group_array(json_object('id', id, 'stars', stars, 'language', language, 'at', at)), '[]')
           FROM reviews WHERE reviews.order_id = orders.order_id)),
         'history', json(${HISTORY})) AS line
       FROM orders WHERE order_id > ?2 ORDER BY order_id LIMIT ${PAGE}`,
      shop,
      after,
    );
  }

  /** What no order tells: see `DailyCounts`. */
  counts(shop: string | null): Page {
    const lines = this.#daily.moved(originOf(this.#kv));
    return {
      lines: lines.map((line) => JSON.stringify({ kind: "count", shop, ...line })).join("\n"),
      next: null,
    };
  }

  /** What open orders need to be sent. */
  personal(shop: string | null, after: string | null): Page {
    return this.#page(
      `SELECT order_id AS id, json_object('kind', 'personal', 'shop', ?1, 'due', iif(state = 'held', due, NULL),
         'order', json(personal)) AS line
       FROM orders WHERE order_id > ?2 AND due IS NOT NULL AND personal IS NOT NULL AND json_valid(personal)
       ORDER BY order_id LIMIT ${PAGE}`,
      shop,
      after,
    );
  }

  /** Sends nothing until an operator resumes. @returns how many requests are still out */
  beginImport(): number {
    this.#gate.hold({ kind: "imported", reconcile: [], lacksAudiences: false, since: Date.now() });
    return this.#table.counts.open().sending ?? 0;
  }

  endImport(found: { reconcile: string[]; lacksAudiences: boolean }): void {
    this.#gate.hold({ kind: "imported", ...found, since: Date.now() });
  }

  absorbCounts(counts: MovedCount[]): void {
    this.#daily.absorb(counts, originOf(this.#kv));
  }

  /** @param write `false` to count only @param fenced whether the records come from a fenced Worker */
  merge(
    records: (PortableOrder & { reviews?: StoredReview[] | null })[],
    fenced: boolean,
    write: boolean,
  ): Merged {
    const now = Date.now();
    const merged: Merged = { added: 0, advanced: 0, unchanged: 0 };
    for (const { reviews, ...record } of records) {
      const arrived = arrive(record, fenced);
      const row = this.#table.find(arrived.orderId);
      const own = row && portable(row);
      const result = own === null ? arrived : merge(own, arrived);
      if (own !== null && isSame(own, result)) {
        merged.unchanged += 1;
      } else {
        merged[row === null ? "added" : "advanced"] += 1;
        // This ledger goes on knowing who acted.
        const history = result.history === own?.history ? row!.history : result.history;
        if (write) this.#table.replace(row, { ...asRow(result, row, now), history });
      }
      if (write) reviews?.forEach((review) => this.#reviews.absorb(record.orderId, review));
    }
    return merged;
  }

  /** Gives orders that arrived without it what they need to be sent. Others are left alone. */
  restore(items: Personal[]): void {
    const now = Date.now();
    for (const { due, order } of items) {
      const row = this.#table.find(order.orderId);
      if (row === null || row.personal !== null || row.erased !== null || row.received === null) continue;
      if (row.state === "held") this.#table.replace(row, { ...row, personal: order, due: due ?? now });
      if (row.state === "failed" || row.state === "unknown") {
        this.#table.replace(row, { ...row, personal: order, due: now + OPERATOR_TIME });
      }
    }
  }

  #page(query: string, shop: string | null, after: string | null): Page {
    const rows = this.#sql.exec<{ id: string; line: string }>(query, shop, after ?? "").toArray();
    const next = rows.length < PAGE ? null : rows.at(-1)!.id;
    return { lines: rows.map(({ line }) => line).join("\n"), next };
  }
}

function portable(row: OrderRow): PortableOrder {
  const { personal: _personal, due: _due, since: _since, damaged: _damaged, ...record } = row;
  return { ...record, history: row.history.map(({ by: _by, ...entry }) => entry) };
}

/** The merged record as a row here: what this ledger knows beside it stays as far as the state allows. */
function asRow(record: PortableOrder, before: OrderRow | null, now: number): OrderRow {
  const personal = record.erased !== null ? null : (before?.personal ?? null);
  switch (record.state) {
    case "held":
      return {
        ...record,
        since: null,
        personal,
        due: personal === null ? now + WAIT_FOR_DATA : (before?.due ?? now),
      };
    case "failed":
    case "unknown":
      return { ...record, since: null, personal, due: personal === null ? null : now + OPERATOR_TIME };
    case "sending":
    case "invited":
    case "cancelled":
    case "skipped":
    case "rejected":
      return { ...record, since: null, personal: null, due: null };
  }
}

function isSame(a: PortableOrder, b: PortableOrder): boolean {
  return merge(a, b) === a && a.erased === b.erased;
}
