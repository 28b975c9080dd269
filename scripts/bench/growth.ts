/**
 * Whether a ledger that has run for years is as fast as a new one: the same requests against ledgers with no
 * tombstones and with many, in alternation. The newest orders are the same in each, so that pages have as much to
 * show.
 */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { ledgerName } from "../../src/orders/shard.ts";
import { send } from "../lib/segment.ts";
import { freePort, startWorker } from "../lib/workerd.ts";
import { order } from "./cases.ts";
import { lookThroughput, SECRET, throughput, type Rate } from "./load.ts";
import { median } from "./statistics.ts";

export interface GrowthRow {
  name: string;
  orders: number;
  perSecond: number;
  /** To the same requests at a ledger without tombstones. */
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
  const servers = [];
  for (const orders of sizesOf(tombstones)) {
    tick(`${orders.toLocaleString("en")} tombstones`);
    servers.push({ orders, ...(await startWith(orders, script, folder)) });
  }
  const rows: GrowthRow[] = [];
  for (const [name, load] of Object.entries(LOADS)) {
    const results = servers.map((): number[] => []);
    for (let pair = -1; pair < pairs; pair++) {
      tick(name);
      for (const [index, { origin }] of servers.entries()) {
        const { perSecond } = await load(origin, seconds);
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

/** Looking comes first: the new orders of a load are more in one ledger than in another. */
const LOADS: Record<string, (origin: string, seconds: number) => Promise<Rate>> = {
  "/status": (origin, seconds) => lookThroughput(`${origin}/status`, PASSWORD, seconds),
  "list of orders": (origin, seconds) => lookThroughput(`${origin}/orders`, PASSWORD, seconds),
  "list of one state": (origin, seconds) => lookThroughput(`${origin}/orders?state=held`, PASSWORD, seconds),
  "duplicate known to the Ledger only": (origin, seconds) =>
    throughput({ url: `${origin}/segment`, body: duplicate, seconds }),
  "new order": (origin, seconds) =>
    throughput({ url: `${origin}/segment`, body: () => JSON.stringify(order(newOrderId())), seconds }),
};

/** How often `growth` ticks. */
export function growthTicks(tombstones: number, pairs: number): number {
  return sizesOf(tombstones).length + Object.keys(LOADS).length * (pairs + 1);
}

function sizesOf(tombstones: number): number[] {
  return [...new Set([0, Math.min(100_000, tombstones), tombstones])];
}

const PASSWORD = "look";

/** More than a page of a list holds. */
const NEWEST = 200;

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
      STATUS_PASSWORD: PASSWORD,
    },
  });
  const origin = `http://127.0.0.1:${port}`;
  const newest = Array.from({ length: NEWEST }, (_, n) => order(`growth-newest-${n}`));
  await send(`${origin}/segment`, JSON.stringify([order("growth-duplicate"), ...newest]), SECRET);
  const ledger = await worker.unsafeGetDurableObjectStorage("worker", "Ledger", { name: LEDGER });
  // In steps: one statement of a million rows would hold the object for too long.
  for (let first = 0; first < orders; first += STEP) {
    await ledger.exec(FILL, first, Math.min(first + STEP, orders) - 1);
  }
  return { origin, worker };
}

const STEP = 50_000;
const FILL = `WITH RECURSIVE numbers (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
  INSERT INTO orders (order_id, state, received, updated, attempts, history)
  SELECT 'tombstone-' || n, 'invited', 1700000000000 + n, 1700000000000 + n, 1,
    '[{"at":1700000000000,"what":"received"},{"at":1700000000200,"what":"attempt","status":201,"milliseconds":140},{"at":1700000000200,"what":"invited"}]'
  FROM numbers`;
