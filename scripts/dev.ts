/**
 * `wrangler dev` with everything around it: the stand-in for Trustpilot, and secrets to play with. Stays until
 * Ctrl-C; what it keeps is in .wrangler, as wrangler does.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import colors from "picocolors";
import { DEVELOPMENT_SECRETS } from "./lib/development.ts";
import { sign } from "./lib/segment.ts";
import { startStandIn } from "./lib/stand-in.ts";
import { freePort, ROOT } from "./lib/workerd.ts";

const { values: options } = parseArgs({
  strict: false,
  options: { port: { type: "string" }, help: { type: "boolean" } },
});
if (options.help) {
  console.log(
    "npm run dev [-- options of wrangler dev]\n\nRuns the Worker with wrangler dev and a stand-in for Trustpilot. Secrets come from .dev.vars; without it there are some to play with.",
  );
  process.exit(0);
}

const port = Number(options.port ?? (await freePort(8787).catch(() => freePort())));
const standIn = await startStandIn();
const secretsFile = existsSync(join(ROOT, ".dev.vars")) ? ".dev.vars" : await writeDevelopmentSecrets();
const secrets = parseEnv(await readFile(join(ROOT, secretsFile), "utf8"));
const { TRUSTPILOT_INTEGRATION_KEY: key = "", SEGMENT_SHARED_SECRET: secret } = secrets;
const body = JSON.stringify({
  type: "track",
  event: "Order Completed",
  // The orders of earlier days are still known, and would be duplicates.
  properties: { order_id: `dev-${Date.now().toString(36)}`, email: "jane@example.com" },
});
const proof = secret ? `X-Signature: ${sign(body, secret)}` : `Authorization: Bearer ${key}`;

console.log(`${colors.bold("Trustpilot's stand-in")}  ${standIn.apiUrl}`);
console.log(`${colors.bold("What it received")}       ${standIn.origin}/_/${key}/requests`);
console.log(`${colors.bold("Secrets")}                ${secretsFile}`);
console.log(`${colors.bold("An order to try")}\n`);
console.log(`  curl http://localhost:${port}/segment -H 'Content-Type: application/json' \\`);
console.log(`    -H '${proof}' \\\n    -d '${body}'\n`);

const wrangler = spawn(
  process.execPath,
  [
    join(ROOT, "node_modules/wrangler/bin/wrangler.js"),
    "dev",
    ...(options.port === undefined ? [`--port=${port}`] : []),
    `--env-file=${join(ROOT, secretsFile)}`,
    `--var=TRUSTPILOT_API_URL:${standIn.apiUrl}`,
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, stdio: "inherit", env: { ...process.env, WRANGLER_SEND_METRICS: "false" } },
);
// Miniflare, which runs the stand-in, ends this process on the first signal: wrangler has to go with it.
process.on("exit", () => wrangler.kill());
wrangler.on("exit", (code) => {
  void standIn.stop().then(() => process.exit(code ?? 0));
});

/** wrangler reads the key from a file only. @returns its path within the project */
async function writeDevelopmentSecrets(): Promise<string> {
  const path = "build/development.vars";
  const lines = Object.entries(DEVELOPMENT_SECRETS).map(([name, value]) => `${name}="${value}"\n`);
  await mkdir(join(ROOT, "build"), { recursive: true });
  await writeFile(join(ROOT, path), lines.join(""), { mode: 0o600 });
  return path;
}
