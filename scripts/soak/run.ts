/** Delivers bursts of orders, kills the Worker again and again, and waits until every order has ended. */
import { setTimeout as sleep } from "node:timers/promises";
import { hash32 } from "../../src/lib/hash.ts";
import { countEach } from "../lib/count-each.ts";
import { readLedgers, type StoredOrder } from "../lib/ledger-files.ts";
import { ProgressBar } from "../lib/progress.ts";
import type { ServedWorker } from "../lib/served-worker.ts";
import { byFrequency } from "./report.ts";
import { orderEvent, type OrderEvent, type Segment } from "./segment.ts";

/** Orders arrive in bursts, so that many are under way when the Worker is killed. */
const BURST_EVERY = 1_000;
const BATCH = 20;
/** The third delivery of an order comes up to this many ms after the first two. */
const LATEST = 10_000;
const LONGEST_DOWN = 2_000;

interface Plan {
  orderIds: readonly string[];
  /** All that is left to chance follows from it. */
  seed: string;
  /** Over which the orders arrive. */
  seconds: number;
  kills: number;
  /** After which it gives up. */
  minutes: number;
  worker: ServedWorker;
  segment: Segment;
  /** Where the ledgers are stored. */
  persist: string;
  /** Opens `/resume`. */
  password: string;
}

export class Soak {
  /** How often the Worker has been killed. */
  kills = 0;
  readonly #plan: Plan;
  readonly #started = Date.now();
  readonly #over: AbortSignal;
  #down = false;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#over = AbortSignal.timeout(plan.minutes * 60_000);
  }

  /** @returns whether every order has ended in time */
  async run(): Promise<boolean> {
    const [, , inTime] = await Promise.all([this.#deliverAll(), this.#killNowAndThen(), this.#waitForEnds()]);
    return inTime;
  }

  /** In seconds. */
  elapsed(): number {
    return (Date.now() - this.#started) / 1000;
  }

  /** Bursts of orders, each order three times: twice at once, and once more some seconds later. */
  async #deliverAll(): Promise<void> {
    const { orderIds, seconds } = this.#plan;
    const bursts = Math.max(1, Math.round((seconds * 1000) / BURST_EVERY));
    const deliveries: Promise<void>[] = [];
    for (let burst = 0; burst < bursts; burst++) {
      const numbers = Array.from(orderIds.keys()).filter((number) => number % bursts === burst);
      const late = this.#pause(this.#draw(`late ${burst}`) * LATEST).then(() =>
        this.#deliverBurst(numbers, 3),
      );
      deliveries.push(this.#deliverBurst(numbers, 1), this.#deliverBurst(numbers, 2), late);
      await this.#pause(BURST_EVERY);
    }
    await Promise.all(deliveries);
  }

  /** Every third burst comes in arrays, the others one by one. */
  async #deliverBurst(numbers: number[], delivery: number): Promise<void> {
    const { orderIds, segment } = this.#plan;
    const events = numbers.map((number) => orderEvent(orderIds[number]!, number, delivery));
    const size = this.#draw(`batch ${numbers[0]} ${delivery}`) < 1 / 3 ? BATCH : 1;
    const requests: OrderEvent[][] = [];
    for (let at = 0; at < events.length; at += size) requests.push(events.slice(at, at + size));
    await Promise.all(requests.map((request) => segment.deliver(request, this.#over)));
  }

  /** The last kill comes when all orders have arrived: from then on only alarms can bring them to their end. */
  async #killNowAndThen(): Promise<void> {
    const { kills, seconds, worker } = this.#plan;
    for (let kill = 1; kill <= kills; kill++) {
      const burst = Math.floor((seconds * 1000 * kill) / kills / BURST_EVERY) * BURST_EVERY;
      const inBurst = this.#draw(`kill ${kill}`) * 300;
      const late = kill === kills ? LATEST + 1_000 : 0;
      await this.#pause(this.#started + burst + inBurst + late - Date.now());
      if (this.#over.aborted) return;
      this.#down = true;
      await worker.kill();
      this.kills++;
      await this.#pause(this.#draw(`down ${kill}`) * LONGEST_DOWN);
      await worker.start();
      this.#down = false;
    }
  }

  async #waitForEnds(): Promise<boolean> {
    const { orderIds, kills } = this.#plan;
    const bar = new ProgressBar("orders ended", orderIds.length);
    let done = 0;
    while (!this.#over.aborted && (done < orderIds.length || this.kills < kills)) {
      await this.#pause(1_000);
      const rows = this.#down ? null : this.#readIfPossible();
      if (rows === null) continue;
      await this.#resume();
      done = rows.filter(({ state }) => state !== "held" && state !== "sending").length;
      const states = byFrequency(countEach(rows.map(({ state }) => state)));
      bar.update(
        done,
        [`${this.kills} kills`, ...states.map(([state, count]) => `${count} ${state}`)].join(", "),
      );
    }
    bar.stop();
    return done === orderIds.length && this.kills === kills;
  }

  /** Plays the operator: after a silence the circuit breaker waits for an hour, which no soak has. */
  async #resume(): Promise<void> {
    const { worker, password } = this.#plan;
    const headers = { Authorization: `Basic ${btoa(`operator:${password}`)}` };
    // A Worker that is being killed does not answer.
    await fetch(`${worker.origin}/resume`, { method: "POST", headers, signal: this.#over }).catch(() => {});
  }

  /** A ledger that is just being recovered after a kill cannot be read. */
  #readIfPossible(): StoredOrder[] | null {
    try {
      return readLedgers(this.#plan.persist);
    } catch {
      return null;
    }
  }

  /** 0 … 1, always the same for the same seed and `what`. */
  #draw(what: string): number {
    return hash32(`${this.#plan.seed}:${what}`) / 2 ** 32;
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(Math.max(0, milliseconds), null, { signal: this.#over }).catch(() => {});
  }
}
