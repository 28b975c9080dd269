import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { sizeOf } from "../../scripts/bench/report.ts";
import { ROOT } from "../../scripts/lib/workerd.ts";

/** As wrangler reads it: defaults filled in, mistakes found. */
const config = unstable_readConfig({ config: join(ROOT, "wrangler.toml") }, { hideWarnings: true }) as {
  account_id?: string;
  kv_namespaces: { binding: string; id?: string }[];
  durable_objects: { bindings: { name: string; class_name: string }[] };
  exports: object;
  secrets?: object;
  vars: Record<string, unknown>;
};

describe("wrangler.toml", () => {
  it("binds what the Worker needs, and no more", () => {
    expect(config.kv_namespaces.map(({ binding }) => binding)).toEqual(["ORDERS"]);
    expect(config.durable_objects.bindings.map(({ name, class_name }) => [name, class_name])).toEqual([
      ["LEDGER", "Ledger"],
      ["AUDIENCES", "Audiences"],
      ["ALLOWANCE", "Allowance"],
      ["TOKENS", "Tokens"],
      ["ALERTS", "Alerts"],
      ["REGISTRY", "Registry"],
      ["ATTEMPTS", "Attempts"],
    ]);
    // Which secrets are needed depends on TRANSPORT, and with such a list wrangler dev would pass on no others.
    expect(config.secrets).toBeUndefined();
  });

  it("names no account and no resource of anybody: the first deploy creates what is needed", async () => {
    expect(config.account_id).toBeUndefined();
    expect(config.kv_namespaces.map(({ id }) => id)).toEqual([undefined]);
    expect(await readFile(join(ROOT, "wrangler.toml"), "utf8")).not.toMatch(/[0-9a-f]{32}/);
  });

  it("keeps the ledgers in SQLite", () => {
    const exported = { type: "durable-object", storage: "sqlite" };
    expect(config.exports).toMatchObject({ Ledger: exported, Audiences: exported, Allowance: exported });
  });

  it("asks Trustpilot itself, unless told otherwise", () => {
    expect(config.vars).not.toHaveProperty("TRUSTPILOT_API_URL");
  });
});

describe("npm run deploy -- --dry-run", () => {
  let outDir: string;
  let output: string;
  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), "deploy-"));
    const args = [join(ROOT, "scripts/deploy.ts"), "--dry-run", "--", "--outdir", outDir];
    const env = { ...process.env, CI: "true", NO_COLOR: "1", CLOUDFLARE_API_TOKEN: "" };
    // A failure of it throws.
    ({ stdout: output } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env }));
  });
  afterAll(() => rm(outDir, { recursive: true, force: true }));

  it("checks and bundles without an account, and lists every binding", () => {
    expect(output).toContain("--dry-run: exiting now.");
    expect(output).toContain("Dry run: everything is in order; Cloudflare was not called.");
    const bindings = [...output.matchAll(/^env\.(\w+)/gm)].map(([, name]) => name);
    expect(bindings).toEqual(
      expect.arrayContaining(["LEDGER", "AUDIENCES", "ALLOWANCE", "ORDERS", "SHOP_ORIGIN"]),
    );
  });

  it("uploads what the build has made, each module of it in use, and no more", async () => {
    const uploaded = (await readdir(outDir)).filter((name) => name !== "README.md");
    const built = (await readdir(join(ROOT, "build/worker"))).filter((name) => !name.endsWith(".map"));
    const used = new Set(["index.mjs"]);
    for (const name of used) {
      const code = await readFile(join(outDir, name), "utf8");
      if (name.endsWith(".mjs"))
        for (const [, other] of code.matchAll(/"\.\/([^"/]+\.(?:mjs|txt))"/g)) used.add(other!);
    }
    expect(uploaded.toSorted()).toEqual(built.toSorted());
    expect(uploaded.toSorted()).toEqual([...used].toSorted());
  });

  it("loads at its start neither the pages nor the backups, and all of it is small", async () => {
    const { start, all } = sizeOf(join(outDir, "index.mjs"));
    const code = async (name: string) => readFile(join(outDir, name), "utf8");
    const started = (await Promise.all(start.names.map(code))).join();
    for (const ofAnOrder of ["X-Signature", "email-invitations", "INSERT INTO orders"])
      expect(started).toContain(ofAnOrder);
    for (const onDemand of ["Review invitations", "import into a Worker without audiences", "valibot"])
      expect(started).not.toContain(onDemand);
    expect(start.gzip).toBeLessThan(62 * 1024);
    expect(all.gzip).toBeLessThan(95 * 1024);
  });
});
