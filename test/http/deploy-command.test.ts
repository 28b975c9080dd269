import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseEnv, stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isNeeded } from "../../scripts/deploy/needed.ts";
import { secretsOf } from "../../src/config/secrets.ts";
import type { Settings } from "../../src/config/settings.ts";
import packageJson from "../../package.json" with { type: "json" };
import { generateSecret } from "../../scripts/deploy/questions.ts";
import { ROOT } from "../../scripts/lib/root.ts";
import { readWranglerToml } from "../../scripts/lib/wrangler-toml.ts";
import { startCloudflareApi, type CloudflareApi } from "./support/cloudflare.ts";
import { commandLines } from "./support/command-lines.ts";
import { runWith, startWith } from "./support/script.ts";

const KEY = "abcdefgh12345678";
/** A dollar sign, quotes and spaces survive as they are. */
const SECRET = "p$HOME 'a' \"b\" \\$c";

let folder: string;
let api: CloudflareApi | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deploy-test-"));
});
afterEach(async () => {
  await api?.close();
  api = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function secretsFile(content: string): Promise<string> {
  const path = join(folder, "secrets");
  await writeFile(path, content);
  return path;
}

const STRONG = "only-in-the-file-of-secrets-0123456789";

const glob = (pattern: string): string[] => globSync(join(folder, pattern));

/** Temporary files go into the test's own folder, to see what is left behind. */
const env = () => ({ TMPDIR: folder, CI: "true", ...api?.env });
const deployed = () => new Map(api!.bindings()!.map(({ name, type, text }) => [name, { type, text }]));

// Each starts wrangler several times, beside other tests that do.
vi.setConfig({ testTimeout: 120_000 });

describe("npm run deploy -- --dry-run", () => {
  it("takes no secrets with which the Worker would not work, before anything leaves this machine", async () => {
    const path = await secretsFile(
      "TRUSTPILOT_INTEGRATION_KEY=not a key!\nSEGMENT_SHARED_SECRET_PREVIOUS=x\n",
    );
    const { code, output } = await runWith(env(), "deploy", "--dry-run", "--secrets-file", path);
    expect(output).toContain("TRUSTPILOT_INTEGRATION_KEY must be letters and digits");
    expect(output).toContain("SEGMENT_SHARED_SECRET is missing, but SEGMENT_SHARED_SECRET_PREVIOUS is set");
    expect(output).not.toContain("not a key!");
    expect(code).toBe(1);
  });

  it.each([
    ["a secret that it does not know", "STATUS_PASWORD=x\n", "STATUS_PASWORD is not a secret of this Worker"],
    ["a number in JSON", '{"STATUS_PASSWORD": 1}', "STATUS_PASSWORD must be a string."],
    ["broken JSON", '{"STATUS_PASSWORD": ', "starts like JSON, but is not valid JSON."],
  ])("takes no file with %s", async (_what, content, message) => {
    const { code, output } = await runWith(env(), "deploy", "--secrets-file", await secretsFile(content));
    expect(output).toContain(message);
    expect(code).toBe(1);
  });
});

describe("a first deploy, against a stand-in for Cloudflare's API", () => {
  it("creates the KV namespace, sets the secrets to the letter, shows none, and says what to paste where", async () => {
    api = await startCloudflareApi();
    const path = await secretsFile(
      JSON.stringify({
        TRUSTPILOT_INTEGRATION_KEY: KEY,
        SEGMENT_SHARED_SECRET: SECRET,
        SEGMENT_TOKEN: "kept-out-of-the-output-too",
        STATUS_PASSWORD: "kept-out-of-the-output-as-well",
      }),
    );
    const { code, output } = await runWith(env(), "deploy", "--secrets-file", path);

    expect(code).toBe(0);
    expect(api.namespaces).toEqual(["segment-trustpilot-invitations-orders"]);
    expect(deployed().get("TRUSTPILOT_INTEGRATION_KEY")).toEqual({ type: "secret_text", text: KEY });
    expect(deployed().get("SEGMENT_SHARED_SECRET")).toEqual({ type: "secret_text", text: SECRET });
    expect([...deployed().keys()]).toEqual(
      expect.arrayContaining(["ORDERS", "LEDGER", "AUDIENCES", "ALLOWANCE"]),
    );
    const url = "https://segment-trustpilot-invitations.shop.workers.dev";
    expect(output).toContain(`Deployed ${url}`);
    expect(output).toContain(`Mappings > URL                                 ${url}/segment`);
    expect(output).toContain("Authorization: Bearer <Integration Key, or SEGMENT_TOKEN if set>");
    expect(output).toContain(`npm run doctor -- --url ${url}`);

    for (const secret of [KEY, SECRET, "kept-out-of-the-output"]) expect(output).not.toContain(secret);
    expect((await readdir(folder)).filter((name) => name.startsWith("deploy-"))).toEqual([]);
  });

  it.each([
    ["Ctrl-C", "SIGINT", (pid: number): boolean => process.kill(-pid, "SIGINT")],
    ["a kill of its process alone", "SIGTERM", (pid: number): boolean => process.kill(pid, "SIGTERM")],
  ] as const)("leaves no secret on the disk after %s while wrangler uploads", async (_what, signal, end) => {
    api = await startCloudflareApi(null, true);
    const path = await secretsFile(`TRUSTPILOT_INTEGRATION_KEY=${KEY}\nSEGMENT_SHARED_SECRET=${STRONG}\n`);
    const script = startWith(env(), "deploy", ["--secrets-file", path]);
    await expect.poll(() => api!.bindings(), { timeout: 60_000 }).not.toBeNull();

    const [temporary] = glob("deploy-*/secrets.json");
    expect(await readFile(temporary!, "utf8")).toContain(STRONG);
    expect((await stat(temporary!)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(temporary!))).mode & 0o777).toBe(0o700);
    expect(await commandLines()).not.toContain(STRONG);

    end(script.process.pid!);
    expect(await script.ended).toBe(128 + constants.signals[signal]);
    await expect.poll(() => glob("deploy-*")).toEqual([]);
    expect(script.output()).not.toContain(STRONG);
  });

  it("does not happen without the Integration Key", async () => {
    api = await startCloudflareApi();
    const { code, output } = await runWith(env(), "deploy");
    expect(output).toContain("TRUSTPILOT_INTEGRATION_KEY");
    expect(code).toBe(1);
    expect(api.bindings()).toBeNull();
  });

  it.each([
    ["a weak password", "STATUS_PASSWORD=password\n", "STATUS_PASSWORD must be at least 16 characters"],
    ["nothing by which a sender could authenticate", "", "No sender can authenticate"],
  ])("does not happen with %s", async (_what, more, message) => {
    api = await startCloudflareApi();
    const path = await secretsFile(`TRUSTPILOT_INTEGRATION_KEY=${KEY}\n${more}`);
    const { code, output } = await runWith(env(), "deploy", "--secrets-file", path);
    expect(output).toContain(message);
    expect(code).toBe(1);
    expect(api.bindings()).toBeNull();
  });

  it("does not happen without a login and without a terminal", async () => {
    const offline = { ...env(), CLOUDFLARE_API_TOKEN: "", HOME: folder, XDG_CONFIG_HOME: folder };
    const { code, output } = await runWith(offline, "deploy");
    expect(output).toContain(
      "Not logged in to Cloudflare: run npx wrangler login, or set CLOUDFLARE_API_TOKEN.",
    );
    expect(code).toBe(1);
  });
});

describe("a later deploy", () => {
  it("needs no secrets again", async () => {
    api = await startCloudflareApi(["TRUSTPILOT_INTEGRATION_KEY", "SEGMENT_SHARED_SECRET"]);
    const { code, output } = await runWith(env(), "deploy");
    expect(output).toContain("Settings > Advanced Settings > Shared Secret   as before");
    expect(code).toBe(0);
    expect(api.bindings()!.filter(({ type }) => type === "secret_text")).toEqual([]);
  });
});

/** util-linux's `script` gives a command a terminal; the one of macOS takes other options. */
describe.runIf(process.platform === "linux")("on a terminal", () => {
  it("asks for what is missing, and shows what it generated once", async () => {
    api = await startCloudflareApi();
    const command = `stty cols 120 rows 40; exec '${process.execPath}' scripts/deploy.ts`;
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      cwd: ROOT,
      env: { ...process.env, ...api.env, TMPDIR: folder, TERM: "xterm", CI: "" },
    });
    const answers: [question: string, keys: string][] = [
      ["(SHOP_ORIGIN)", "\r"],
      ["Trustpilot's Integration Key", `${KEY}\r`],
      ["(SEGMENT_SHARED_SECRET)", "\r"],
      ["(STATUS_PASSWORD)", "\r"],
    ];
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += stripVTControlCharacters(String(chunk));
      if (answers[0] !== undefined && output.includes(answers[0][0])) child.stdin.write(answers.shift()![1]);
    });
    expect(await once(child, "close")).toEqual([0, null]);

    const generated = deployed().get("SEGMENT_SHARED_SECRET")!.text!;
    expect(generated).toMatch(/^[\w-]{43}$/);
    expect(output.split(generated)).toHaveLength(2);
    expect(output).toContain(`Settings > Advanced Settings > Shared Secret   ${generated}`);
    expect(output).toContain(`password ${deployed().get("STATUS_PASSWORD")!.text!}`);
    expect(output).not.toContain(KEY);
  });
});

it("generates secrets of 256 bits, each another", () => {
  const secrets = new Set(Array.from({ length: 100 }, generateSecret));
  expect(secrets.size).toBe(100);
  for (const secret of secrets) expect(Buffer.from(secret, "base64url")).toHaveLength(32);
});

describe('the form of the "Deploy to Cloudflare" button', () => {
  const example = async () => readFile(join(ROOT, ".dev.vars.example"), "utf8");

  it("describes every secret, variable and binding", async () => {
    const { vars, kv_namespaces, durable_objects } = await readWranglerToml("wrangler.toml");
    const fields = [
      ...Object.keys(parseEnv(await example())),
      ...Object.keys(vars!),
      ...kv_namespaces!.map(({ binding }) => binding),
      ...durable_objects!.bindings.map(({ name }) => name),
    ];
    expect(Object.keys(packageJson.cloudflare.bindings).toSorted()).toEqual(fields.toSorted());
  });

  it("is filled with no secret: whoever accepts it as it is must not go live with one that is public", async () => {
    expect(Object.values(parseEnv(await example())).filter(Boolean)).toEqual([]);
  });
});

it.each<[string, Settings, string[]]>([
  ["the Integration Key", {}, ["TRUSTPILOT_INTEGRATION_KEY"]],
  [
    "the API key and its secret",
    { TRANSPORT: "invitations-api" },
    ["TRUSTPILOT_API_KEY", "TRUSTPILOT_API_SECRET"],
  ],
  ["no secret of Trustpilot's", { TRANSPORT: "email" }, []],
  [
    "the Integration Key, too, where it authenticates",
    { TRANSPORT: "email", AUTHENTICATE_BY: "integration-key" },
    ["TRUSTPILOT_INTEGRATION_KEY"],
  ],
  [
    "what a shop has for itself, and nothing that it inherits",
    { TRANSPORT: "invitations-api", SHOPS: { uk: { TRANSPORT: "integration-key" }, nl: {} } },
    ["TRUSTPILOT_API_KEY", "TRUSTPILOT_API_SECRET", "TRUSTPILOT_INTEGRATION_KEY_UK"],
  ],
])("a deploy asks for %s", (_, vars, expected) => {
  const needed = secretsOf(vars).filter((secret) => isNeeded(secret, vars));
  expect(needed.map(({ name }) => name)).toEqual(expected);
});
