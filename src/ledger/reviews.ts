/**
 * Reviews of this ledger's orders. Every event may come again, and late: a review that exists is not created twice,
 * and one that was deleted stays so. A deleted review keeps its id and its time, and nothing else.
 *
 * They are counted by the day's row: `reviewed` on the day of arrival of the order, `stars:5` on the review's own day.
 */
import type { OrderState } from "../domain/order.ts";
import type { Review, ReviewEvent, StoredReview } from "../domain/review.ts";
import { aliasOf } from "../trustpilot/reference-id.ts";
import type { Database } from "./database.ts";
import { dayOf } from "./daily-counts.ts";
import type { OrderTable } from "./table.ts";

/** An order that goes by a reference. */
export interface NamedOrder {
  orderId: string;
  state: OrderState;
}

type Stored = StoredReview & { order_id: string };

export class Reviews {
  readonly #sql: Database;
  readonly #table: OrderTable;

  constructor(sql: Database, table: OrderTable) {
    this.#sql = sql;
    this.#table = table;
  }

  /** The orders that Trustpilot knows under `reference`, in the form of an identity. */
  referred(reference: string): NamedOrder[] {
    return this.#sql
      .exec<{ order_id: string; sent_order_id: string | null; state: OrderState }>(
        `SELECT order_id, sent_order_id, state FROM orders
         WHERE order_id IN (SELECT ?1 UNION SELECT order_id FROM aliases WHERE alias = ?1)`,
        reference,
      )
      .toArray()
      .filter((row) => (aliasOf(row.order_id, row.sent_order_id) ?? row.order_id) === reference)
      .map(({ order_id, state }) => ({ orderId: order_id, state }));
  }

  /** The latest first. */
  of(orderId: string): Review[] {
    return this.#sql
      .exec<Stored & { stars: number }>(
        `SELECT id, stars, language, at FROM reviews INDEXED BY reviews_order
         WHERE order_id = ? AND stars IS NOT NULL ORDER BY at DESC LIMIT 20`,
        orderId,
      )
      .toArray();
  }

  /** @param orderId `null` to find it by the review @returns whether the review is one of this ledger's orders */
  apply(event: ReviewEvent, orderId: string | null, now: number): boolean {
    const id = event.kind === "deleted" ? event.id : event.review.id;
    const known = this.#find(id);
    const owner = known?.order_id ?? orderId;
    if (owner === null) return false;
    const isOld = known !== undefined && (event.kind === "created" || known.stars === null);
    if (isOld) return true;
    const deleted = { id, stars: null, language: null, at: known?.at ?? now };
    this.#replace(owner, known, event.kind === "deleted" ? deleted : event.review);
    return true;
  }

  /** Merges what another ledger knew: a deletion wins, then the later one, then the one with fewer stars. */
  absorb(orderId: string, review: StoredReview): void {
    const known = this.#find(review.id);
    if (known === undefined || isNewer(review, known)) this.#replace(orderId, known, review);
  }

  #find(id: string): Stored | undefined {
    return this.#sql.exec<Stored>("SELECT * FROM reviews WHERE id = ?", id).toArray()[0];
  }

  #replace(orderId: string, before: StoredReview | undefined, after: StoredReview): void {
    const wasReviewed = this.of(orderId).length > 0;
    const { id, stars, language, at } = after;
    const write = "INSERT OR REPLACE INTO reviews (id, order_id, stars, language, at) VALUES (?, ?, ?, ?, ?)";
    this.#sql.writeNew(() => this.#sql.exec(write, id, orderId, stars, language, at));
    this.#count(before, -1);
    this.#count(after, 1);
    const isReviewed = this.of(orderId).length > 0;
    const row = this.#table.find(orderId);
    if (row?.received != null && row.state === "invited" && wasReviewed !== isReviewed)
      this.#table.counts.add(dayOf(row.received), "reviewed", isReviewed ? 1 : -1);
  }

  #count(review: StoredReview | undefined, by: number): void {
    if (review !== undefined && review.stars !== null)
      this.#table.counts.add(dayOf(review.at), `stars:${review.stars}`, by);
  }
}

function isNewer(one: StoredReview, other: StoredReview): boolean {
  if (one.stars === null || other.stars === null) return one.stars === null && other.stars !== null;
  return one.at > other.at || (one.at === other.at && one.stars < other.stars);
}
