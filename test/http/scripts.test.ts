/** The commands that start Workers: that they do their job, and leave nothing behind. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReceivedRequest } from "../../scripts/stand-in/behaviour.ts";
import { DEVELOPMENT_SECRETS } from "../../scripts/lib/development.ts";
import { freePort } from "../../scripts/lib/workerd.ts";
import { commandLines } from "./support/command-lines.ts";
import { runScript, startWith, type Script } from "./support/script.ts";

const SLOW = { timeout: 60_000, interval: 100 };

it("npm run demo shows two invitations for thirteen deliveries, and hard times, with every transport", async () => {
  const shown: [string, string][] = [
    ["integration-key", '"recipientName": "John Johnson"'],
    ["invitations-api", "…/invitation-data/delete   gone@example.com"],
    ["email", "Trustpilot does not confirm"],
  ];
  await Promise.all(
    shown.map(async ([transport, own]) => {
      const { code, output } = await runScript("demo", "--transport", transport);
      expect(output).toContain("13 deliveries, 2 orders, 2 invitations.");
      expect(output).toContain("The order that waited was invited once, the deleted customer's was not.");
      expect(output).toContain(own);
      expect(code).toBe(0);
    }),
  );
}, 90_000);

/** For what a command stores, and in it the folder for what it stores for a while. */
let folder: string;
let port: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "scripts-test-"));
  port = await freePort();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const temporary = () => join(folder, "temporary");
async function start(name: string, ...options: string[]): Promise<Script> {
  await mkdir(temporary());
  // The banner looks for a newer wrangler, and keeps the answer in a folder for all its runs.
  return startWith({ TMPDIR: temporary(), WRANGLER_HIDE_BANNER: "true" }, name, options);
}

async function expectNothingLeft({ process: { pid }, ended }: Script): Promise<void> {
  await ended;
  await expect.poll(() => livingIn(pid!), SLOW).toEqual([]);
  await expect.poll(() => readdir(temporary()), SLOW).toEqual([]);
  await expect(freePort(port)).resolves.toBe(port);
}

describe("npm run dev", () => {
  const options = () => ["--port", String(port), "--", "--persist-to", join(folder, "stored")];

  it("takes the order that it proposes, invites at the stand-in, and leaves nothing after Ctrl-C", async () => {
    const dev = await start("dev", ...options(), "--inspector-port", String(await freePort()));
    await expect.poll(() => dev.output(), SLOW).toContain("Ready on");

    const { url, headers, body } = readCurl(dev.output());
    expect(new URL(url).port).toBe(String(port));
    const lines = await commandLines();
    expect(lines).toContain(`--port=${port}`);
    for (const secret of Object.values(DEVELOPMENT_SECRETS))
      expect(lines + dev.output()).not.toContain(secret);
    const response = await fetch(url, { method: "POST", headers, body });
    expect(await response.json()).toMatchObject({ outcome: "accepted" });
    const received = /http\S+\/requests/.exec(dev.output())![0];
    const requests = async () => (await (await fetch(received)).json()) as ReceivedRequest[];
    await expect.poll(requests).toHaveLength(1);
    expect((await requests())[0]).toMatchObject({
      created: true,
      body: { recipientEmail: "jane@example.com" },
    });

    process.kill(-dev.process.pid!, "SIGINT");
    await expectNothingLeft(dev);
    await expect(fetch(received)).rejects.toThrow();
  }, 90_000);

  it("takes wrangler with it when only its own process is ended", async () => {
    const dev = await start("dev", ...options());
    await expect.poll(() => dev.output(), SLOW).toContain("Ready on");
    dev.process.kill("SIGTERM");
    await expectNothingLeft(dev);
  }, 90_000);
});

it("npm run demo:status shows its orders, and leaves nothing after Ctrl-C", async () => {
  const status = await start("demo-status", "--orders", "30", "--port", String(port));
  await expect.poll(() => status.output(), SLOW).toContain("Ctrl-C ends it");
  const [, url, password] = /(http\S+) .* password (\S+)/.exec(status.output())!;
  const Authorization = `Basic ${btoa(`anybody:${password}`)}`;
  const page = await (await fetch(url!, { headers: { Authorization } })).text();
  expect(page).toContain("100030");
  expect(await commandLines()).not.toContain(password);
  process.kill(-status.process.pid!, "SIGINT");
  await expectNothingLeft(status);
}, 90_000);

it("npm run demo leaves nothing after Ctrl-C half-way through", async () => {
  const demo = await start("demo");
  await expect.poll(() => demo.output(), SLOW).toContain("Ten deliveries");
  expect(await commandLines()).not.toMatch(
    /a secret that Segment and the Worker share|the password of a demo/,
  );
  process.kill(-demo.process.pid!, "SIGINT");
  await expectNothingLeft(demo);
}, 90_000);

/** The parts of the curl command that `npm run dev` prints. */
function readCurl(output: string) {
  const [, url, header, value, body] = /curl (\S+) [^\\]*\\\s+-H '([^:]+): ([^']*)' \\\s+-d '([^']*)'/.exec(
    output,
  )!;
  return { url: url!, body: body!, headers: { "Content-Type": "application/json", [header!]: value! } };
}

/** The processes of a group that have not ended; one that is only left in the table (Z) has. */
async function livingIn(group: number): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pgid=,stat=,args="]);
  return stdout.split("\n").filter((line) => new RegExp(`^\\s*${group}\\s+[^Z]`).test(line));
}
