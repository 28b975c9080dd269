/**
 * `wrangler dev` with everything around it: the stand-in for Trustpilot, and secrets to play with. Stays until
 * Ctrl-C; what it keeps is in .wrangler, as wrangler does.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import colors from "picocolors";
import { sign } from "./lib/segment.ts";
import { startStandIn } from "./lib/stand-in.ts";
import { ROOT } from "./lib/workerd.ts";

if (process.argv.includes("--help")) {
  console.log(
    "npm run dev [-- options of wrangler dev]\n\nRuns the Worker with wrangler dev and a stand-in for Trustpilot. Secrets come from .dev.vars, or from .dev.vars.example.",
  );
  process.exit(0);
}

const standIn = await startStandIn();
const secretsFile = existsSync(join(ROOT, ".dev.vars")) ? ".dev.vars" : ".dev.vars.example";
const { SEGMENT_SHARED_SECRET: secret = "", TRUSTPILOT_INTEGRATION_KEY: key = "" } =
  await readSecrets(secretsFile);
const body = JSON.stringify({
  type: "track",
  event: "Order Completed",
  properties: { order_id: "1001", email: "jane@example.com" },
});

console.log(`${colors.bold("Trustpilot's stand-in")}  ${standIn.apiUrl}`);
console.log(`${colors.bold("What it received")}       ${standIn.origin}/_/${key}/requests`);
console.log(`${colors.bold("Secrets")}                ${secretsFile}`);
console.log(`${colors.bold("An order to try")}        (the port is the one that wrangler prints below)\n`);
console.log(`  curl http://localhost:8787/segment -H 'Content-Type: application/json' \\`);
console.log(`    -H 'X-Signature: ${sign(body, secret)}' \\\n    -d '${body}'\n`);

const wrangler = spawn(
  process.execPath,
  [
    join(ROOT, "node_modules/wrangler/bin/wrangler.js"),
    "dev",
    "--env-file",
    join(ROOT, secretsFile),
    "--var",
    `TRUSTPILOT_API_URL:${standIn.apiUrl}`,
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, stdio: "inherit", env: { ...process.env, WRANGLER_SEND_METRICS: "false" } },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => wrangler.kill(signal));
wrangler.on("exit", (code) => {
  void standIn.stop().then(() => process.exit(code ?? 0));
});

async function readSecrets(file: string): Promise<Record<string, string | undefined>> {
  return parseEnv(await readFile(join(ROOT, file), "utf8"));
}
