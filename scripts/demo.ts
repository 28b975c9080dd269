/**
 * The main job from end to end, on real parts: the built Worker on workerd with local KV and Ledger, and a stand-in for
 * Trustpilot. Then what goes wrong in life: Trustpilot is away, a customer is deleted, and the Worker is killed. Exits
 * 0 only if every order that may be invited was invited once.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import colors from "picocolors";
import { run } from "./lib/command.ts";
import { countEach } from "./lib/count-each.ts";
import { send } from "./lib/segment.ts";
import { ServedWorker } from "./lib/served-worker.ts";
import { startStandIn, type StandIn } from "./lib/stand-in.ts";
import { temporaryFolder } from "./lib/at-end.ts";
import type { TransportName } from "../src/config/transport-needs.ts";
import { readTransport, TRANSPORT_HELP, withTransport } from "./lib/transports.ts";
import { buildWorker, freePort, ROOT } from "./lib/workerd.ts";
import type { Step } from "./stand-in/behaviour.ts";

const HELP = `
npm run demo [-- options]

Sends sample orders through the Worker to a stand-in for Trustpilot and shows
what arrives there; then Trustpilot is away, a customer is deleted, and the
Worker is killed (kill -9). Needs no account and no network.
${TRANSPORT_HELP}

Exit code: 0 when 13 deliveries of 2 orders led to exactly 2 invitations, and
of the 2 orders that waited the one that may be invited was, 1 otherwise.

  npm run demo -- --transport email
`;

const options = { transport: { type: "string" } } as const;

const KEY = "demoIntegrationK";
const SECRET = "a secret that Segment and the Worker share";
const PASSWORD = "the password of a demo";
const LONGEST_WAIT = 20_000;

/** How it looks when the other side is away. */
const AWAY: Record<TransportName, Step> = {
  "integration-key": { status: 503 },
  "invitations-api": { status: 503 },
  email: { status: 400, body: "E_INTERNAL_SERVER_ERROR" },
};

await run({ name: "npm run demo", help: HELP, options }, async (values) => {
  const transport = readTransport(values.transport);
  console.log("Starting the Worker on workerd, with local KV and Ledger, and a stand-in for Trustpilot …");
  const standIn = await startStandIn();
  const { bindings, mailTo } = withTransport(transport, KEY, standIn);
  const worker = new ServedWorker({
    config: "wrangler.toml",
    script: await buildWorker(),
    port: await freePort(),
    persist: temporaryFolder("demo-"),
    bindings: { ...bindings, SEGMENT_SHARED_SECRET: SECRET, STATUS_PASSWORD: PASSWORD },
    mailTo,
  });
  await worker.start();
  const demo = { transport, standIn, worker, sample: await readSample() };
  const ok = (await mainJob(demo)) && (await hardTimes(demo));
  await Promise.all([worker.stop(), standIn.stop()]);
  return ok ? 0 : 1;
});

interface Demo {
  transport: TransportName;
  standIn: StandIn;
  worker: ServedWorker;
  sample: { properties: object };
}

async function mainJob(demo: Demo): Promise<boolean> {
  const first = orderOf(demo, {});
  await deliver(demo, "Segment sends an Order Completed", [first]);
  await deliver(demo, "Segment sends the same event again", [first]);
  await deliver(demo, "Ten deliveries of it at the same time", Array<object>(10).fill(first));
  await deliver(demo, "Another order", [orderOf(demo, { order_id: "1002", email: "jane@example.com" })]);

  const invitations = await waitForInvitations(demo, 2);
  heading(`What reached Trustpilot: ${invitations.length} invitations`);
  for (const { path, origin, body } of invitations) {
    const from = origin === null ? "" : `   ${colors.dim(`Origin: ${origin}`)}`;
    console.log(`  ${colors.green("POST")} ${path.replace(KEY, "{key}")}${from}`);
    console.log(JSON.stringify(body, null, 2).replace(/^/gm, "       "));
  }
  heading("What wrangler tail shows meanwhile");
  for (const line of demo.worker.log) console.log(colors.dim(`  ${line}`));
  const expected = "13 deliveries, 2 orders, 2 invitations.";
  return verdict(
    invitations.length === 2,
    expected,
    `2 invitations were expected, ${invitations.length} arrived.`,
  );
}

/** Two orders wait while Trustpilot is away; the customer of one is deleted, and the Worker is killed meanwhile. */
async function hardTimes(demo: Demo): Promise<boolean> {
  const { transport, standIn, worker } = demo;
  await standIn.behave(KEY, { always: AWAY[transport] });
  const before = (await standIn.requests(KEY)).length;
  const customer = { userId: "user-1004", properties: { order_id: "1004", email: "gone@example.com" } };
  await deliver(demo, "Trustpilot is away, and two more orders come", [
    orderOf(demo, { order_id: "1003", email: "joe@example.com" }),
    { ...orderOf(demo, customer.properties), userId: customer.userId },
  ]);
  await until(async () => (await standIn.requests(KEY)).length > before);
  await showOrders(worker, ["1003", "1004"]);
  await deliver(demo, "The customer of one of them is to be deleted", [
    { type: "delete", userId: customer.userId },
  ]);
  if (transport === "invitations-api") {
    await until(async () => (await standIn.account(KEY)).erased.length > 0);
    console.log(
      `  ${colors.green("POST")} …/invitation-data/delete   ${(await standIn.account(KEY)).erased.join(", ")}`,
    );
  }
  heading("kill -9, and a new start; Trustpilot is back, and an operator resumes");
  await worker.kill();
  await standIn.behave(KEY, {});
  await worker.start();
  await until(async () => {
    await asOperator(worker, "/resume", "POST");
    return (await invitationsAt(standIn)).length > 2;
  });
  const invitations = await waitForInvitations(demo, 3);
  await showOrders(worker, ["1003", "1004"]);
  const invited = invitations.slice(2).map(({ referenceId }) => referenceId);
  const expected = "The order that waited was invited once, the deleted customer's was not.";
  return verdict(
    invited.join() === "1003",
    expected,
    `1003 alone was expected, but not: ${invited.join(", ")}.`,
  );
}

async function readSample(): Promise<Demo["sample"]> {
  const sample: Demo["sample"] = JSON.parse(
    await readFile(join(ROOT, "examples/order-completed.json"), "utf8"),
  );
  return sample;
}

/** Segment's sample event as of now. @param properties what differs */
function orderOf({ sample }: Demo, properties: object): object {
  return {
    ...sample,
    timestamp: new Date().toISOString(),
    properties: { ...sample.properties, ...properties },
  };
}

async function deliver({ worker }: Demo, title: string, events: object[]): Promise<void> {
  heading(title);
  const answers = await Promise.all(
    events.map(async (event) => {
      const response = await send(`${worker.origin}/segment`, JSON.stringify(event), SECRET);
      return `${response.status} ${await response.text()}`;
    }),
  );
  for (const [answer, times] of countEach(answers)) {
    console.log(`  ${colors.cyan("←")} ${answer}${times > 1 ? colors.dim(`   × ${times}`) : ""}`);
  }
}

async function showOrders(worker: ServedWorker, orderIds: string[]): Promise<void> {
  for (const orderId of orderIds) {
    const response = await asOperator(worker, `/orders/${orderId}`, "GET");
    const { state, explanation } = (await response.json()) as { state: string; explanation: string | null };
    console.log(`  ${orderId} ${colors.bold(state)} ${colors.dim(explanation ?? "")}`);
  }
}

function asOperator({ origin }: ServedWorker, path: string, method: string): Promise<Response> {
  const headers = { Authorization: `Basic ${btoa(`operator:${PASSWORD}`)}` };
  return fetch(`${origin}${path}`, { method, headers });
}

async function invitationsAt(standIn: StandIn) {
  return (await standIn.requests(KEY)).filter(({ created }) => created);
}

/** Waits a second longer than needed, so that one too many would be seen. */
async function waitForInvitations({ standIn }: Demo, expected: number) {
  await until(async () => (await invitationsAt(standIn)).length >= expected);
  await sleep(1000);
  return invitationsAt(standIn);
}

/** Or until it has taken too long. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + LONGEST_WAIT;
  while (!(await isSo()) && Date.now() < end) await sleep(100);
}

function verdict(ok: boolean, expected: string, otherwise: string): boolean {
  console.log(ok ? colors.green(`\n✔ ${expected}`) : colors.red(`\n✘ ${otherwise}`));
  return ok;
}

function heading(text: string): void {
  console.log(`\n${colors.bold(text)}`);
}
