/**
 * Whether a ledger that has run for years is as fast as a new one: the same requests against ledgers with no orders
 * and with many tombstones, in alternation.
 */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { ledgerName } from "../../src/orders/shard.ts";
import { send } from "../lib/segment.ts";
import { freePort, startWorker } from "../lib/workerd.ts";
import { order } from "./cases.ts";
import { SECRET, throughput } from "./load.ts";
import { median } from "./statistics.ts";

export interface GrowthRow {
  name: string;
  orders: number;
  perSecond: number;
  /** To the same requests at a ledger without orders. */
  ratio: number;
}

interface Options {
  script: string;
  folder: string;
  tombstones: number;
  seconds: number;
  pairs: number;
  tick: (what: string) => void;
}

export async function growth({
  script,
  folder,
  tombstones,
  seconds,
  pairs,
  tick,
}: Options): Promise<GrowthRow[]> {
  const sizes = [...new Set([0, Math.min(100_000, tombstones), tombstones])];
  const servers = [];
  for (const orders of sizes) {
    tick(`${orders.toLocaleString("en")} orders in each ledger`);
    servers.push({ orders, ...(await startWith(orders, script, folder)) });
  }
  const rows: GrowthRow[] = [];
  for (const [name, body] of Object.entries(REQUESTS)) {
    const results = servers.map((): number[] => []);
    for (let pair = -1; pair < pairs; pair++) {
      for (const [index, { url }] of servers.entries()) {
        const { perSecond } = await throughput({ url, body, seconds });
        if (pair >= 0) results[index]!.push(perSecond);
      }
    }
    const empty = results[0]!;
    servers.forEach(({ orders }, index) => {
      const ratio = median(results[index]!.map((perSecond, pair) => perSecond / empty[pair]!));
      rows.push({ name, orders, perSecond: median(results[index]!), ratio });
    });
  }
  await Promise.all(servers.map(({ worker }) => worker.dispose()));
  return rows;
}

/** All requests go to this one. */
const LEDGER = ledgerName("growth-duplicate");
const duplicate = JSON.stringify(order("growth-duplicate"));
let last = 0;

function newOrderId(): string {
  for (;;) {
    const id = `growth-${Date.now().toString(36)}-${last++}`;
    if (ledgerName(id) === LEDGER) return id;
  }
}

const REQUESTS = {
  "new order": () => JSON.stringify(order(newOrderId())),
  "duplicate known to the Ledger only": () => duplicate,
};

async function startWith(orders: number, script: string, folder: string) {
  const port = await freePort();
  const worker = await startWorker({
    config: "wrangler.toml",
    script,
    port,
    persist: await mkdtemp(join(folder, "growth-")),
    inspect: true,
    bindings: {
      TRUSTPILOT_INTEGRATION_KEY: "benchIntegration",
      SEGMENT_SHARED_SECRET: SECRET,
      TRUSTPILOT_API_URL: "http://127.0.0.1:9/api",
      HOLD_DAYS: "1",
    },
  });
  const url = `http://127.0.0.1:${port}/segment`;
  await send(url, duplicate, SECRET);
  const ledger = await worker.unsafeGetDurableObjectStorage("worker", "Ledger", { name: LEDGER });
  // In steps: one statement of a million rows would hold the object for too long.
  for (let first = 0; first < orders; first += STEP) {
    await ledger.exec(FILL, first, Math.min(first + STEP, orders) - 1);
  }
  return { url, worker };
}

const STEP = 50_000;
const FILL = `WITH RECURSIVE numbers (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
  INSERT INTO orders (order_id, state, received, updated, attempts, history)
  SELECT 'tombstone-' || n, 'invited', 1700000000000 + n, 1700000000000 + n, 1,
    '[{"at":1700000000000,"what":"received"},{"at":1700000000200,"what":"attempt","status":201,"milliseconds":140},{"at":1700000000200,"what":"invited"}]'
  FROM numbers`;
