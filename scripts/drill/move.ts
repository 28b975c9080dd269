/**
 * The move of a Worker's ledgers to another number of ledgers and another jurisdiction, with every command killed
 * (kill -9) at random points and repeated. Ends with what was found at the stand-in for Trustpilot.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { atEnd, temporaryFolder } from "../lib/at-end.ts";
import { countEach } from "../lib/count-each.ts";
import { fill, orderIdAt } from "../lib/fill.ts";
import { readLedgers, type StoredOrder } from "../lib/ledger-files.ts";
import { send } from "../lib/segment.ts";
import { ServedWorker } from "../lib/served-worker.ts";
import { standInAt } from "../lib/stand-in.ts";
import { buildWorker, freePort, ROOT } from "../lib/workerd.ts";

interface MoveOptions {
  orders: number;
  /** How often each command is killed before it may finish. */
  kills: number;
  /** In ms after a command's start. */
  killWithin: number;
  /** The stand-in for Trustpilot, and the key under which it counts. */
  standInOrigin: string;
  key: string;
  /** The Worker as a deploy bundles it. */
  script: string;
  onStep: (text: string) => void;
}

interface MoveResult {
  before: StoredOrder[];
  after: StoredOrder[];
  /** Invitations that the stand-in created, by order id. */
  created: Map<string, number>;
  /** What the new Worker answered when Segment sent some known orders again. */
  answers: string[];
  seconds: Record<string, number>;
}

/** Secrets of a drill, which never leaves this machine. */
const LEDGER_SECRET = "the ledger secret of a drill on this machine";
const SECRET = "the shared secret of a drill";
const STATUS_PASSWORD = "the password of a drill";
/** Not a passphrase: each opening of one takes a second or two, on purpose. */
const LEDGER_IDENTITY = await generateX25519Identity();
const PASSWORD = { Authorization: `Basic ${Buffer.from(`operator:${STATUS_PASSWORD}`).toString("base64")}` };

export async function move(options: MoveOptions): Promise<MoveResult> {
  const folder = temporaryFolder("drill-");
  const standIn = standInAt(options.standInOrigin);
  const bindings = {
    TRUSTPILOT_INTEGRATION_KEY: options.key,
    TRUSTPILOT_API_URL: standIn.apiUrl,
    SEGMENT_SHARED_SECRET: SECRET,
    STATUS_PASSWORD,
    LEDGER_SECRET,
  };
  const persist = { old: join(folder, "old"), new: join(folder, "new") };
  const base = { config: "wrangler.toml", script: options.script };
  const inJurisdiction = await buildWorker("scripts/drill/jurisdiction/worker.ts", "build/jurisdiction");
  const ports = { old: await freePort(), new: await freePort() };
  await fill({ ...base, bindings, port: ports.old, persist: persist.old }, options.orders);
  const before = readLedgers(persist.old);
  const oldWorker = new ServedWorker({ ...base, bindings, port: ports.old, persist: persist.old });
  const newWorker = new ServedWorker({
    ...base,
    script: inJurisdiction,
    bindings: { ...bindings, LEDGERS: "64", JURISDICTION: "eu" },
    port: ports.new,
    persist: persist.new,
  });
  const seconds: Record<string, number> = {};
  const command = async (name: string, ...args: string[]) => {
    options.onStep(name);
    const started = Date.now();
    await runKilled([name, ...args], options);
    seconds[name] = (Date.now() - started) / 1000;
  };
  const file = join(folder, "move.ndjson");
  try {
    await oldWorker.start();
    await newWorker.start();
    await command("fence", "--url", oldWorker.origin, "--yes");
    const recipient = await identityToRecipient(LEDGER_IDENTITY);
    await command(
      "export",
      ...["--url", oldWorker.origin, "--out", file, "--with-personal-data", "--recipient", recipient],
    );
    await command("verify", file);
    await command("import", file, "--url", newWorker.origin, "--with-personal-data", "--yes");
    // Killed with what it has in hand, as a deploy would.
    await newWorker.kill();
    await newWorker.start();
    await command("import", file, "--url", newWorker.origin, "--with-personal-data", "--yes");
    await command("verify", file, "--url", newWorker.origin);
    options.onStep("resume, and Segment sends again");
    const resumed = await fetch(`${newWorker.origin}/resume`, { method: "POST", headers: PASSWORD });
    if (resumed.status !== 200) throw new Error(`/resume answered ${resumed.status} ${await resumed.text()}`);
    const answers = await sendAgain(newWorker.origin, Math.min(options.orders, 100));
    const requests = await standIn.requests(options.key);
    const created = countEach(
      requests.filter((request) => request.created).map(({ body }) => String(body["referenceId"])),
    );
    await newWorker.stop();
    return { before, after: readLedgers(persist.new), created, answers, seconds };
  } finally {
    await Promise.all([oldWorker.kill(), newWorker.kill()]);
  }
}

/** Kills the command at random moments, then lets it end. */
async function runKilled(args: string[], { kills, killWithin }: MoveOptions): Promise<void> {
  let code: number | null = null;
  // One that ended before it could be killed has nothing to repeat.
  for (let kill = 0; kill < kills && code !== 0; kill++) {
    code = await runCommand(args, Math.random() * killWithin);
  }
  if (code !== 0) code = await runCommand(args, null);
  if (code !== 0) throw new Error(`npm run ledger -- ${args[0]} ended with ${code}`);
}

/** The first `count` orders once more, as Segment would replay them. @returns the outcomes */
async function sendAgain(origin: string, count: number): Promise<string[]> {
  const outcomes: string[] = [];
  for (let index = 0; index < count; index++) {
    const event = {
      type: "track",
      event: "Order Completed",
      properties: { order_id: orderIdAt(index), email: "jane@example.com" },
    };
    const response = await send(`${origin}/segment`, JSON.stringify(event), SECRET);
    outcomes.push(((await response.json()) as { outcome: string }).outcome);
  }
  return outcomes;
}

/** @param killAfter ms; `null` lets it finish @returns the exit code; `null` after a kill */
function runCommand(args: string[], killAfter: number | null): Promise<number | null> {
  const child = spawn(process.execPath, [join(ROOT, "scripts/ledger.ts"), ...args], {
    cwd: ROOT,
    env: { ...process.env, LEDGER_SECRET, LEDGER_IDENTITY },
    stdio: ["ignore", "ignore", "pipe"],
  });
  atEnd(() => child.kill());
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += String(chunk)));
  if (killAfter !== null) void sleep(killAfter).then(() => child.kill("SIGKILL"));
  return new Promise((ended) => {
    child.on("close", (code) => {
      if (killAfter === null && code !== 0) console.error(errors);
      ended(code);
    });
  });
}
