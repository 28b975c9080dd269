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
import { readConfig, readLeniently } from "../config/config.ts";
import { errorName, log } from "../log.ts";
import { envOf, shopOfName } from "../bindings/scope.ts";
import { LedgerRefusal } from "../domain/ledger-refusal.ts";
import { Identity, nameOf } from "./identity.ts";
import { allowedActions, changeFor, type Action, type Obstacle } from "../domain/actions.ts";
import { CustomerIndex, type CustomerHashes } from "./customer-index.ts";
import type { Counts } from "../domain/answer-counts.ts";
import { Delivery } from "./delivery.ts";
import { Duplicates } from "./duplicates.ts";
import { HOUR, MINUTE } from "../lib/time.ts";
import { forgetFound } from "../bindings/forget-found.ts";
import { putSeen } from "../bindings/seen-cache.ts";
import { longest, type Pause } from "../domain/pause.ts";
import { SendGate } from "./send-gate.ts";
import { applyOperations } from "./record.ts";
import { Erasures } from "./erasures.ts";
import { FoundAddresses } from "./found-addresses.ts";
import { openSlices } from "./slices.ts";
import { migrate } from "./schema.ts";
import { listOrders, ordersNamed, type ListFilter, type ListPage } from "./order-list.ts";
import { ArrivalTimes } from "./arrival-times.ts";
import { OrderTable, type TableOverview } from "./table.ts";
import type { HistoryEntry, OrderState } from "../domain/order.ts";
import type { Review, ReviewEvent } from "../domain/review.ts";
import { Reviews, type NamedOrder } from "./reviews.ts";
import { SILENCE_WINDOW, type Arrivals } from "../domain/silence.ts";
import { Transfer } from "./transfer.ts";
import type { Forgotten, Operation, OperationResult } from "../domain/operation.ts";
import { ended, type Change, type OrderRow, type OrderSummary, OPERATOR_TIME } from "../domain/row.ts";
import { COUNTED_FOR, type Troubles } from "../domain/troubles.ts";

export interface LedgerOverview extends Troubles, TableOverview {}

/** For /metrics. */
export interface LedgerMetrics {
  /** Of all days: see `DailyCounts`. */
  totals: Counts;
  open: Partial<Record<OrderState, number>>;
  /** Orders by what they wait for; what is due waits for the end of a pause (its kind), or for its turn (`due`). */
  waiting: Counts;
  oldestWait: number | null;
  lastArrival: number | null;
  breakerOpen: boolean;
  bytes: number;
  full: boolean;
}

/** An order as it stands. */
export interface FoundOrder {
  row: OrderRow;
  reviews: Review[];
  /** What keeps its ledger from sending at the moment. */
  pause: Pause | null;
}

/** What was done, or why it was not. */
export type ActionResult = ({ kind: "done" | "not-allowed" } & FoundOrder) | { kind: "unknown-order" };

/** In ms. */
const NOTE_DUPLICATES_AFTER = 1_000;
const PAUSE_AFTER_ERROR = MINUTE;
/** An alarm is seldom later than this; while one runs, the next waits for it. */
const LATE_ALARM = 5_000;
/** While a pause holds orders back: a new deployment may have ended its cause, and waits come to their end. */
const LOOK_AGAIN_AFTER = HOUR;

export class Ledger extends DurableObject<Env> {
  readonly #table: OrderTable;
  readonly #arrivals: ArrivalTimes;
  readonly #erasures: Erasures;
  readonly #addresses: FoundAddresses;
  readonly #reviews: Reviews;
  readonly #customers: CustomerIndex;
  readonly #identity: Identity;
  readonly #gate: SendGate;
  readonly #delivery: Delivery;
  readonly #duplicates = new Duplicates();
  /** What the runtime gave it: of all shops. */
  readonly #workerEnv: Env;
  #handingOver: Promise<void> | null = null;
  #failedHandovers = 0;
  /** When the alarm is set for, in ms; known without asking, so that a claim and its alarm land together. */
  #alarmAt: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, envOf(env, shopOfName(nameOf(ctx) ?? "")));
    this.#workerEnv = env;
    migrate(ctx.storage);
    this.#table = new OrderTable(ctx.storage);
    this.#arrivals = new ArrivalTimes(ctx.storage.sql);
    this.#addresses = new FoundAddresses(ctx.storage.sql);
    this.#erasures = new Erasures(this.#table, ctx.storage.sql, this.#addresses);
    this.#customers = new CustomerIndex(ctx.storage);
    this.#reviews = new Reviews(ctx.storage.sql, this.#table);
    this.#identity = new Identity(ctx, env, this.#table.hasOrders());
    const { name } = this.#identity;
    this.#gate = new SendGate(ctx.storage.kv, name, () => this.#table.countOpen().held ?? 0);
    this.#delivery = new Delivery(this.#table, this.#erasures, this.#gate, ctx.storage, name);
    const checked = readConfig(this.env);
    if (checked.ok) this.#gate.begin(checked.config, this.env);
    // The platform drops an alarm that failed too often: rows that are due and no alarm are healed here.
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = await ctx.storage.getAlarm();
      if (this.#identity.refusal === null) await this.#arm();
    });
  }

  /** Carries out `operations` in their order; what is answered has been written to disk. */
  async record(operations: Operation[]): Promise<OperationResult[]> {
    if (!this.#identity.isRegistered) await this.#identity.register(this.env);
    const hashes = await this.#customers.hashesOf(operations, this.env);
    this.#refuse();
    const now = Date.now();
    // What was recorded before a later operation throws needs its alarm too.
    let needsAlarm = true;
    try {
      const results: OperationResult[] = [];
      for (const result of applyOperations(this.#table, this.#erasures, operations, now)) {
        const index = results.push(result) - 1;
        const operation = operations[index]!;
        if (operation.kind === "claim" && result.kind !== "duplicate")
          this.#customers.add(operation.order.orderId, now, hashes[index]!);
        if (operation.kind === "forget") this.#forgetIndexed(operation, hashes[index]!, now);
        if (result.kind === "duplicate" && operation.kind === "claim")
          this.#noteDuplicate(operation.order.orderId, now);
      }
      needsAlarm = operations.some((operation, index) => this.#mayNeedAlarm(operation, results[index]!));
      return results;
    } finally {
      if (needsAlarm) await this.#arm();
      // The alarm does it again should the object stop.
      if (this.#isErasing) this.ctx.waitUntil(this.#erase().catch(() => {}));
    }
  }

  /** What FIND_BY_EMAIL knows beyond the open orders: those of the address, and addresses of done ones. */
  #forgetIndexed(forgotten: Forgotten, hashes: CustomerHashes, now: number): void {
    const { found, at = now, everywhere = false } = forgotten;
    const { orderIds, emails } = this.#customers.forget(hashes, found ? at : Infinity);
    this.#erasures.addOrders(orderIds, forgotten, now);
    for (const address of emails) this.#addresses.add({ address, everywhere, at });
  }

  /** Without a look at the table: an order that was taken needs nothing before it is due. */
  #mayNeedAlarm(operation: Operation, result: OperationResult): boolean {
    if (result.kind === "duplicate") return false;
    const alarm = this.#alarm;
    if (result.kind !== "accepted" || operation.kind !== "claim" || alarm === null) return true;
    return operation.due < alarm;
  }

  /** One order as it stands, or `null`. */
  find(orderId: string): OrderRow | null {
    this.#writeDuplicates();
    return this.#table.find(orderId);
  }

  /** The same for an operator. */
  look(orderId: string): FoundOrder | null {
    const row = this.find(orderId);
    return row && this.#found(row, Date.now());
  }

  /** Orders that match `filter`, the newest first. */
  list(filter: ListFilter): ListPage {
    return listOrders(this.ctx.storage.sql, filter, this.#table.countOpen().held ?? 0);
  }

  /** The orders that go by `id`, here or at Trustpilot. */
  named(id: string): OrderSummary[] {
    return ordersNamed(this.ctx.storage.sql, id);
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
   * Notes what became of a review. An order that failed or is unknown was invited after all: a review proves it.
   *
   * @param orderId of the order; `null` to find it by the review @returns whether it is one of this ledger's orders
   */
  review(event: ReviewEvent, orderId: string | null): boolean {
    this.#refuse();
    const now = Date.now();
    const row = orderId === null ? null : this.#findUnlessErased(orderId);
    if (row !== null && event.kind !== "deleted" && (row.state === "unknown" || row.state === "failed"))
      this.#end(row, ended("invited", "reviewed"), now);
    return this.#reviews.apply(event, orderId, now);
  }

  /** What a page needs to know of this ledger. @param since the first day of the counts, `2026-11-23` */
  overview(since: string): LedgerOverview {
    this.#writeDuplicates();
    return { ...this.troubles(), ...this.#table.overview(since) };
  }

  metrics(): LedgerMetrics {
    this.#writeDuplicates();
    const now = Date.now();
    const { due, ...waiting } = this.#table.countWaiting(now);
    const pauses = this.#gate.pauses(now);
    return {
      totals: this.#table.totals(now),
      open: this.#table.countOpen(),
      waiting: { ...waiting, [longest(pauses)?.kind ?? "due"]: due },
      oldestWait: this.#table.oldestWait(now),
      lastArrival: this.#arrivals.last(),
      breakerOpen: pauses.some(({ kind }) => kind === "outage"),
      ...this.#table.size(),
    };
  }

  troubles(): Troubles {
    const now = Date.now();
    const open = this.#table.countOpen();
    const pauses = this.#gate.pauses(now);
    return {
      open,
      lately: this.#table.countStranded(now - COUNTED_FOR + OPERATOR_TIME),
      damaged: open.failed || open.unknown ? this.#table.countDamaged() : 0,
      pauses,
      outage: this.#gate.outage,
      heldBack: pauses.length > 0 ? this.#table.countDue(now) : 0,
      oldestWait: this.#table.oldestWait(now),
      lastArrival: this.#arrivals.last(),
      lastOrder: this.#arrivals.lastNotRejected(),
      refusals: this.#table.refusals(),
      ...this.#table.size(),
      refusal: this.#identity.refusal,
    };
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
    this.#alarmAt = await this.ctx.storage.getAlarm();
    if (this.#identity.refusal === null) await this.#arm();
    return this.troubles();
  }

  /** Acts on one order for an operator, if its state allows it. @param by who it is, for the history */
  async act(orderId: string, action: Action, by?: string): Promise<ActionResult> {
    this.#refuse();
    const row = this.#findUnlessErased(orderId);
    if (row === null) return { kind: "unknown-order" };
    const now = Date.now();
    if (!this.#mayAct(row, action, now)) return { kind: "not-allowed", ...this.#found(row, now) };
    const done = this.#act(row, action, now, by);
    await this.#arm();
    return { kind: "done", ...this.#found(done, now) };
  }

  /** Tries the failed orders that were received from `from` to `to` (ms) once more. @returns how many */
  async sendAgainFailed(from: number, to: number, by?: string): Promise<number> {
    return this.#actOnAll("failed", "send-again", from, to, by);
  }

  /** Decides for all unknown orders that were received from `from` to `to` (ms). @returns how many */
  async decideUnknown(
    decision: "mark-sent" | "send-again",
    from: number,
    to: number,
    by?: string,
  ): Promise<number> {
    return this.#actOnAll("unknown", decision, from, to, by);
  }

  async #actOnAll(
    state: OrderState,
    action: Action,
    from: number,
    to: number,
    by: string | undefined,
  ): Promise<number> {
    this.#refuse();
    const now = Date.now();
    let count = 0;
    const isMeant = (row: OrderRow) =>
      row.state === state && row.received! >= from && row.received! <= to && row.updated <= now;
    for await (const rows of openSlices(this.#table)) {
      for (const row of rows.filter(isMeant)) {
        if (!this.#mayAct(row, action, now)) continue;
        if (this.#erasures.apply(row, now)) continue;
        this.#act(row, action, now, by);
        count += 1;
      }
      if (rows.some(({ state }) => state === "held")) break;
    }
    await this.#arm();
    return count;
  }

  /** Sends nothing until `until` (ms), or until it is resumed (`null`). Orders are still accepted. */
  async pause(reason: string, until: number | null): Promise<void> {
    this.#gate.pause(reason, until);
    await this.#arm();
  }

  /** Ends every pause, once the operator has fixed what caused it, and sends what is due. @returns what forbids it */
  async resume(): Promise<"fenced" | "lacksAudiences" | null> {
    const forbidden = this.#gate.resume();
    await this.#arm();
    return forbidden;
  }

  /** For backups and moves: see src/portable. */
  transfer(): Transfer {
    return new Transfer(this.#table, this.#reviews, this.#gate, this.#erasures, this.ctx.storage, () =>
      this.#arm(),
    );
  }

  /** Never throws: the platform would retry six times and then forget the alarm. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    // The next deployment wakes it: see hourly.ts.
    if (this.#identity.refusal !== null) return;
    let earliest = 0;
    try {
      // What holds them up must hold up no order.
      await this.#erasures.sweep().catch((error) => this.#logFault("erasure failed", error));
      const handedOver = this.#handOver();
      if (!(await this.#delivery.run(this.env))) earliest = Date.now() + PAUSE_AFTER_ERROR;
      await handedOver;
    } catch (error) {
      earliest = Date.now() + PAUSE_AFTER_ERROR;
      this.#logFault("alarm failed", error);
    } finally {
      // When not even the table can say when it is needed, the alarm comes back to ask again.
      await this.#arm(earliest)
        .catch(() => this.ctx.storage.setAlarm(Date.now() + PAUSE_AFTER_ERROR))
        .catch(() => {});
    }
  }

  get #isErasing(): boolean {
    return this.#erasures.isPending || this.#addresses.isPending;
  }

  /** Deletes what deletions have left to read, and tells what they have found. */
  async #erase(): Promise<void> {
    await this.#erasures.sweep();
    await this.#handOver();
  }

  /** Tells all other places what deletions have found here. Never throws. */
  async #handOver(): Promise<void> {
    if (!this.#addresses.isPending) return;
    return (this.#handingOver ??= this.#tellFound().finally(() => (this.#handingOver = null)));
  }

  async #tellFound(): Promise<void> {
    try {
      const dropped = this.#addresses.dropOld(Date.now());
      if (dropped > 0)
        log({ log: "erasure", reason: "found addresses given up", addresses: dropped }, "error");
      await this.#addresses.handOver((found) => forgetFound(found, this.env, this.#workerEnv));
      this.#failedHandovers = 0;
    } catch (error) {
      this.#failedHandovers += 1;
      this.#logFault("found addresses were not told", error);
    }
  }

  #logFault(reason: string, error: unknown): void {
    log({ log: "ledger", ledger: this.#identity.name, reason, error: errorName(error) }, "error");
  }

  #found(row: OrderRow, now: number): FoundOrder {
    return { row, reviews: this.#reviews.of(row.orderId), pause: this.#pauseAt(now) };
  }

  #mayAct(row: OrderRow, action: Action, now: number): boolean {
    const paused = this.#pauseAt(now) === null ? null : "pause";
    const obstacle: Obstacle | null = readLeniently(this.env).delivery.dryRun ? "dry-run" : paused;
    return allowedActions(row, obstacle).includes(action);
  }

  /** What keeps orders back at `now`, also when no order has met it yet. */
  #pauseAt(now: number): Pause | null {
    const wrong: Pause | null = readConfig(this.env).ok
      ? null
      : { kind: "misconfigured", until: now, failures: 0 };
    return longest(this.#gate.pauses(now)) ?? wrong;
  }

  #act(row: OrderRow, action: Action, now: number, by?: string): OrderRow {
    return this.#end(row, changeFor(action, row, now), now, {
      reason: "operator",
      ...(by !== undefined && { by }),
    });
  }

  #end(row: OrderRow, change: Change, now: number, entry: Partial<HistoryEntry> = {}): OrderRow {
    const { state: what = row.state, reason } = change;
    const done = this.#table.update(row, now, change, { what, ...(reason && { reason }), ...entry });
    if (done.due === null) this.ctx.waitUntil(putSeen(this.env.ORDERS, row.orderId, done.state, now));
    return done;
  }

  /** @throws LedgerRefusal */
  #refuse(): void {
    const { refusal } = this.#identity;
    if (refusal !== null) throw new LedgerRefusal(refusal);
    this.#gate.expectUnfenced();
  }

  /** The order as it stands when deletions that are under way have been applied to it. */
  #findUnlessErased(orderId: string): OrderRow | null {
    const row = this.#table.find(orderId);
    return row !== null && this.#erasures.apply(row, Date.now()) ? this.#table.find(orderId) : row;
  }

  #noteDuplicate(orderId: string, now: number): void {
    if (!this.#duplicates.note(orderId, now)) return;
    this.ctx.waitUntil(scheduler.wait(NOTE_DUPLICATES_AFTER).then(() => this.#writeDuplicates()));
  }

  #writeDuplicates(): void {
    try {
      this.#duplicates.write(this.#table, this.ctx.storage, Date.now());
    } catch (error) {
      // A note that is lost must not keep a page from its answer.
      this.#logFault("duplicates were not noted", error);
    }
  }

  /**
   * Sets the alarm for the next row that needs it, unless it is set for that time or earlier already.
   *
   * @param earliest not before this time, in ms: what has just failed must not be tried in a tight loop
   */
  async #arm(earliest = 0): Promise<void> {
    const now = Date.now();
    const heldFrom = this.#gate.heldFrom(now);
    const next = this.#table.nextWake(heldFrom && Math.min(heldFrom, now + LOOK_AGAIN_AFTER));
    const pause = Math.min(HOUR, PAUSE_AFTER_ERROR * 2 ** this.#failedHandovers);
    const erasing = this.#erasures.isPending ? now : now + pause;
    const needed = this.#isErasing ? Math.min(next ?? erasing, erasing) : next;
    if (needed === null) return;
    const wake = Math.max(needed, earliest);
    if (this.#alarm !== null && this.#alarm <= wake) return;
    await this.ctx.storage.setAlarm(wake);
    this.#alarmAt = wake;
  }

  /** When the alarm is set for; `null` when it is not, or when its time has passed: then it has been lost. */
  get #alarm(): number | null {
    return this.#alarmAt === null || this.#alarmAt < Date.now() - LATE_ALARM ? null : this.#alarmAt;
  }
}
