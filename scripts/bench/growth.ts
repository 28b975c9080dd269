/**
 * Whether a ledger stays fast: the same requests against ledgers with few, many and very many orders, done or waiting,
 * interleaved. The newest orders are the same in each, so that pages have as much to show.
 */
import { SETTINGS } from "../../src/config/settings.ts";
import { ledgerName } from "../../src/domain/shard.ts";
import { send } from "../lib/segment.ts";
import { order } from "./cases.ts";
import { sendEvents, viewPage } from "./load.ts";
import { compare, type Contestant, type Result } from "./samples.ts";
import { SECRET, startServer, stopServers, type Product, type Server } from "./servers.ts";

export interface GrowthRow {
  name: string;
  /** What the ledger holds: `0`, `20,000 done`, `10,000 waiting`. */
  holds: string;
  result: Result;
}

interface Filled extends Server {
  holds: string;
  /** How many done orders it was filled with. */
  done: number;
  /** One of them after the other. */
  oldId: () => string;
}

const ledgerOf = (orderId: string) => ledgerName(orderId, SETTINGS.storage.ledgers.fallback);

/** All requests go to this one. */
const LEDGER = ledgerOf("growth-duplicate");
const PASSWORD = "look-at-made-up-orders";
/** More than a page of a list holds. */
const NEWEST = 200;
/** More orders than a ledger keeps in memory: a duplicate of each in turn has to be looked up in the table. */
const BEYOND_MEMORY = 20_000;
const duplicate = JSON.stringify(order("growth-duplicate"));
const newIds = idsOfLedger(`growth-${Date.now().toString(36)}`);

/** Views come first: the new orders of a load are more in one ledger than in another. */
const LOADS: Record<string, (server: Filled, seconds: number) => ReturnType<Contestant["run"]>> = {
  "/status": ({ origin }, time) => viewPage(`${origin}/status`, PASSWORD, time),
  "list of orders": ({ origin }, time) => viewPage(`${origin}/orders`, PASSWORD, time),
  "list of one state": ({ origin }, time) => viewPage(`${origin}/orders?state=held`, PASSWORD, time),
  "recent duplicate": ({ origin }, time) => sendEvents(origin, duplicate, time),
  "old duplicate": ({ origin, oldId }, time) =>
    sendEvents(origin, () => JSON.stringify(order(oldId())), time),
  "new order": ({ origin }, time) =>
    sendEvents(origin, () => JSON.stringify(order(newIds.next().value)), time),
};

/** @param most the largest number of done orders; that of waiting ones is at most 100,000 */
export async function growth(
  product: Product,
  most: number,
  seconds: number,
  tick: (what: string) => void,
): Promise<GrowthRow[]> {
  const servers: Filled[] = [];
  for (const [state, size] of sizesUpTo(most)) {
    tick(`${size.toLocaleString("en")} orders ${state}`);
    servers.push(await startFilled(product, state, size));
  }
  const rows: GrowthRow[] = [];
  for (const [name, run] of Object.entries(LOADS)) {
    tick(name);
    const fit = servers.filter(
      ({ done }) => name !== "old duplicate" || done >= Math.min(BEYOND_MEMORY, most),
    );
    const contestants = fit.map((server) => ({
      run: (time: number) => run(server, time),
      cpuTime: server.cpuTime,
    }));
    const results = await compare(contestants, seconds);
    rows.push(...results.map((result, which) => ({ name, holds: fit[which]!.holds, result })));
  }
  await stopServers(servers);
  return rows;
}

export function growthTicks(most: number): number {
  return sizesUpTo(most).length + Object.keys(LOADS).length;
}

function sizesUpTo(most: number): ["done" | "waiting", number][] {
  const upTo = (...sizes: number[]) => [...new Set(sizes.map((size) => Math.min(size, most)))];
  return [
    ["done", 0],
    ...upTo(BEYOND_MEMORY, 100_000, most).map((size) => ["done", size] as ["done", number]),
    ...upTo(10_000, 100_000).map((size) => ["waiting", size] as ["waiting", number]),
  ];
}

/** Ids that all fall to that ledger. */
function* idsOfLedger(prefix: string): Generator<string, never> {
  for (let n = 0; ; n++) if (ledgerOf(`${prefix}-${n}`) === LEDGER) yield `${prefix}-${n}`;
}

async function startFilled(product: Product, state: "done" | "waiting", size: number): Promise<Filled> {
  const server = await startServer(product, {
    TRUSTPILOT_API_URL: "http://127.0.0.1:9/api",
    HOLD_DAYS: "1",
    STATUS_PASSWORD: PASSWORD,
  });
  const newest = Array.from({ length: NEWEST }, (_, n) => order(`growth-newest-${n}`));
  await send(`${server.origin}/segment`, JSON.stringify([order("growth-duplicate"), ...newest]), SECRET);
  const ledger = await server.worker.unsafeGetDurableObjectStorage("worker", "Ledger", { name: LEDGER });
  const ids = idsOfLedger("filler").take(size).toArray();
  // In steps: one statement of a million rows would hold the object for too long.
  for (let first = 0; first < size; first += 20_000) {
    await ledger.exec(FILL[state], JSON.stringify(ids.slice(first, first + 20_000)));
  }
  const holds = size === 0 ? "0" : `${size.toLocaleString("en")} ${state}`;
  let next = 0;
  return { ...server, holds, done: state === "done" ? size : 0, oldId: () => ids[next++ % size]! };
}

const FILL = {
  done: `INSERT INTO orders (order_id, state, received, updated, attempts, history)
    SELECT value, 'invited', 1700000000000 + key, 1700000000000 + key, 1,
      '[{"at":1700000000000,"what":"received"},{"at":1700000000200,"what":"attempt","status":201,"milliseconds":140},{"at":1700000000200,"what":"invited"}]'
    FROM json_each(?)`,
  waiting: `INSERT INTO orders (order_id, state, received, updated, due, attempts, history, personal)
    SELECT value, 'held', 1700000000000 + key, 1700000000000 + key, 4000000000000 + key, 0,
      '[{"at":1700000000000,"what":"received"}]',
      '{"orderId":"' || value || '","email":"jane@example.com","name":"Jane Doe","orderedAt":1700000000000}'
    FROM json_each(?)`,
};
