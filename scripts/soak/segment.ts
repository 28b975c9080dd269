/** Segment at its worst: three deliveries of each order, some in batches, each retried until it is accepted. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BatchAnswer, EventAnswer } from "../../src/domain/event-answer.ts";
import { send, sendBatch } from "../lib/segment.ts";

export type OrderEvent = ReturnType<typeof orderEvent>;

export class Segment {
  /** Answers by outcome, and by status or "no answer" where there was no outcome. */
  readonly answers = new Map<string, number>();
  /** The order id of each `accepted`. */
  readonly accepted: string[] = [];
  readonly #url: string;
  readonly #secret: string;
  readonly #key: string;

  constructor(url: string, secret: string, key: string) {
    this.#url = url;
    this.#secret = secret;
    this.#key = key;
  }

  /** Sends one event, or several in one array, until they are accepted. The real Segment waits longer between attempts. */
  async deliver(events: OrderEvent[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const answers = await this.#attempt(events);
      if (answers) return answers.forEach((answer) => this.#count(answer));
      await sleep(300 + Math.random() * 1200, null, { signal }).catch(() => {});
    }
  }

  /** `null` when the delivery has to be tried again. */
  async #attempt(events: OrderEvent[]): Promise<EventAnswer[] | null> {
    const [event] = events;
    try {
      const response =
        events.length === 1
          ? await send(this.#url, JSON.stringify(event), this.#secret)
          : await sendBatch(this.#url, events, this.#secret, this.#key);
      const answer: unknown = await response.json();
      if (response.ok) return events.length === 1 ? [answer as EventAnswer] : (answer as BatchAnswer).events;
      this.#add(String(response.status));
    } catch {
      this.#add("no answer");
    }
    return null;
  }

  #count({ outcome, orderId }: EventAnswer): void {
    this.#add(outcome);
    if (outcome === "accepted") this.accepted.push(orderId!);
  }

  #add(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }
}

/** The `number`th order of a soak, as one of its deliveries: each has a message id of its own. */
export function orderEvent(orderId: string, number: number, delivery: number) {
  return {
    messageId: `${orderId}-${delivery}`,
    type: "track",
    event: "Order Completed",
    timestamp: new Date().toISOString(),
    properties: {
      order_id: orderId,
      email: `soak.customer+${number}@example.com`,
      name: "Jane",
      surname: "Soakwell",
      total: 10 + number,
      currency: "EUR",
      products: [{ product_id: `p${number % 7}`, sku: `S-${number % 7}`, name: "Tea", price: "4.50" }],
    },
  };
}
