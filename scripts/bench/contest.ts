/** The product against the baseline (scripts/bench/baseline): the same requests to both, interleaved. */
import { setTimeout as sleep } from "node:timers/promises";
import { send } from "../lib/segment.ts";
import type { StandIn } from "../lib/stand-in.ts";
import { KNOWN_TO_KV, order, type Case } from "./cases.ts";
import { sendEvents } from "./load.ts";
import { compare, type Result } from "./samples.ts";
import { KEY, SECRET, startServer, stopServers, type Product, type Server } from "./servers.ts";

export interface Row {
  name: string;
  unit: "requests/s" | "orders/s";
  baseline: Result;
  ours: Result;
  /** The lowest ratio that is good enough. */
  target: number;
}

/** The baseline and the product, in this order. */
type Both = readonly [Product, Product];

export async function contest(
  both: Both,
  cases: readonly Case[],
  seconds: number,
  tick: (what: string) => void,
): Promise<Row[]> {
  const servers = await startBoth(both, { HOLD_DAYS: "1", TRUSTPILOT_API_URL: NOWHERE });
  const rows: Row[] = [];
  for (const { name, target, body, before, sent } of cases) {
    tick(name);
    if (before !== undefined) {
      for (const { origin } of servers) await send(`${origin}/segment`, before, SECRET);
    }
    const contestants = servers.map(({ origin, cpuTime }) => ({
      run: (time: number) => sendEvents(origin, body, time, sent),
      cpuTime,
    }));
    const [baseline, ours] = await compare(contestants, seconds);
    rows.push({ name, unit: "requests/s", baseline: baseline!, ours: ours!, target });
  }
  await stopServers(servers);
  return rows;
}

/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:9/api";

export const DELIVERY = "delivery, orders drained";

/** Delivery: from sending a batch of orders until the last invitation has reached the stand-in. */
export async function contestOfDelivery(both: Both, standIn: StandIn, seconds: number): Promise<Row> {
  const servers = await startBoth(both, { HOLD_DAYS: "0", TRUSTPILOT_API_URL: standIn.apiUrl });
  const size = Math.ceil(seconds * 20);
  const contestants = servers.map(({ origin, cpuTime }, which) => {
    let batch = 0;
    return { run: () => drain(origin, `drain-${which}-${batch++}`, size, standIn), cpuTime };
  });
  // A sample is a batch here.
  const [baseline, ours] = await compare(contestants, seconds / 5);
  await stopServers(servers);
  return { name: DELIVERY, unit: "orders/s", baseline: baseline!, ours: ours!, target: 0.85 };
}

async function drain(origin: string, prefix: string, size: number, standIn: StandIn) {
  await standIn.forget(KEY);
  const events = Array.from({ length: size }, (_, n) => order(`${prefix}-${n}`));
  const started = performance.now();
  await send(`${origin}/segment`, JSON.stringify(events), SECRET);
  while ((await standIn.requests(KEY)).length < size) await sleep(10);
  return { requests: size, perSecond: (size * 1000) / (performance.now() - started) };
}

async function startBoth(both: Both, bindings: Record<string, string>): Promise<Server[]> {
  const servers: Server[] = [];
  for (const product of both) {
    const server = await startServer(product, bindings);
    const kv = await server.worker.getKVNamespace("ORDERS", "worker");
    await kv.put(`order:${KNOWN_TO_KV}`, "invited");
    servers.push(server);
  }
  return servers;
}
