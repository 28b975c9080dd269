/**
 * The Ledger: dedup record, outbox and history in one SQLite table of a Durable Object.
 *
 * A Durable Object runs one call at a time, so an insert that finds no row is a claim that no other call can make:
 * that is the whole answer to duplicates. Because the row is also the outbox, an order is either recorded and will
 * be delivered, or not recorded and Segment hears an error; there is no second store that could disagree.
 *
 * The price is that delivery is the Ledger's own business: its alarm sends what is due, and every way out of the
 * alarm sets the next one.
 */
import { DurableObject } from "cloudflare:workers";
import { envOf, shopOfName } from "../bindings/scope.ts";
import { SeenWriter } from "../bindings/seen-cache.ts";
import { readConfig } from "../config/config.ts";
import type { Action } from "../domain/actions.ts";
import { LedgerClosedError } from "../domain/ledger-closed.ts";
import type { Operation, OperationResult } from "../domain/operation.ts";
import type { ReviewEvent } from "../domain/review.ts";
import type { OrderRow, OrderSummary } from "../domain/row.ts";
import { SILENCE_WINDOW, type Arrivals } from "../domain/silence.ts";
import type { Troubles } from "../domain/troubles.ts";
import { HOUR, MINUTE } from "../lib/time.ts";
import { errorName, log } from "../log.ts";
import { AddressHandover } from "./address-handover.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { applyOperations } from "./apply-operations.ts";
import { ArrivalTimes } from "./arrival-times.ts";
import { CustomerIndex } from "./customer-index.ts";
import { Database } from "./database.ts";
import { Decisions, type ActionResult, type FoundOrder, type Choice } from "./decisions.ts";
import { Delivery } from "./delivery.ts";
import { DueQueue } from "./due-queue.ts";
import { Duplicates } from "./duplicate-notes.ts";
import { CustomerDeletions } from "./customer-deletions.ts";
import { FoundAddresses } from "./found-addresses.ts";
import { Identity, nameOf } from "./ledger-identity.ts";
import { LedgerReport, type LedgerMetrics, type LedgerOverview } from "./ledger-report.ts";
import { listOrders, ordersNamed, type ListFilter, type ListPage } from "./order-list.ts";
import { Reviews, type NamedOrder } from "./reviews.ts";
import { migrate } from "./schema.ts";
import { SendGate } from "./send-gate.ts";
import { OrderTable } from "./table.ts";
import { Transfer } from "./transfer.ts";

/** In ms. */
const PAUSE_AFTER_ERROR = MINUTE;

const isDeletion = (operation: Operation) => operation.kind === "forget" && operation.found === undefined;

export class Ledger extends DurableObject<Env> {
  readonly #sql: Database;
  readonly #table: OrderTable;
  readonly #arrivals: ArrivalTimes;
  readonly #deletions: CustomerDeletions;
  readonly #addresses: FoundAddresses;
  readonly #handover: AddressHandover;
  readonly #reviews: Reviews;
  readonly #customers: CustomerIndex;
  readonly #identity: Identity;
  readonly #gate: SendGate;
  readonly #delivery: Delivery;
  readonly #decisions: Decisions;
  readonly #report: LedgerReport;
  readonly #alarm: AlarmClock;
  readonly #duplicates: Duplicates;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, envOf(env, shopOfName(nameOf(ctx) ?? "")));
    const { storage } = ctx;
    migrate(storage);
    const sql = (this.#sql = new Database(storage));
    const table = (this.#table = new OrderTable(sql));
    const queue = new DueQueue(sql);
    const arrivals = (this.#arrivals = new ArrivalTimes(sql));
    this.#addresses = new FoundAddresses(sql);
    const deletions = (this.#deletions = new CustomerDeletions(table, sql, this.#addresses, arrivals));
    this.#customers = new CustomerIndex(sql, storage.kv);
    const reviews = (this.#reviews = new Reviews(sql, table));
    this.#identity = new Identity(ctx, env, table.hasOrders());
    const { name } = this.#identity;
    const handover = (this.#handover = new AddressHandover(this.#addresses, env, name));
    const gate = (this.#gate = new SendGate(storage.kv, name, () => table.counts.open().held ?? 0));
    const seen = new SeenWriter();
    this.#delivery = new Delivery({ table, queue, deletions, gate, seen }, storage, name);
    this.#decisions = new Decisions({ table, deletions, reviews, gate, seen }, sql, () => this.env);
    this.#report = new LedgerReport(table.counts, sql, queue, arrivals, gate, this.#identity);
    this.#alarm = new AlarmClock(storage, { queue, gate, deletions, handover });
    const keepAlive = (work: Promise<void>) => ctx.waitUntil(work);
    this.#duplicates = new Duplicates(table, sql, keepAlive, (error) =>
      this.#logFault("duplicates were not noted", error),
    );
    const checked = readConfig(this.env);
    if (checked.ok) gate.begin(checked.config, this.env);
    void ctx.blockConcurrencyWhile(() => this.#restoreAlarm());
  }

  /** Carries out `operations` in their order; what is answered has been written to disk. */
  async record(operations: Operation[]): Promise<OperationResult[]> {
    if (!this.#identity.isRegistered) await this.#identity.register(this.env);
    const hashes = await this.#customers.hashesOf(operations, this.env);
    this.#expectOpen();
    const parts = {
      table: this.#table,
      deletions: this.#deletions,
      customers: this.#customers,
      addresses: this.#addresses,
      duplicates: this.#duplicates,
    };
    // If a later operation throws, what was recorded before it still needs its alarm.
    let needsAlarm = true;
    try {
      const results = applyOperations(parts, operations, hashes, Date.now());
      needsAlarm = operations.some((operation, index) => this.#mayNeedAlarm(operation, results[index]!));
      return results;
    } finally {
      if (needsAlarm) await this.#alarm.arm();
      // The alarm repeats this if the object stops. What another ledger has found waits for the alarm: done at once, two
      // ledgers that cannot reach a third would call each other for ever.
      if (this.#isErasing && operations.some(isDeletion)) this.ctx.waitUntil(this.#erase().catch(() => {}));
    }
  }

  /** Told without reading the table, since a new order needs no alarm before it is due. */
  #mayNeedAlarm(operation: Operation, result: OperationResult): boolean {
    if (result.kind === "duplicate") return false;
    const isClaimed = result.kind === "accepted" && operation.kind === "claim";
    return !isClaimed || !this.#alarm.isSetBy(operation.due);
  }

  /** One order as it stands, or `null`. */
  find(orderId: string): OrderRow | null {
    this.#duplicates.write();
    return this.#table.find(orderId);
  }

  /** The same for an operator. */
  look(orderId: string): FoundOrder | null {
    const row = this.find(orderId);
    return row && this.#decisions.show(row, Date.now());
  }

  /** Orders that match `filter`, the newest first. */
  list(filter: ListFilter): ListPage {
    return listOrders(this.#sql, filter, this.#table.counts.open().held ?? 0);
  }

  /** The orders that go by `id`, here or at Trustpilot. */
  named(id: string): OrderSummary[] {
    return ordersNamed(this.#sql, id);
  }

  /** The latest orders with this address that were recorded with FIND_BY_EMAIL. */
  findByEmail(email: string): Promise<OrderSummary[]> {
    return this.#customers.find(email, this.env);
  }

  /** The orders that Trustpilot knows under `reference`, in the form of an identity. */
  referred(reference: string): NamedOrder[] {
    return this.#reviews.referred(reference);
  }

  /**
   * Notes what became of a review.
   *
   * @param orderId of the order; `null` to find it by the review @returns whether it is one of this ledger's orders
   */
  review(event: ReviewEvent, orderId: string | null): boolean {
    this.#expectOpen();
    const now = Date.now();
    if (orderId !== null && event.kind !== "deleted") this.#decisions.reviewed(orderId, now);
    return this.#reviews.apply(event, orderId, now);
  }

  /** What a page needs to know of this ledger. @param days those of the counts, one after the other: `2026-11-23` */
  overview(days: string[]): LedgerOverview {
    this.#duplicates.write();
    return this.#report.overview(days, Date.now());
  }

  metrics(): LedgerMetrics {
    this.#duplicates.write();
    return this.#report.metrics(Date.now());
  }

  troubles(): Troubles {
    return this.#report.troubles(Date.now());
  }

  /** Orders that arrived within the last hour and were not rejected. */
  countLastHour(): number {
    return this.#arrivals.count(Date.now() - HOUR);
  }

  /** When orders arrived in the last four weeks. @param within gaps shorter than this, in ms, do not matter */
  arrivals(within: number): Arrivals {
    return this.#arrivals.since(Date.now() - SILENCE_WINDOW, within);
  }

  /** Sets the alarm again if it has been lost. */
  async wake(): Promise<Troubles> {
    await this.#restoreAlarm();
    return this.troubles();
  }

  /** Acts on one order for an operator, if its state allows it. @param by who it is, for the history */
  async act(orderId: string, action: Action, by?: string): Promise<ActionResult> {
    this.#expectOpen();
    const result = this.#decisions.act(orderId, action, Date.now(), by);
    await this.#alarm.arm();
    return result;
  }

  /** The same for all orders of the choice. @returns how many */
  async actOnAll(choice: Choice, action: Action, by?: string): Promise<number> {
    this.#expectOpen();
    const count = await this.#decisions.actOnAll(choice, action, Date.now(), by);
    await this.#alarm.arm();
    return count;
  }

  /** Sends nothing until `until` (ms), or until it is resumed (`null`). Orders are still accepted. */
  async pause(reason: string, until: number | null): Promise<void> {
    this.#gate.pause(reason, until);
    await this.#alarm.arm();
  }

  /** Ends every pause, once the operator has fixed what caused it, and sends what is due. @returns what forbids it */
  async resume(): Promise<"fenced" | "lacksAudiences" | null> {
    const forbidden = this.#gate.resume();
    await this.#alarm.arm();
    return forbidden;
  }

  /** For backups and moves: see src/portable. */
  transfer(): Transfer {
    const { kv } = this.ctx.storage;
    return new Transfer(this.#table, this.#reviews, this.#gate, this.#deletions, this.#sql, kv, this.#alarm);
  }

  /** Never throws: the platform would retry six times and then forget the alarm. */
  override async alarm(): Promise<void> {
    this.#alarm.clear();
    // The next deployment wakes it: see hourly.ts.
    if (this.#identity.whyClosed !== null) return;
    let earliest = 0;
    try {
      // What holds them up must hold up no order.
      await this.#deletions.sweep().catch((error) => this.#logFault("erasure failed", error));
      const handedOver = this.#handover.run(this.env);
      if (!(await this.#delivery.run(this.env))) earliest = Date.now() + PAUSE_AFTER_ERROR;
      await handedOver;
    } catch (error) {
      earliest = Date.now() + PAUSE_AFTER_ERROR;
      this.#logFault("alarm failed", error);
    } finally {
      // When not even the table can say when it is needed, the alarm comes back to ask again.
      await this.#alarm
        .arm(earliest)
        .catch(() => this.ctx.storage.setAlarm(Date.now() + PAUSE_AFTER_ERROR))
        .catch(() => {});
    }
  }

  get #isErasing(): boolean {
    return this.#deletions.isPending || this.#addresses.isPending;
  }

  /** Deletes what deletions have left to read, and tells what they have found. */
  async #erase(): Promise<void> {
    await this.#deletions.sweep();
    await this.#handover.run(this.env);
  }

  #logFault(reason: string, error: unknown): void {
    log({ log: "ledger", ledger: this.#identity.name, reason, error: errorName(error) }, "error");
  }

  /** @throws LedgerClosedError or FencedError */
  #expectOpen(): void {
    const { whyClosed } = this.#identity;
    if (whyClosed !== null) throw new LedgerClosedError(whyClosed);
    this.#gate.expectUnfenced();
  }

  /** The platform drops an alarm that failed too often: rows that are due and no alarm are healed here. */
  async #restoreAlarm(): Promise<void> {
    await this.#alarm.read();
    if (this.#identity.whyClosed === null) await this.#alarm.arm();
  }
}
