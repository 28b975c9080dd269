/**
 * Thousands of orders through the bundled Worker, while Trustpilot fails in every way it can and the Worker is
 * killed again and again on the same storage. Then what the ledgers say is compared, order by order, with what
 * Trustpilot's stand-in created. Exits 0 only if every order was invited once, was refused, or is in honest doubt.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Presets, SingleBar } from "cli-progress";
import { hash32 } from "../src/lib/hash.ts";
import { readLedgers, type StoredOrder } from "./lib/ledger-files.ts";
import { ServedWorker } from "./lib/served-worker.ts";
import { startStandIn } from "./lib/stand-in.ts";
import { bundle, freePort } from "./lib/workerd.ts";
import { describeStep, FAULT_STEPS } from "./soak/faults.ts";
import { readOptions } from "./soak/options.ts";
import { byFrequency, printReport } from "./soak/report.ts";
import { orderEvent, Segment, type OrderEvent } from "./soak/segment.ts";
import { countEach, judge } from "./soak/verdict.ts";

const KEY = "soakIntegrationK";
const SECRET = "a secret that Segment and the Worker share";
/** Orders arrive in bursts, so that there is something in hand when the Worker is killed. */
const BURST_EVERY = 1_000;
const BATCH = 20;
/** The third delivery of an order comes up to so many ms after the first two. */
const LATEST = 10_000;
const LONGEST_DOWN = 2_000;

const { orders, seconds, kills, rate, faults, minutes, seed, keep } = readOptions();
const orderIds = Array.from({ length: orders }, (_, number) => `${seed}-${number}`);

const persist = await mkdtemp(join(tmpdir(), "soak-"));
console.log(`Soaking with ${orders} orders, --seed ${seed}`);
const bar = new SingleBar(
  // Where there is no terminal: a line now and then, so that a log stays readable.
  { format: "{bar} {percentage}% {what}", noTTYOutput: true, notTTYSchedule: 10_000 },
  Presets.shades_classic,
);
bar.start(orders, 0, { what: "starting the Worker and Trustpilot's stand-in" });
const standIn = await startStandIn();
await standIn.behave(KEY, { chance: { rate, steps: FAULT_STEPS, first: faults, seed } });
const worker = new ServedWorker({
  config: "wrangler.toml",
  script: await bundle("wrangler.toml", "build/soak"),
  port: await freePort(),
  persist,
  bindings: {
    TRUSTPILOT_INTEGRATION_KEY: KEY,
    SEGMENT_SHARED_SECRET: SECRET,
    TRUSTPILOT_API_URL: standIn.apiUrl,
    SHOP_ORIGIN: "https://shop.example.com",
  },
});
await worker.start();

const segment = new Segment(`${worker.origin}/segment`, SECRET, KEY);
const started = Date.now();
const elapsed = () => (Date.now() - started) / 1000;
const over = AbortSignal.timeout(minutes * 60_000);
const killedAt: number[] = [];
let down = false;

const [, , inTime] = await Promise.all([deliverAll(), killNowAndThen(), ended()]);
await worker.stop();
bar.stop();

const received = await standIn.requests(KEY);
const created = received.filter((request) => request.created).map(({ body }) => String(body["referenceId"]));
const { ends, problems } = judge(orderIds, readLedgers(persist), created, segment.accepted);
if (!inTime) problems.unshift(`Gave up after ${minutes} minutes: not every order has come to its end.`);
const telling = worker.log.filter((line) =>
  [KEY, SECRET, "@", "Soakwell"].some((text) => line.includes(text)),
);
if (telling.length > 0)
  problems.push(`${telling.length} lines of the Worker's log tell who ordered, or a secret.`);
printReport(
  [
    ["Answers to Segment", byFrequency(segment.answers)],
    ["Requests at Trustpilot", byFrequency(countEach(received.map(({ step }) => describeStep(step))))],
    ["What became of the orders", byFrequency(Object.entries(ends))],
    [
      "In all",
      [
        ["invitations created", created.length],
        ["kills", killedAt.length],
        ["lines in the Worker's log", worker.log.length],
        ["seconds", elapsed().toFixed(0)],
        ["seed", seed],
      ],
    ],
  ],
  problems,
);
await standIn.stop();
if (keep) console.log(`The storage is in ${persist}`);
else await rm(persist, { recursive: true, force: true });
process.exitCode = problems.length === 0 ? 0 : 1;

/** Bursts of orders, each order three times: twice at once, and once more some seconds later. */
async function deliverAll(): Promise<void> {
  const bursts = Math.max(1, Math.round((seconds * 1000) / BURST_EVERY));
  const deliveries: Promise<void>[] = [];
  for (let burst = 0; burst < bursts; burst++) {
    const numbers = Array.from(orderIds.keys()).filter((number) => number % bursts === burst);
    const late = pause(draw(`late ${burst}`) * LATEST).then(() => deliverBurst(numbers, 3));
    deliveries.push(deliverBurst(numbers, 1), deliverBurst(numbers, 2), late);
    await pause(BURST_EVERY);
  }
  await Promise.all(deliveries);
}

/** Every third burst comes in arrays, the others one by one. */
async function deliverBurst(numbers: number[], delivery: number): Promise<void> {
  const events = numbers.map((number) => orderEvent(orderIds[number]!, number, delivery));
  const size = draw(`batch ${numbers[0]} ${delivery}`) < 1 / 3 ? BATCH : 1;
  const requests: OrderEvent[][] = [];
  for (let at = 0; at < events.length; at += size) requests.push(events.slice(at, at + size));
  await Promise.all(requests.map((request) => segment.deliver(request, over)));
}

/** The last kill comes when all orders have arrived: from then on only alarms can bring them to their end. */
async function killNowAndThen(): Promise<void> {
  for (let kill = 1; kill <= kills; kill++) {
    const isLast = kill === kills;
    const burst = Math.floor((seconds * 1000 * kill) / kills / BURST_EVERY) * BURST_EVERY;
    const inBurst = draw(`kill ${kill}`) * 300;
    await pause(started + burst + inBurst + (isLast ? LATEST + 1_000 : 0) - Date.now());
    if (over.aborted) return;
    down = true;
    await worker.kill();
    killedAt.push(elapsed());
    await pause(draw(`down ${kill}`) * LONGEST_DOWN);
    await worker.start();
    down = false;
  }
}

/** Waits until every order has an end, and no kill is to come. @returns whether that happened in time */
async function ended(): Promise<boolean> {
  for (; !over.aborted; await pause(1_000)) {
    const rows = down ? null : readIfPossible();
    if (rows === null) continue;
    const done = rows.filter(({ state }) => state !== "held" && state !== "sending").length;
    const states = byFrequency(countEach(rows.map(({ state }) => state))).map(
      ([state, count]) => `${count} ${state}`,
    );
    bar.update(done, { what: `${elapsed().toFixed(0)} s, ${killedAt.length} kills: ${states.join(", ")}` });
    if (done === orders && killedAt.length === kills) return true;
  }
  return false;
}

/** A ledger that is just being recovered after a kill cannot be read. */
function readIfPossible(): StoredOrder[] | null {
  try {
    return readLedgers(persist);
  } catch {
    return null;
  }
}

/** 0 … 1, always the same for the same seed and `what`. */
function draw(what: string): number {
  return hash32(`${seed}:${what}`) / 2 ** 32;
}

async function pause(milliseconds: number): Promise<void> {
  await sleep(Math.max(0, milliseconds), null, { signal: over }).catch(() => {});
}
