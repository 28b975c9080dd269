/**
 * Thousands of orders through the bundled Worker, while Trustpilot fails in every way it can and the Worker is
 * killed again and again on the same storage. Then what the ledgers say is compared, order by order, with what
 * Trustpilot's stand-in created. Exits 0 only if every order was invited once, was refused, or is in honest doubt.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decimal, run, wholeNumber } from "./lib/command.ts";
import { countEach } from "./lib/count-each.ts";
import { readLedgers } from "./lib/ledger-files.ts";
import { ServedWorker } from "./lib/served-worker.ts";
import { startStandIn } from "./lib/stand-in.ts";
import { temporaryFolder } from "./lib/at-end.ts";
import { buildWorker, freePort } from "./lib/workerd.ts";
import { readTransport, TRANSPORT_HELP, withTransport } from "./lib/transports.ts";
import { describeStep, faultSteps } from "./soak/faults.ts";
import { byFrequency, printReport } from "./soak/report.ts";
import { Segment } from "./soak/segment.ts";
import { Soak } from "./soak/run.ts";
import { judge } from "./soak/verdict.ts";

const HELP = `
npm run soak [-- options]

Sends orders, three times each, through the Worker to a stand-in for Trustpilot
that fails, kills the Worker in between, and checks what became of each order.

  --orders N    how many orders (2000)
  --seconds N   over which they arrive (60)
  --kills N     how often the Worker is killed (kill -9) and restarted (5)
  --rate N      the share of requests that Trustpilot fails, 0 to 1 (0.3)
  --faults N    only the first N requests of an order can fail (3)
  --minutes N   gives up after that long (10)
  --seed TEXT   which request fails in which way (a new one each time)
  --keep        keeps the ledgers' files and says where they are
${TRANSPORT_HELP}

Exit code: 0 when each order was invited once, was refused, or is unknown, 1
otherwise.
`;

const options = {
  orders: { type: "string" },
  seconds: { type: "string" },
  kills: { type: "string" },
  rate: { type: "string" },
  faults: { type: "string" },
  minutes: { type: "string" },
  seed: { type: "string" },
  keep: { type: "boolean", default: false },
  transport: { type: "string" },
} as const;

const KEY = "soakIntegrationK";
const SECRET = "a secret that Segment and the Worker share";
const PASSWORD = "the password of a soak";

await run({ name: "npm run soak", help: HELP, options }, async (values) => {
  const orders = wholeNumber("orders", values.orders, 2000, 1, 1_000_000);
  const plan = {
    seed: values.seed ?? Math.random().toString(36).slice(2, 8),
    seconds: wholeNumber("seconds", values.seconds, 60, 1, 86_400),
    kills: wholeNumber("kills", values.kills, 5, 0, 1000),
    minutes: decimal("minutes", values.minutes, 10, 0.01, 10_000),
  };
  const transport = readTransport(values.transport);
  const rate = decimal("rate", values.rate, 0.3, 0, 1);
  const first = wholeNumber("faults", values.faults, 3, 0, 1000);
  const orderIds = Array.from({ length: orders }, (_, number) => `${plan.seed}-${number}`);
  const persist = values.keep ? await mkdtemp(join(tmpdir(), "soak-")) : temporaryFolder("soak-");

  console.log(`Soaking ${transport} with ${orders} orders, --seed ${plan.seed}`);
  const standIn = await startStandIn();
  await standIn.behave(KEY, { chance: { rate, steps: faultSteps(transport), first, seed: plan.seed } });
  const worker = await startServedWorker(persist, withTransport(transport, KEY, standIn));
  const segment = new Segment(`${worker.origin}/segment`, SECRET, KEY);
  const soak = new Soak({ ...plan, orderIds, worker, segment, persist, password: PASSWORD });
  const inTime = await soak.run();
  await worker.stop();

  const received = await standIn.requests(KEY);
  await standIn.stop();
  const created = received.filter((one) => one.created).map(({ referenceId }) => String(referenceId));
  const { ends, problems } = judge(orderIds, readLedgers(persist), created, segment.accepted);
  if (!inTime) problems.unshift(`Gave up after ${plan.minutes} minutes: not every order has ended.`);
  const leaks = worker.log.filter((line) => [KEY, SECRET, "@", "Soakwell"].some((one) => line.includes(one)));
  if (leaks.length > 0) problems.push(`${leaks.length} log lines of the Worker show a customer or a secret.`);
  const totals: [string, string | number][] = [
    ["invitations created", created.length],
    ["kills", soak.kills],
    ["log lines of the Worker", worker.log.length],
    ["seconds", soak.elapsed().toFixed(0)],
    ["seed", plan.seed],
  ];
  printReport(
    [
      ["Answers to Segment", byFrequency(segment.answers)],
      ["Requests at Trustpilot", byFrequency(countEach(received.map(({ step }) => describeStep(step))))],
      ["How the orders ended", byFrequency(Object.entries(ends))],
      ["Total", totals],
    ],
    problems,
  );
  if (values.keep) console.log(`The storage is in ${persist}`);
  return problems.length === 0 ? 0 : 1;
});

async function startServedWorker(
  persist: string,
  { bindings, mailTo }: ReturnType<typeof withTransport>,
): Promise<ServedWorker> {
  const worker = new ServedWorker({
    config: "wrangler.toml",
    script: await buildWorker(),
    port: await freePort(),
    persist,
    mailTo,
    bindings: { ...bindings, SEGMENT_SHARED_SECRET: SECRET, STATUS_PASSWORD: PASSWORD },
  });
  await worker.start();
  return worker;
}
