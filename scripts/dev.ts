/**
 * `wrangler dev` with everything around it: the stand-in for Trustpilot, and secrets to play with. Runs until Ctrl-C;
 * what it stores is in .wrangler, as always with wrangler.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import colors from "picocolors";
import { exampleRequest } from "./dev/example-request.ts";
import { atEnd } from "./lib/at-end.ts";
import { run, wholeNumber } from "./lib/command.ts";
import { DEVELOPMENT_SECRETS } from "./lib/development.ts";
import { startStandIn } from "./lib/stand-in.ts";
import { freePort, ROOT, WRANGLER } from "./lib/workerd.ts";

const HELP = `
npm run dev [-- options] [-- options of wrangler dev]

Runs the Worker on this machine with wrangler dev, beside a stand-in for
Trustpilot, until Ctrl-C. Secrets come from .dev.vars; without that file there
are some to play with.

  --port N   where it listens (8787, or a free one when that is taken)

Exit code: that of wrangler dev; 1 when something was wrong before.

  npm run dev
  npm run dev -- --port 8790 -- --persist-to /tmp/orders
`;

const options = { port: { type: "string" } } as const;
const command = { name: "npm run dev", help: HELP, options, beside: "options of wrangler" } as const;

await run(command, async (values, wranglerOptions) => {
  const free = await freePort(8787).catch(() => freePort());
  const port = wholeNumber("port", values.port, free, 1, 65_535);
  const standIn = await startStandIn();
  const secretsFile = existsSync(join(ROOT, ".dev.vars")) ? ".dev.vars" : await writeDevelopmentSecrets();
  const secrets = parseEnv(await readFile(join(ROOT, secretsFile), "utf8"));

  console.log(`${colors.bold("Trustpilot's stand-in")}  ${standIn.apiUrl}`);
  console.log(`${colors.bold("What it received")}       ${standIn.origin}/_/requests`);
  console.log(`${colors.bold("Secrets")}                ${secretsFile}`);
  console.log(`${colors.bold("An order to try")}\n\n${exampleRequest(port, secrets)}\n`);

  const settings = [`TRUSTPILOT_API_URL:${standIn.apiUrl}`];
  const wrangler = spawn(
    process.execPath,
    [
      WRANGLER,
      "dev",
      `--port=${port}`,
      `--env-file=${join(ROOT, secretsFile)}`,
      ...settings.map((setting) => `--var=${setting}`),
      ...wranglerOptions,
    ],
    { cwd: ROOT, stdio: "inherit", env: { ...process.env, WRANGLER_SEND_METRICS: "false" } },
  );
  atEnd(() => wrangler.kill());
  const [code] = (await once(wrangler, "exit")) as [number | null];
  await standIn.stop();
  return code ?? 0;
});

/** wrangler reads secrets from a file only. @returns its path within the project */
async function writeDevelopmentSecrets(): Promise<string> {
  const path = "build/development.vars";
  const lines = Object.entries(DEVELOPMENT_SECRETS).map(([name, value]) => `${name}="${value}"\n`);
  await mkdir(join(ROOT, "build"), { recursive: true });
  await writeFile(join(ROOT, path), lines.join(""), { mode: 0o600 });
  return path;
}
