/** Plain `wrangler dev` passes on every secret of .dev.vars: one that vanished would open what it protects. */
import { spawn, type ChildProcess } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { freePort, ROOT } from "../../scripts/lib/workerd.ts";
import { ALL_SETTINGS } from "../../src/config/settings.ts";
import { commandLines } from "./support/command-lines.ts";
import { order, standIn } from "./support/worker.ts";

const KEY = "devVarsTestsKey1";
const KNOWN: Record<string, string> = {
  TRUSTPILOT_INTEGRATION_KEY: KEY,
  SEGMENT_SHARED_SECRET: "the shared secret of .dev.vars",
  SEGMENT_SHARED_SECRET_PREVIOUS: "the previous one",
  SEGMENT_TOKEN: "the-token-of-dev-vars",
  STATUS_PASSWORD: "the password of .dev.vars",
};
/** All of the table. */
const SECRETS = Object.fromEntries(
  ALL_SETTINGS.filter(({ secret }) => secret).map(({ name, example }) => [
    name,
    KNOWN[name] ?? example ?? "a secret that nothing in this test uses",
  ]),
);

let folder: string;
let origin: string;
let output = "";
let wrangler: ChildProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dev-vars-"));
  // The real configuration, from a folder of its own: the project's own .dev.vars stays untouched.
  const up = relative(folder, ROOT);
  const toml = (await readFile(join(ROOT, "wrangler.toml"), "utf8"))
    .replace(/^\[build\]\n(?:.+\n)*/m, "")
    .replaceAll(/"(?:\.\/)?(build\/[^"]+)"/g, `"${up}/$1"`);
  await writeFile(join(folder, "wrangler.toml"), toml);
  const lines = Object.entries({ ...SECRETS, TRUSTPILOT_API_URL: standIn.apiUrl });
  await writeFile(join(folder, ".dev.vars"), lines.map(([name, value]) => `${name}="${value}"\n`).join(""));
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  wrangler = spawn(
    process.execPath,
    [join(ROOT, "node_modules/wrangler/bin/wrangler.js"), "dev", `--port=${port}`, "--inspector-port=0"],
    // Its own process group: workerd is a child of it.
    { cwd: folder, detached: true, env: { ...process.env, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" } },
  );
  wrangler.stdout!.on("data", (chunk) => (output += String(chunk)));
  wrangler.stderr!.on("data", (chunk) => (output += String(chunk)));
  await vi.waitUntil(() => output.includes("Ready on"), { timeout: 80_000 });
}, 90_000);
afterAll(async () => {
  if (wrangler.exitCode === null) {
    process.kill(-wrangler.pid!, "SIGKILL");
    await once(wrangler, "exit");
  }
  await rm(folder, { recursive: true, force: true });
});

async function post(id: string, headers: (body: string) => Record<string, string>): Promise<number> {
  const body = JSON.stringify(order(`dev-vars-${id}`));
  return (await fetch(`${origin}/segment`, { method: "POST", body, headers: headers(body) })).status;
}

const signed = (secret: string) => (body: string) => ({
  "X-Signature": createHmac("sha1", secret).update(body).digest("hex"),
});

it("names every secret of the table, each with a value", () => {
  for (const name of Object.keys(SECRETS)) expect(output).toMatch(new RegExp(`env\\.${name} `));
});

it("none of them is on a command line", async () => {
  const lines = await commandLines();
  for (const secret of Object.values(SECRETS)) expect(lines).not.toContain(secret);
});

it("each one works", async () => {
  expect(await post("1", signed(SECRETS["SEGMENT_SHARED_SECRET"]!))).toBe(200);
  expect(await post("2", signed(SECRETS["SEGMENT_SHARED_SECRET_PREVIOUS"]!))).toBe(200);
  expect(await post("3", () => ({ Authorization: `Bearer ${SECRETS["SEGMENT_TOKEN"]}` }))).toBe(200);
  expect(await post("4", signed("another"))).toBe(401);
  expect(await post("5", () => ({ Authorization: `Bearer ${KEY}` }))).toBe(401);
  const credentials = Buffer.from(`colleague:${SECRETS["STATUS_PASSWORD"]}`).toString("base64");
  const orders = await fetch(`${origin}/orders`, { headers: { Authorization: `Basic ${credentials}` } });
  expect(orders.status).toBe(200);
  await expect.poll(async () => (await standIn.requests(KEY)).length, { timeout: 20_000 }).toBe(3);
});
