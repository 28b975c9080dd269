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
import { freePort, startWorker, type WorkerOptions } from "../../../scripts/lib/workerd.ts";

export const SECRET = "the shared secret of the tests";
export const SHOP_ORIGIN = "https://shop.example.com";

/** The stand-in that all tests share. */
export const standIn = standInAt(inject("standInOrigin"));

type Options = WorkerOptions & { persist: string };

export class TestWorker {
  readonly origin: string;
  /** Every line that it logged, over all restarts. */
  log: string[] = [];
  readonly #options: Options;
  #running: { stop(): Promise<void> } | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.origin = `http://127.0.0.1:${options.port}`;
  }

  /** @param key the Integration Key: the stand-in keeps everything apart by it */
  static async start<Started extends TestWorker>(
    this: new (options: Options) => Started,
    key: string,
    bindings: Record<string, string> = {},
  ): Promise<Started> {
    const worker = new this({
      config: "wrangler.toml",
      script: inject("workerScript"),
      port: await freePort(),
      persist: await mkdtemp(join(tmpdir(), "worker-")),
      bindings: {
        TRUSTPILOT_INTEGRATION_KEY: key,
        SEGMENT_SHARED_SECRET: SECRET,
        TRUSTPILOT_API_URL: standIn.apiUrl,
        SHOP_ORIGIN,
        ...bindings,
      },
    });
    await worker.start();
    return worker;
  }

  async start(): Promise<void> {
    this.#running = await this.run({ ...this.#options, onLog: (line) => this.log.push(line) });
  }

  /** In this process, whose copy of the runtime's library the files that follow use too: it takes a second to load. */
  protected async run(options: Options): Promise<{ stop(): Promise<void> }> {
    const worker = await startWorker(options);
    return { stop: () => worker.dispose() };
  }

  /** Ends it and forgets what it stored. */
  async remove(): Promise<void> {
    await this.#running?.stop();
    await rm(this.#options.persist, { recursive: true, force: true });
  }

  /** Sends a body as Segment would, signed. */
  async send(body: unknown): Promise<{ status: number; answer: EventAnswer & BatchAnswer }> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await send(`${this.origin}/segment`, text, SECRET);
    return { status: response.status, answer: (await response.json()) as EventAnswer & BatchAnswer };
  }

  /** What the ledgers have on disk, without waking them. */
  stored(): StoredOrder[] {
    return readLedgers(this.#options.persist);
  }

  /** The states of `orderIds`, in their order; for `expect.poll`. */
  states(...orderIds: string[]): (string | undefined)[] {
    const rows = new Map(this.stored().map((row) => [row.orderId, row.state]));
    return orderIds.map((orderId) => rows.get(orderId));
  }
}

/** One that runs in a process of its own, which can be killed. */
export class KillableWorker extends TestWorker {
  #process: ServedWorker | undefined;

  protected override async run(options: Options): Promise<ServedWorker> {
    this.#process ??= new ServedWorker(options);
    await this.#process.start();
    this.log = this.#process.log;
    return this.#process;
  }

  kill(): Promise<void> {
    return this.#process!.kill();
  }
}

/** @param properties overrides */
export function order(orderId: string, properties: Record<string, unknown> = {}): object {
  return orderCompleted({ order_id: orderId, ...properties });
}
