/**
 * From a checkout to a running Worker: checks the settings, asks for what is missing, deploys, and says what to enter
 * in Segment.
 *
 * Secrets go to wrangler in a file that only its owner may read and that is gone a moment later: never on a command
 * line, where every process could read them, and never into a log. A generated one is shown once, on a terminal.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import colors from "picocolors";
import { problemsOf } from "../src/config/check-shops.ts";
import { secretsOf } from "../src/config/secrets.ts";
import { isNeeded, neededNames, placeholders } from "./deploy/needed.ts";
import { askForOrigin, askForSecrets, type Secrets } from "./deploy/questions.ts";
import { readSecretsFile } from "./deploy/secrets-file.ts";
import { atEnd, temporaryFolder } from "./lib/at-end.ts";
import { UserError, run } from "./lib/command.ts";
import { isTerminal } from "./lib/credentials.ts";
import { parsePrintable } from "./lib/printable.ts";
import { ROOT, WRANGLER } from "./lib/root.ts";
import { readVars } from "./lib/wrangler-vars.ts";

const HELP = `
npm run deploy [-- options] [-- options of wrangler deploy]

Checks the settings, asks for secrets that are missing, deploys, and prints the
address and what to enter in Segment. The first deploy creates the KV
namespace and the Durable Objects.

  --secrets-file FILE  secrets as NAME=value lines or JSON; those in the file
                       are set, all others stay as they are
  --dry-run            stops before Cloudflare's API is called

Without a terminal nothing is asked: give what is missing with --secrets-file.
In continuous integration set CLOUDFLARE_API_TOKEN.

Exit code: 0 when it was deployed, 1 when something was wrong.

  npm run deploy
  npm run deploy -- --dry-run
`;

const options = {
  "secrets-file": { type: "string" },
  "dry-run": { type: "boolean" },
} as const;

const CONFIG = "wrangler.toml";

const command = { name: "npm run deploy", help: HELP, options, beside: "options of wrangler" } as const;

await run(command, async (values, wranglerOptions) => {
  const dryRun = values["dry-run"] ?? false;
  const vars = await readVars(CONFIG);
  const all = secretsOf(vars);
  const names = all.map(({ name }) => name);
  const given =
    values["secrets-file"] === undefined ? {} : await readSecretsFile(values["secrets-file"], names);
  await checkSettings(given, null);
  if (isTerminal()) await askForOrigin(CONFIG, await readVars(CONFIG));

  if (!dryRun) await logIn();
  const deployed = dryRun ? null : await listSecrets();
  const missing = all.filter((secret) => {
    const isOffered = secret.setting.whenEmpty !== undefined && secret.shop === null;
    const isKnown = secret.name in given || deployed?.includes(secret.name) === true;
    return !isKnown && (isOffered || isNeeded(secret, vars));
  });
  const asked = isTerminal() ? await askForSecrets(missing) : {};
  const secrets = { ...given, ...asked };
  await checkSettings(secrets, deployed);

  const urls = await deploy(secrets, [...(dryRun ? ["--dry-run"] : []), ...wranglerOptions]);
  if (dryRun) console.log(colors.green("\nDry run: everything is in order; Cloudflare was not called."));
  else
    showNextSteps(
      urls[0] ?? "https://<your worker>",
      asked,
      deployed?.includes("SEGMENT_SHARED_SECRET") ?? false,
    );
  return 0;
});

/**
 * The Worker's own check, before anything leaves this machine.
 *
 * @param deployed the names of secrets that are deployed: they cannot be read, and were checked when they were set.
 *   `null` when it is not known; then everything that is needed is taken to be there
 * @throws UserError
 */
async function checkSettings(secrets: Secrets, deployed: string[] | null): Promise<void> {
  const settings = { ...(await readVars(CONFIG)), ...secrets };
  const problems = problemsOf({ ...placeholders(deployed ?? neededNames(settings)), ...settings });
  if (problems.length > 0) {
    throw new UserError(["The settings are wrong:", ...problems.map(({ message }) => message)].join("\n  "));
  }
}

/** @throws UserError when not logged in and without a terminal to log in at */
async function logIn(): Promise<void> {
  // A token may deploy without being allowed to say whose it is; wrangler says what it lacks.
  if (process.env["CLOUDFLARE_API_TOKEN"]) return;
  if ((await wrangler(["whoami", "--json"], "pipe")).code === 0) return;
  if (!isTerminal()) {
    throw new UserError("Not logged in to Cloudflare: run npx wrangler login, or set CLOUDFLARE_API_TOKEN.");
  }
  if ((await wrangler(["login"], "inherit")).code !== 0) throw new UserError("Not logged in to Cloudflare.");
}

/** The names of the secrets that are deployed; none before the first deploy. */
async function listSecrets(): Promise<string[]> {
  const { code, stdout } = await wrangler(["secret", "list", "--format", "json"], "pipe");
  if (code !== 0) return [];
  try {
    return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** @returns the addresses that lead to the Worker @throws UserError */
async function deploy(secrets: Secrets, flags: string[]): Promise<string[]> {
  const folder = temporaryFolder("deploy-");
  const secretsFile = join(folder, "secrets.json");
  const report = join(folder, "report.ndjson");
  // As JSON: in the other format wrangler would expand dollar signs.
  await writeFile(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
  const withSecrets = Object.keys(secrets).length > 0 ? ["--secrets-file", secretsFile] : [];
  const { code } = await wrangler(["deploy", ...withSecrets, ...flags], "inherit", report);
  await rm(secretsFile);
  if (code !== 0) throw new UserError("wrangler did not deploy: see above.");
  return targetsOf(await readFile(report, "utf8").catch(() => ""));
}

/** wrangler's report for programs: a JSON object a line. */
function targetsOf(report: string): string[] {
  const entries = report
    .split("\n")
    .filter(Boolean)
    .map((line) => parsePrintable(line) as { type?: string; targets?: string[] });
  const targets = entries.find(({ type }) => type === "deploy")?.targets ?? [];
  return targets.map((target) => (target.startsWith("http") ? target : `https://${target.split(" ")[0]}`));
}

async function wrangler(
  args: string[],
  stdio: "inherit" | "pipe",
  report?: string,
): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(process.execPath, [WRANGLER, ...args, "--config", join(ROOT, CONFIG)], {
    cwd: ROOT,
    stdio: stdio === "inherit" ? "inherit" : ["ignore", "pipe", "ignore"],
    env: {
      ...process.env,
      WRANGLER_SEND_METRICS: "false",
      ...(report !== undefined && { WRANGLER_OUTPUT_FILE_PATH: report }),
    },
  });
  atEnd(() => child.kill());
  const closed = once(child, "close");
  const stdout = child.stdout === null ? "" : await text(child.stdout);
  const [code] = (await closed) as [number | null];
  return { code, stdout };
}

function showNextSteps(url: string, asked: Secrets, hadSecret: boolean): void {
  const secret = asked["SEGMENT_SHARED_SECRET"];
  console.log(`\n${colors.bold(colors.green("Deployed"))} ${url}\n`);
  console.log(colors.bold("In Segment: Connections > Catalog > Destinations > Webhooks (Actions)"));
  console.log(
    `  Settings > Advanced Settings > Shared Secret   ${secret ?? (hadSecret ? "as before" : "the value of SEGMENT_SHARED_SECRET")}`,
  );
  console.log(`  Mappings > URL                                 ${url}/segment`);
  console.log("  Mappings > Method                              POST");
  console.log("  Mappings > Trigger                             Event Name is Order Completed");
  console.log("  Mappings > Data                                the whole event ($event)");
  console.log(
    "  With batching, Headers                         Authorization: Bearer <Integration Key, or SEGMENT_TOKEN if set>",
  );
  if (asked["STATUS_PASSWORD"] !== undefined) {
    console.log(
      `\n${colors.bold("Orders")}  ${url}/status, any user name, password ${asked["STATUS_PASSWORD"]}`,
    );
  }
  if (secret !== undefined)
    console.log("\nThese secrets are shown only once: keep them in a password manager.");
  console.log(`\nCheck it with: npm run doctor -- --url ${url}`);
}
