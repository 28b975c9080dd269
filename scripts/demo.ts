/**
 * The main job from end to end, on real parts: the bundled Worker on workerd with local KV and Ledger, and a
 * stand-in for Trustpilot that is asked over HTTP. Exits 0 only if exactly two invitations were made.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { spinner } from "@clack/prompts";
import colors from "picocolors";
import { send } from "./lib/segment.ts";
import { startStandIn } from "./lib/stand-in.ts";
import { bundle, freePort, ROOT, startWorker } from "./lib/workerd.ts";

const KEY = "demoIntegrationK";
const SECRET = "a secret that Segment and the Worker share";

if (process.argv.includes("--help")) {
  console.log(
    "npm run demo\n\nSends sample orders through the Worker to a stand-in for Trustpilot and shows what arrives.",
  );
  process.exit(0);
}

const log: string[] = [];
const progress = process.stdout.isTTY ? spinner() : { start: () => {}, stop: console.log };
progress.start("Starting Trustpilot's stand-in and the Worker on workerd");
const standIn = await startStandIn();
const port = await freePort();
const worker = await startWorker({
  config: "wrangler.toml",
  script: await bundle("wrangler.toml", "build/worker"),
  port,
  bindings: {
    TRUSTPILOT_INTEGRATION_KEY: KEY,
    SEGMENT_SHARED_SECRET: SECRET,
    TRUSTPILOT_API_URL: standIn.apiUrl,
    SHOP_ORIGIN: "https://shop.example.com",
  },
  onLog: (line) => log.push(line),
});
progress.stop("Worker on workerd, with local KV and Ledger; Trustpilot's stand-in beside it");

const sample = JSON.parse(await readFile(join(ROOT, "examples/order-completed.json"), "utf8"));
const first = JSON.stringify({ ...sample, timestamp: new Date().toISOString() });
const second = JSON.stringify({
  ...sample,
  messageId: "another-message",
  timestamp: new Date().toISOString(),
  properties: {
    ...sample.properties,
    order_id: "1002",
    email: "jane@example.com",
    name: "Jane",
    surname: "Doe",
  },
});

await deliver("Segment sends an Order Completed", [first]);
await deliver("Segment sends the same event again", [first]);
await deliver(
  "Ten deliveries of it at the same time",
  Array.from({ length: 10 }, () => first),
);
await deliver("Another order", [second]);

const invitations = await settled();
heading(`What reached Trustpilot: ${invitations.length} invitations`);
for (const { path, origin, body } of invitations) {
  console.log(`  ${colors.green("POST")} ${path.replace(KEY, "{key}")}   ${colors.dim(`Origin: ${origin}`)}`);
  console.log(indent(JSON.stringify(body, null, 2)));
}
heading("What wrangler tail shows meanwhile");
for (const line of log) console.log(colors.dim(`  ${line}`));

const ok = invitations.length === 2;
console.log();
console.log(
  ok
    ? colors.green("✔ 13 deliveries, 2 orders, 2 invitations.")
    : colors.red(`✘ 2 invitations were expected, ${invitations.length} arrived.`),
);
await Promise.all([worker.dispose(), standIn.stop()]);
process.exitCode = ok ? 0 : 1;

async function deliver(title: string, bodies: string[]): Promise<void> {
  heading(title);
  const answers = await Promise.all(
    bodies.map(async (body) => {
      const response = await send(`http://127.0.0.1:${port}/segment`, body, SECRET);
      return `${response.status} ${await response.text()}`;
    }),
  );
  for (const [answer, times] of countEach(answers)) {
    console.log(`  ${colors.cyan("←")} ${answer}${times > 1 ? colors.dim(`   × ${times}`) : ""}`);
  }
}

/** The invitations, once the Ledger's alarm has had time for one too many. */
async function settled() {
  const end = Date.now() + 20_000;
  while ((await standIn.requests(KEY)).length < 2 && Date.now() < end) await sleep(50);
  await sleep(1000);
  return (await standIn.requests(KEY)).filter(({ created }) => created);
}

function countEach(values: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function heading(text: string): void {
  console.log(`\n${colors.bold(text)}`);
}

function indent(text: string): string {
  return text.replace(/^/gm, "       ");
}
