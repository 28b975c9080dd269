/**
 * The product against its floor: the same requests to both, in turns. A third contestant is the floor with one line
 * of log for each event, because the product has to write one.
 */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Miniflare } from "miniflare";
import { send } from "../lib/segment.ts";
import type { StandIn } from "../lib/stand-in.ts";
import { freePort, startWorker } from "../lib/workerd.ts";
import { KNOWN_TO_KV, order, type Case } from "./cases.ts";
import { SECRET, throughput } from "./load.ts";
import { processorTime, workerdIds } from "./processor-time.ts";
import { median, spread } from "./statistics.ts";
import { takeTurns, ticksOf, type Contestant, type Result } from "./turns.ts";

export const KEY = "benchIntegration";

export interface Row {
  name: string;
  unit: "requests/s" | "orders/s";
  ours: number;
  floor: number;
  /** Ours to the floor's, as the median of the pairs, with the `least` and the `most` of them. */
  ratio: number;
  least: number;
  most: number;
  /** To the floor that logs; `null` where the product writes no line for each event. */
  ratioToLogging: number | null;
  /** Processor time of workerd for a request, in ms; `null` where it cannot be known. */
  processor: number | null;
  /** The least ratio that is worth having. */
  target: number;
}

interface Options {
  /** Bundles of both. */
  scripts: { ours: string; floor: string };
  /** For what they store. */
  folder: string;
  standIn: StandIn;
  pairs: number;
  seconds: number;
  tick: (what: string) => void;
}

interface Server {
  url: string;
  worker: Miniflare;
  /** Of its process; `undefined` where there is no /proc. */
  id: string | undefined;
}

export async function contest(cases: readonly Case[], options: Options): Promise<Row[]> {
  const { pairs, seconds, tick } = options;
  const servers: Record<string, Server> = {
    ours: await start("ours", options, { HOLD_DAYS: "1" }),
    floor: await start("floor", options, { HOLD_DAYS: "1" }),
    logging: await start("floor", options, { HOLD_DAYS: "1", LOG: "yes" }),
  };
  const rows: Row[] = [];
  for (const one of cases) {
    const contestants = Object.entries(servers)
      .filter(([name]) => name !== "logging" || one.logs === true)
      .map(([name, { url, id }]): Contestant => {
        const run = (time: number) => throughput({ ...one, url, seconds: time });
        return id === undefined ? { name, run } : { name, run, processorTime: () => processorTime(id) };
      });
    if (one.before !== undefined) {
      for (const { name } of contestants) await send(servers[name]!.url, one.before, SECRET);
    }
    const results = await takeTurns(contestants, { pairs, seconds, tick: () => tick(one.name) });
    rows.push(row(one.name, "requests/s", results, one.target));
  }
  await stop(servers);
  return rows;
}

const ORDERS = 400;

/** Delivery: from the moment that a batch of orders is taken until the last invitation has reached the stand-in. */
export async function contestOfDelivery(options: Options): Promise<Row> {
  const servers = {
    ours: await start("ours", options, { HOLD_DAYS: "0" }),
    floor: await start("floor", options, { HOLD_DAYS: "0" }),
  };
  const { standIn } = options;
  const drain = async (which: keyof typeof servers, run: number): Promise<Result> => {
    await standIn.forget(KEY);
    const events = Array.from({ length: ORDERS }, (_, n) => order(`drain-${which}-${run}-${n}`));
    const started = performance.now();
    await send(servers[which].url, JSON.stringify(events), SECRET);
    while ((await standIn.requests(KEY)).length < ORDERS) await sleep(10);
    return { perSecond: ORDERS / ((performance.now() - started) / 1000), processor: NaN };
  };
  const results: Record<string, Result>[] = [];
  for (let pair = -1; pair < options.pairs; pair++) {
    options.tick(DELIVERY);
    const result = { ours: await drain("ours", pair), floor: await drain("floor", pair) };
    if (pair >= 0) results.push(result);
  }
  await stop(servers);
  return row(DELIVERY, "orders/s", results, 0.85);
}

export const DELIVERY = "delivery, orders drained";

/** How often the two tick. */
export function contestTicks(cases: number, delivery: boolean, pairs: number): number {
  return (cases + Number(delivery)) * ticksOf(pairs);
}

async function start(
  which: "ours" | "floor",
  { scripts, folder, standIn }: Options,
  bindings: Record<string, string>,
): Promise<Server> {
  const port = await freePort();
  const before = new Set(workerdIds());
  const worker = await startWorker({
    config: which === "ours" ? "wrangler.toml" : "scripts/bench/floor/wrangler.toml",
    script: scripts[which],
    port,
    persist: await mkdtemp(join(folder, which)),
    bindings: {
      TRUSTPILOT_INTEGRATION_KEY: KEY,
      SEGMENT_SHARED_SECRET: SECRET,
      TRUSTPILOT_API_URL: standIn.apiUrl,
      ...bindings,
    },
  });
  const id = workerdIds().find((one) => !before.has(one));
  const kv = await worker.getKVNamespace("ORDERS", "worker");
  await kv.put(`order:${KNOWN_TO_KV}`, "invited");
  return { url: `http://127.0.0.1:${port}/segment`, worker, id };
}

async function stop(servers: Record<string, Server>): Promise<void> {
  await Promise.all(Object.values(servers).map(({ worker }) => worker.dispose()));
}

function row(name: string, unit: Row["unit"], results: Record<string, Result>[], target: number): Row {
  const of = (contestant: string) => results.flatMap((result) => result[contestant]?.perSecond ?? []);
  const [ours, floor, logging] = [of("ours"), of("floor"), of("logging")];
  const ratios = ours.map((perSecond, pair) => perSecond / floor[pair]!);
  const processor = median(results.map((result) => result["ours"]!.processor));
  return {
    name,
    unit,
    ours: median(ours),
    floor: median(floor),
    ratio: median(ratios),
    ...spread(ratios),
    ratioToLogging:
      logging.length > 0 ? median(ours.map((perSecond, pair) => perSecond / logging[pair]!)) : null,
    processor: Number.isFinite(processor) ? processor : null,
    target,
  };
}
