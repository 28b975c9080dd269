/** The Worker as a deploy would bundle it, driven over HTTP: one for each test file, with a key of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import type { BatchAnswer, EventAnswer } from "../../../src/domain/event-answer.ts";
import { readLedgers, type StoredOrder } from "../../../scripts/lib/ledger-files.ts";
import { send } from "../../../scripts/lib/segment.ts";
import { ServedWorker } from "../../../scripts/lib/served-worker.ts";
import { standInAt } from "../../../scripts/lib/stand-in.ts";
import { orderCompleted } from "../../support/events.ts";
import { freePort } from "../../../scripts/lib/workerd.ts";

export const SECRET = "the shared secret of the tests";
export const SHOP_ORIGIN = "https://shop.example.com";

/** The stand-in that all tests share. */
export const standIn = standInAt(inject("standInOrigin"));

export class TestWorker extends ServedWorker {
  readonly #persist: string;

  private constructor(port: number, persist: string, bindings: Record<string, string>) {
    super({ config: "wrangler.toml", script: inject("workerScript"), port, persist, bindings });
    this.#persist = persist;
  }

  /** @param key the Integration Key: the stand-in keeps everything apart by it */
  static async start(key: string, bindings: Record<string, string> = {}): Promise<TestWorker> {
    const persist = await mkdtemp(join(tmpdir(), "worker-"));
    const worker = new TestWorker(await freePort(), persist, {
      TRUSTPILOT_INTEGRATION_KEY: key,
      SEGMENT_SHARED_SECRET: SECRET,
      TRUSTPILOT_API_URL: standIn.apiUrl,
      SHOP_ORIGIN,
      ...bindings,
    });
    await worker.start();
    return worker;
  }

  /** Ends it and forgets what it stored. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#persist, { recursive: true, force: true });
  }

  /** Sends a body as Segment would, signed. */
  async send(body: unknown): Promise<{ status: number; answer: EventAnswer & BatchAnswer }> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await send(`${this.origin}/segment`, text, SECRET);
    return { status: response.status, answer: (await response.json()) as EventAnswer & BatchAnswer };
  }

  /** What the ledgers have on disk, without waking them. */
  stored(): StoredOrder[] {
    return readLedgers(this.#persist);
  }

  /** The states of `orderIds`, in their order; for `expect.poll`. */
  states(...orderIds: string[]): (string | undefined)[] {
    const rows = new Map(this.stored().map((row) => [row.orderId, row.state]));
    return orderIds.map((orderId) => rows.get(orderId));
  }
}

/** @param properties overrides */
export function order(orderId: string, properties: Record<string, unknown> = {}): object {
  return orderCompleted({ order_id: orderId, ...properties });
}
