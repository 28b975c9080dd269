/**
 * One history: a clock, a Trustpilot, two shops, and what each of them did. What the steps of a history do is here;
 * which steps there are is in histories.ts, and what must hold after them in invariants.ts.
 *
 * Segment sends again what was answered with 5xx. Chance is the history's own, so that its seed repeats it.
 */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import type { Action } from "../../src/domain/actions.ts";
import type { PortableOrder } from "../../src/domain/merge.ts";
import { orderCompleted, signedRequest } from "../support/segment.ts";
import { answerOf, callWorker, type Answer, type Settings } from "../support/worker.ts";
import { START, advance, DAY, HOUR } from "../support/ledger.ts";
import { alarmOf, crash, Deployment } from "./deployment.ts";
import { Dice } from "./dice.ts";
import {
  ledgerNamed,
  ledgerNameOf,
  LEDGER_NAMES,
  ORDERS,
  placeIn,
  type Place,
  type ShopName,
  type SimulatedOrder,
} from "./places.ts";
import { Surroundings } from "./surroundings.ts";
import type { TransportName } from "../../src/config/transport-needs.ts";
import { settingsOf, Trustpilot, type Reply } from "./trustpilot.ts";

/** What is known of one order from outside. */
interface Known {
  /** Times that Segment heard "accepted". */
  accepted: number;
  /** Segment heard 2xx: it must never be lost. */
  isRecorded: boolean;
  /** It was cancelled, refunded or its customer deleted at some time. */
  cancelled: boolean;
  /** Possible creations from which on there must be none more: it is withdrawn for good. */
  closedAt: number | null;
  /** Times that an operator sent it again although it may have been created. */
  sentAgain: number;
}

export type Deployed = Settings & { SHOPS?: unknown; TRANSPORT?: TransportName };

export interface Event {
  order?: SimulatedOrder;
  shop: ShopName;
  body: unknown;
}

/** An alarm is sometimes lost, sometimes fires twice. */
const LOST = 0.03;
const DOUBLED = 0.05;
/** Alarms that one stretch of time runs at most; those that are left are late. */
const MOST_ALARMS = 30;

export class World {
  readonly dice: Dice;
  readonly trustpilot: Trustpilot;
  readonly surroundings = new Surroundings(advance);
  readonly deployment = new Deployment();
  readonly known = new Map<Place, Known>(ORDERS.map(({ place }) => [place, unheardOf()]));
  /** What happened, in words: `place` is the order that it concerns. */
  readonly trace: { at: number; place: Place | null; text: string }[] = [];
  /** What Segment has to send again. */
  retries: Event[][] = [];
  /** Settings that differ from the usual ones. */
  settings: Settings = {};
  hasUk = true;
  /** ON_UNKNOWN = "resend" has been deployed. */
  mayResend = false;
  #transport: TransportName;
  /** What `export` has read of each ledger. */
  readonly #backups = new Map<string, PortableOrder[]>();

  constructor(seed: number, transport: TransportName) {
    this.dice = new Dice(seed);
    this.#transport = transport;
    this.trustpilot = new Trustpilot(this.dice, advance, (place, reply) =>
      this.note(place, `request: ${reply}`),
    );
  }

  /** Takes the place of the platform around the ledgers. @returns what undoes it */
  async begin(): Promise<() => void> {
    const undo = this.deployment.install();
    vi.spyOn(globalThis, "fetch").mockImplementation(this.trustpilot.fetch);
    for (const level of ["log", "warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
    vi.spyOn(Math, "random").mockImplementation(this.dice.roll);
    const wait = scheduler.wait.bind(scheduler);
    // A time-out of our own is simulated where it happens; a run that waits for an answer goes on when it comes.
    vi.spyOn(scheduler, "wait").mockImplementation((milliseconds, options) => {
      if (options?.signal) return wait(1e6, options);
      return milliseconds < 1_000 ? wait(0) : new Promise(() => {});
    });
    await this.deploy({});
    return undo;
  }

  note(place: Place | null, text: string): void {
    this.trace.push({ at: Date.now() - START, place, text });
  }

  /** @param settings those that differ from the usual ones; without a transport, the one before stays */
  async deploy({ SHOPS, TRANSPORT, ...settings }: Deployed): Promise<void> {
    this.#transport = TRANSPORT ?? this.#transport;
    this.hasUk = SHOPS !== "none";
    this.mayResend ||= settings.ON_UNKNOWN === "resend";
    this.settings = settings;
    const [main, uk] = settingsOf(this.#transport, this.trustpilot);
    await this.deployment.deploy({
      ...this.surroundings.bindings(),
      ...main,
      ...(this.hasUk && { SHOPS: { uk: { affiliation: "Example UK", ...uk } } }),
      ...settings,
    });
  }

  /** Sends events as one request; notes what Segment hears. */
  async send(events: Event[]): Promise<void> {
    const [first] = events;
    if (first === undefined) return;
    const body = events.length === 1 ? first.body : events.map(({ body }) => body);
    const response = await callWorker(signedRequest(body), this.deployment.env);
    const { status, ...answer } = await answerOf(response);
    const answers: Answer[] = answer.events ?? [answer];
    if (status >= 500) this.retries.push(events);
    events.forEach((event, index) => {
      if (event.order === undefined) return;
      const known = this.known.get(event.order.place)!;
      this.note(event.order.place, status >= 500 ? String(status) : answers[index]!.outcome);
      if (status < 500) this.#hear(event.order, known, answers[index]!);
    });
  }

  #hear({ place }: SimulatedOrder, known: Known, { outcome }: Answer): void {
    // A call that is tried once more may find what its first try has recorded: then the first answer is "duplicate".
    known.isRecorded = true;
    if (outcome === "accepted") known.accepted += 1;
    if (outcome === "skipped" && !known.cancelled) throw new Error(`${place} is skipped without a reason`);
  }

  /** @param copies how often it comes at the same time */
  async deliver(orders: readonly SimulatedOrder[], copies = 1): Promise<void> {
    const here = orders.filter(({ shop }) => this.hasUk || shop === "main");
    const events = here.map((order): Event => ({ order, shop: order.shop, body: this.#orderEvent(order) }));
    await Promise.all(Array.from({ length: copies }, () => this.send(events)));
  }

  /** @param amount of a refund, in part or in full; `null`: cancelled */
  async cancel(order: SimulatedOrder, amount: number | null): Promise<void> {
    if (!this.hasUk && order.shop === "uk") return;
    const named = order.shop === "uk" ? { affiliation: "Example UK" } : {};
    const properties = { order_id: order.id, ...named, ...(amount !== null && { refund_amount: amount }) };
    const event = amount === null ? "Order Cancelled" : "Order Refunded";
    const messageId = `refund-${this.dice.below(1e9)}`;
    const body = { type: "track", event, properties, messageId, userId: userOf(order) };
    for (const other of ORDERS) if (other.id === order.id) this.known.get(other.place)!.cancelled = true;
    const { status } = await callWorker(signedRequest(body), this.deployment.env);
    this.note(order.place, `${event} ${amount ?? ""}: ${status}`);
    if (status !== 200) this.retries.push([{ shop: order.shop, body }]);
    else if (amount === null) this.#close([order]);
  }

  async forget(customer: number): Promise<void> {
    const body = { type: "delete", userId: `user-${customer}` };
    const orders = ORDERS.filter((order) => order.customer === customer);
    for (const { place } of orders) this.known.get(place)!.cancelled = true;
    const { status } = await callWorker(signedRequest(body), this.deployment.env);
    for (const { place } of orders) this.note(place, `customer deleted: ${status}`);
    if (status !== 200) this.retries.push([{ shop: "main", body }]);
    else this.#close(orders);
  }

  /** Those that were accepted are withdrawn for good. */
  #close(orders: readonly SimulatedOrder[]): void {
    for (const { place } of orders) {
      const known = this.known.get(place)!;
      if (known.isRecorded) known.closedAt ??= this.trustpilot.possible.get(place) ?? 0;
    }
  }

  async resend(): Promise<void> {
    const retries = this.retries;
    this.retries = [];
    for (const events of retries) {
      // While the shop is not in SHOPS, its events would be the default shop's.
      const [now, later] = [true, false].map((isHere) =>
        events.filter(({ shop }) => (this.hasUk || shop === "main") === isHere),
      );
      await this.send(now!);
      if (later!.length > 0) this.retries.push(later!);
    }
  }

  /** What an operator does at the ledger called `name`; failed writes are the operator's to see. */
  async operate(
    name: string,
    what: string,
    work: (ledger: ReturnType<typeof ledgerNamed>) => Promise<unknown>,
  ): Promise<void> {
    const before = await unknownOrders(name);
    this.note(null, `operator: ${what} at ${name}`);
    await work(ledgerNamed(name)).catch((error: unknown) =>
      this.note(null, `operator sees: ${String(error)}`),
    );
    const after = new Set(await unknownOrders(name));
    for (const id of before.filter((id) => !after.has(id))) this.known.get(placeIn(name, id))!.sentAgain += 1;
  }

  act(order: SimulatedOrder, action: Action): Promise<void> {
    this.note(order.place, `operator: ${action}`);
    return this.operate(ledgerNameOf(order), `${action} ${order.id}`, (ledger) =>
      ledger.act(order.id, action),
    );
  }

  export(name: string): Promise<void> {
    return this.operate(name, "export", () =>
      runInDurableObject(ledgerNamed(name), (ledger) => {
        const { lines } = ledger.transfer().orders(null, null);
        const orders = lines
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line) as PortableOrder);
        this.#backups.set(name, orders);
      }),
    );
  }

  /** What was exported comes back, as the command does it: when no request is out. */
  import(name: string): Promise<void> {
    return this.operate(name, "import", () =>
      runInDurableObject(ledgerNamed(name), (ledger) => {
        const transfer = ledger.transfer();
        if (transfer.beginImport() > 0) throw new Error("requests are out");
        transfer.merge(this.#backups.get(name) ?? [], false, true);
        transfer.endImport({ reconcile: [], lacksAudiences: false });
      }),
    );
  }

  /** Lets `time` (ms) pass, with the alarms that come due in it. */
  async pass(time: number): Promise<void> {
    const end = Date.now() + time;
    const alarms = new Map<string, number>();
    const look = async (name: string) => alarms.set(name, (await alarmOf(name)) ?? Infinity);
    for (const name of LEDGER_NAMES) await look(name);
    for (let count = 0; count < MOST_ALARMS; count++) {
      const [name, at] = [...alarms].reduce((next, other) => (other[1] < next[1] ? other : next));
      if (at > end) break;
      advance(Math.max(0, at - Date.now()));
      await this.alarm(name);
      await look(name);
    }
    advance(Math.max(0, end - Date.now()));
  }

  /** Runs the alarm of a ledger, as the platform would. */
  async alarm(name: string, isReliable = false): Promise<void> {
    const fate = isReliable ? 1 : this.dice.roll();
    if (fate < LOST) await runInDurableObject(ledgerNamed(name), (_, { storage }) => storage.deleteAlarm());
    else if (fate < LOST + DOUBLED)
      await runInDurableObject(ledgerNamed(name), (ledger) => Promise.all([ledger.alarm(), ledger.alarm()]));
    else await runDurableObjectAlarm(ledgerNamed(name));
  }

  /** What the hourly Cron Trigger does. */
  async wakeAll(): Promise<void> {
    for (const name of LEDGER_NAMES) await ledgerNamed(name).wake();
  }

  /** All objects die while this ledger has requests out. */
  async crashWhileSending(name: string): Promise<void> {
    const { replies } = this.trustpilot;
    const { requests } = this.trustpilot;
    this.trustpilot.replies = ["hang"];
    let isOver = false;
    const run = runDurableObjectAlarm(ledgerNamed(name))
      .catch(() => {})
      .finally(() => (isOver = true));
    await vi.waitUntil(() => isOver || this.trustpilot.requests > requests, { interval: 1 });
    await crash();
    await run;
    this.trustpilot.replies = replies;
  }

  #orderEvent({ id, shop, customer }: SimulatedOrder): unknown {
    const email = `customer-${customer}@example.com`;
    const affiliation = shop === "uk" ? { affiliation: "Example UK" } : {};
    return orderCompleted({ order_id: id, email, total: 10, ...affiliation }, { userId: `user-${customer}` });
  }
}

function unheardOf(): Known {
  return { accepted: 0, isRecorded: false, cancelled: false, closedAt: null, sentAgain: 0 };
}

function userOf({ customer }: SimulatedOrder): string {
  return `user-${customer}`;
}

function unknownOrders(name: string): Promise<string[]> {
  return runInDurableObject(ledgerNamed(name), (_, { storage }) =>
    storage.sql
      .exec<{ id: string }>("SELECT order_id AS id FROM orders WHERE state = 'unknown'")
      .toArray()
      .map(({ id }) => id),
  );
}

export { DAY, HOUR };
export type { Reply };
