import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { ReceivedRequest } from "../../scripts/stand-in/behaviour.ts";
import { freePort } from "../../scripts/lib/workerd.ts";
import { runScript, startScript } from "./support/script.ts";

const SLOW = { timeout: 30_000, interval: 200 };

describe("npm run demo", () => {
  it("shows two invitations for thirteen deliveries, and succeeds", async () => {
    const { code, output } = await runScript("demo");
    expect(output).toContain("13 deliveries, 2 orders, 2 invitations.");
    expect(output).toContain('"recipientName": "John Johnson"');
    expect(code).toBe(0);
  });
});

describe("npm run dev", () => {
  it("takes the order that it proposes, invites at the stand-in, and leaves nothing running", async () => {
    const persist = await mkdtemp(join(tmpdir(), "dev-"));
    const port = await freePort();
    const options = [
      "--port",
      String(port),
      "--persist-to",
      persist,
      "--inspector-port",
      String(await freePort()),
    ];
    const dev = startScript("dev", ...options);
    await expect.poll(() => dev.output(), SLOW).toContain("Ready on");

    const { url, headers, body } = readCurl(dev.output());
    expect(new URL(url).port).toBe(String(port));
    const response = await fetch(url, { method: "POST", headers, body });
    expect(await response.json()).toMatchObject({ outcome: "accepted" });
    const received = /http\S+\/requests/.exec(dev.output())![0];
    const requests = async () => (await (await fetch(received)).json()) as ReceivedRequest[];
    await expect.poll(requests).toHaveLength(1);
    expect((await requests())[0]).toMatchObject({
      created: true,
      body: { recipientEmail: "jane@example.com" },
    });

    // Ctrl-C.
    const group = dev.process.pid!;
    process.kill(-group, "SIGINT");
    await dev.ended;
    await expect.poll(() => livingIn(group), SLOW).toEqual([]);
    await expect(fetch(received)).rejects.toThrow();
    await expect(freePort(port)).resolves.toBe(port);
    await rm(persist, { recursive: true, force: true });
  }, 90_000);

  it("takes wrangler with it when only its own process is ended", async () => {
    const persist = await mkdtemp(join(tmpdir(), "dev-"));
    const port = await freePort();
    const dev = startScript("dev", "--port", String(port), "--persist-to", persist);
    await expect.poll(() => dev.output(), SLOW).toContain("Ready on");
    dev.process.kill("SIGTERM");
    await dev.ended;
    await expect.poll(() => livingIn(dev.process.pid!), SLOW).toEqual([]);
    await expect(freePort(port)).resolves.toBe(port);
    await rm(persist, { recursive: true, force: true });
  }, 90_000);
});

describe.each(["bench", "demo", "dev", "soak"])("npm run %s -- --help", (name) => {
  it("explains itself and starts nothing", async () => {
    const { code, output } = await runScript(name, "--help");
    expect(output).toContain(`npm run ${name}`);
    expect(code).toBe(0);
  });
});

/** The parts of the curl command that `npm run dev` prints. */
function readCurl(output: string) {
  const [, url, header, value, body] = /curl (\S+) [^\\]*\\\s+-H '([^:]+): ([^']*)' \\\s+-d '([^']*)'/.exec(
    output,
  )!;
  return { url: url!, body: body!, headers: { "Content-Type": "application/json", [header!]: value! } };
}

/** The processes of a group that have not ended; one that nobody has collected yet (Z) has. */
async function livingIn(group: number): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pgid=,stat=,args="]);
  return stdout.split("\n").filter((line) => new RegExp(`^\\s*${group}\\s+[^Z]`).test(line));
}
