/**
 * The main job from end to end, on real parts: the bundled Worker on workerd with local KV and Ledger, and a
 * stand-in for Trustpilot that is asked over HTTP. Exits 0 only if exactly two invitations were made.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import colors from "picocolors";
import { run } from "./lib/command.ts";
import { countEach } from "./lib/count-each.ts";
import { send } from "./lib/segment.ts";
import { startStandIn, type StandIn } from "./lib/stand-in.ts";
import { buildWorker, freePort, ROOT, startWorker } from "./lib/workerd.ts";

const HELP = `
npm run demo

Sends sample orders through the Worker to a stand-in for Trustpilot and shows
what arrives there. Needs no account and no network.

Exit code: 0 when 13 deliveries of 2 orders led to exactly 2 invitations, 1
otherwise.
`;

const KEY = "demoIntegrationK";
const SECRET = "a secret that Segment and the Worker share";

await run({ name: "npm run demo", help: HELP, options: {} }, async () => {
  console.log("Starting the Worker on workerd, with local KV and Ledger, and a stand-in for Trustpilot …");
  const standIn = await startStandIn();
  const port = await freePort();
  const log: string[] = [];
  const worker = await startWorker({
    config: "wrangler.toml",
    script: await buildWorker("build/worker"),
    port,
    bindings: {
      TRUSTPILOT_INTEGRATION_KEY: KEY,
      SEGMENT_SHARED_SECRET: SECRET,
      TRUSTPILOT_API_URL: standIn.apiUrl,
      SHOP_ORIGIN: "https://shop.example.com",
    },
    onLog: (line) => log.push(line),
  });
  const url = `http://127.0.0.1:${port}/segment`;
  const first = await sampleOrder({});
  const second = await sampleOrder({
    order_id: "1002",
    email: "jane@example.com",
    name: "Jane",
    surname: "Doe",
  });
  await deliver(url, "Segment sends an Order Completed", [first]);
  await deliver(url, "Segment sends the same event again", [first]);
  await deliver(url, "Ten deliveries of it at the same time", Array<string>(10).fill(first));
  await deliver(url, "Another order", [second]);

  const invitations = await waitForInvitations(standIn);
  heading(`What reached Trustpilot: ${invitations.length} invitations`);
  for (const { path, origin, body } of invitations) {
    console.log(
      `  ${colors.green("POST")} ${path.replace(KEY, "{key}")}   ${colors.dim(`Origin: ${origin}`)}`,
    );
    console.log(JSON.stringify(body, null, 2).replace(/^/gm, "       "));
  }
  heading("What wrangler tail shows meanwhile");
  for (const line of log) console.log(colors.dim(`  ${line}`));
  await Promise.all([worker.dispose(), standIn.stop()]);

  const ok = invitations.length === 2;
  console.log(
    ok
      ? colors.green("\n✔ 13 deliveries, 2 orders, 2 invitations.")
      : colors.red(`\n✘ 2 invitations were expected, ${invitations.length} arrived.`),
  );
  return ok ? 0 : 1;
});

/** Segment's sample event as of now. @param properties what differs */
async function sampleOrder(properties: object): Promise<string> {
  const sample = JSON.parse(await readFile(join(ROOT, "examples/order-completed.json"), "utf8"));
  return JSON.stringify({
    ...sample,
    timestamp: new Date().toISOString(),
    properties: { ...sample.properties, ...properties },
  });
}

async function deliver(url: string, title: string, bodies: string[]): Promise<void> {
  heading(title);
  const answers = await Promise.all(
    bodies.map(async (body) => {
      const response = await send(url, body, SECRET);
      return `${response.status} ${await response.text()}`;
    }),
  );
  for (const [answer, times] of countEach(answers)) {
    console.log(`  ${colors.cyan("←")} ${answer}${times > 1 ? colors.dim(`   × ${times}`) : ""}`);
  }
}

/** Waits a second longer than needed, so that one too many would be seen. */
async function waitForInvitations(standIn: StandIn) {
  const end = Date.now() + 20_000;
  while ((await standIn.requests(KEY)).length < 2 && Date.now() < end) await sleep(50);
  await sleep(1000);
  return (await standIn.requests(KEY)).filter(({ created }) => created);
}

function heading(text: string): void {
  console.log(`\n${colors.bold(text)}`);
}
