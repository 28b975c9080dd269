/**
 * Whether a ledger that has run for years is as fast as a new one: the same requests against ledgers with no
 * tombstones and with many, in turns. The newest orders are the same in each, so that pages have as much to show.
 */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Miniflare } from "miniflare";
import { ledgerName } from "../../src/domain/shard.ts";
import { send } from "../lib/segment.ts";
import { freePort, startWorker } from "../lib/workerd.ts";
import { order } from "./cases.ts";
import { KEY } from "./contest.ts";
import { lookThroughput, SECRET, throughput } from "./load.ts";
import { median } from "./statistics.ts";
import { takeTurns, ticksOf, type Rate } from "./turns.ts";

export interface GrowthRow {
  name: string;
  /** Tombstones in the ledger that is asked. */
  orders: number;
  perSecond: number;
  /** To the same requests at the ledger with the fewest. */
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

interface Server {
  origin: string;
  /** Tombstones in its ledger. */
  orders: number;
  /** How many of them a duplicate has come for. */
  asked: number;
  worker: Miniflare;
}

export async function growth(options: Options): Promise<GrowthRow[]> {
  const { tombstones, seconds, pairs, tick } = options;
  const servers: Server[] = [];
  for (const orders of sizesOf(tombstones)) {
    tick(`${orders.toLocaleString("en")} tombstones`);
    servers.push(await startWith(orders, options));
  }
  const rows: GrowthRow[] = [];
  for (const { name, least = 0, load } of LOADS) {
    const asked = servers.filter(({ orders }) => orders >= Math.min(least, tombstones));
    const contestants = asked.map((server) => ({
      name: String(server.orders),
      run: (time: number) => load(server, time),
    }));
    const results = await takeTurns(contestants, { pairs, seconds, tick: () => tick(name) });
    const fewest = contestants[0]!.name;
    for (const { orders } of asked) {
      const perSecond = (pair: (typeof results)[number], of: string) => pair[of]!.perSecond;
      rows.push({
        name,
        orders,
        perSecond: median(results.map((pair) => perSecond(pair, String(orders)))),
        ratio: median(results.map((pair) => perSecond(pair, String(orders)) / perSecond(pair, fewest))),
      });
    }
  }
  await Promise.all(servers.map(({ worker }) => worker.dispose()));
  return rows;
}

/** All requests go to this one. */
const LEDGER = ledgerName("growth-duplicate");
const duplicate = JSON.stringify(order("growth-duplicate"));

/** Ids of which each falls to that ledger. */
function idsOfLedger(prefix: string): () => string {
  let last = 0;
  return () => {
    for (;;) {
      const id = `${prefix}-${last++}`;
      if (ledgerName(id) === LEDGER) return id;
    }
  };
}

const newId = idsOfLedger(`growth-${Date.now().toString(36)}`);

const nextTombstone = idsOfLedger("tombstone");
const tombstoneIds: string[] = [];

/** The first ones are the same in every ledger. */
function tombstones(from: number, to: number): string[] {
  while (tombstoneIds.length < to) tombstoneIds.push(nextTombstone());
  return tombstoneIds.slice(from, to);
}

/** Each once before any of them twice, and none beside the one before it. */
function someTombstone(server: Server): string {
  return tombstoneIds[(server.asked++ * 7919) % server.orders]!;
}

interface Load {
  name: string;
  /** Ledgers with fewer orders cannot show it. */
  least?: number;
  load: (server: Server, seconds: number) => Promise<Rate>;
}

/** More orders than a ledger keeps in mind: a duplicate of each in turn has to be looked up in the table. */
const BEYOND_MEMORY = 20_000;

/** Looking comes first: the new orders of a load are more in one ledger than in another. */
const LOADS: readonly Load[] = [
  { name: "/status", load: ({ origin }, time) => lookThroughput(`${origin}/status`, PASSWORD, time) },
  { name: "list of orders", load: ({ origin }, time) => lookThroughput(`${origin}/orders`, PASSWORD, time) },
  {
    name: "list of one state",
    load: ({ origin }, time) => lookThroughput(`${origin}/orders?state=held`, PASSWORD, time),
  },
  {
    name: "duplicate of a moment ago",
    load: ({ origin }, seconds) => throughput({ url: `${origin}/segment`, body: duplicate, seconds }),
  },
  {
    name: "duplicate of long ago",
    least: BEYOND_MEMORY,
    load: (server, seconds) => {
      const body = () => JSON.stringify(order(someTombstone(server)));
      return throughput({ url: `${server.origin}/segment`, body, seconds });
    },
  },
  {
    name: "new order",
    load: ({ origin }, seconds) =>
      throughput({ url: `${origin}/segment`, body: () => JSON.stringify(order(newId())), seconds }),
  },
];

/** How often `growth` ticks. */
export function growthTicks(tombstones: number, pairs: number): number {
  return tombstones === 0 ? 0 : sizesOf(tombstones).length + LOADS.length * ticksOf(pairs);
}

function sizesOf(tombstones: number): number[] {
  return [...new Set([0, ...[BEYOND_MEMORY, 100_000].map((size) => Math.min(size, tombstones)), tombstones])];
}

const PASSWORD = "look";

/** More than a page of a list holds. */
const NEWEST = 200;

async function startWith(orders: number, { script, folder }: Options): Promise<Server> {
  const port = await freePort();
  const worker = await startWorker({
    config: "wrangler.toml",
    script,
    port,
    persist: await mkdtemp(join(folder, "growth-")),
    inspect: true,
    bindings: {
      TRUSTPILOT_INTEGRATION_KEY: KEY,
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
    await ledger.exec(FILL, JSON.stringify(tombstones(first, Math.min(first + STEP, orders))));
  }
  return { origin, orders, asked: 0, worker };
}

const STEP = 20_000;
const FILL = `INSERT INTO orders (order_id, state, received, updated, attempts, history)
  SELECT value, 'invited', 1700000000000 + key, 1700000000000 + key, 1,
    '[{"at":1700000000000,"what":"received"},{"at":1700000000200,"what":"attempt","status":201,"milliseconds":140},{"at":1700000000200,"what":"invited"}]'
  FROM json_each(?)`;
