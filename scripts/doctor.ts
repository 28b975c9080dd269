/** Checks a deployment from outside, and says in words what is wrong and how to fix it. */
import { confirm, isCancel } from "@clack/prompts";
import colors from "picocolors";
import packageJson from "../package.json" with { type: "json" };
import { checkBatches, checkHealth, checkLedgers, checkMethod, checkProof } from "./doctor/door.ts";
import { notChecked, type Finding } from "./doctor/finding.ts";
import { checkFreePlan } from "./doctor/free-plan.ts";
import { checkOrders } from "./doctor/orders.ts";
import { checkTrustpilot, type Account } from "./doctor/trustpilot.ts";
import { run, wholeNumber } from "./lib/command.ts";
import {
  ask,
  CREDENTIAL_HELP,
  CREDENTIAL_OPTIONS,
  isTerminal,
  readCredentials,
  type Credentials,
} from "./lib/credentials.ts";
import { Deployment, Unreachable, readUrl } from "./lib/deployment.ts";
import { readVars } from "./lib/wrangler-vars.ts";

const HELP = `
npm run doctor -- --url URL [options]

Checks a deployment from outside and says what is wrong and how to fix it.
Nothing is changed and no invitation is created.

  --url URL            the deployment; without it http://localhost:8787
  --trustpilot         also asks Trustpilot, from this machine, whether it
                       accepts the key and the shop's origin, by sending an
                       order status, which creates no invitation; without this
                       option you are asked first
  --orders-per-day N   also says which limit of Cloudflare's free plan is
                       reached first
  --deliveries N       how often an order is delivered, with duplicates (3)
  --json               output for programs:
                       {"ok": …, "findings": [{"check", "verdict", "message",
                       "remedy"}]}
${CREDENTIAL_HELP}

TRUSTPILOT_API_URL and SHOP_ORIGIN come from the environment or wrangler.toml.
Exit code: 0 when nothing is wrong, 1 otherwise.

  npm run doctor -- --url https://… --orders-per-day 500
`;

const options = {
  url: { type: "string" },
  trustpilot: { type: "boolean" },
  "orders-per-day": { type: "string" },
  deliveries: { type: "string" },
  json: { type: "boolean" },
  ...CREDENTIAL_OPTIONS,
} as const;

const SIGNS: Record<Finding["verdict"], string> = {
  ok: colors.green("✔"),
  wrong: colors.red("✘"),
  note: colors.yellow("!"),
  "not checked": colors.dim("–"),
};

await run({ name: "npm run doctor", help: HELP, options }, async (values) => {
  const url = readUrl(values.url ?? "http://localhost:8787");
  const json = values.json ?? false;
  const ordersPerDay = wholeNumber("orders-per-day", values["orders-per-day"], 0, 1);
  const deliveries = wholeNumber("deliveries", values.deliveries, 3, 1, 1000);
  const credentials = await readCredentials(values, url);
  const findings: Finding[] = [];
  const tell = (...more: Finding[]) => {
    findings.push(...more);
    if (!json) for (const finding of more) show(finding);
  };

  await examine(new Deployment(url, credentials), tell);
  if (values.trustpilot === true || (!json && (await mayAskTrustpilot()))) {
    tell(...(await examineTrustpilot(credentials)));
  } else {
    tell(notChecked("Trustpilot", "Not checked.", "Add --trustpilot."));
  }
  if (ordersPerDay > 0) tell(...checkFreePlan(ordersPerDay, deliveries));

  const wrong = findings.filter(({ verdict }) => verdict === "wrong").length;
  if (json) console.log(JSON.stringify({ url: url.href, ok: wrong === 0, findings }, null, 2));
  else console.log(wrong === 0 ? colors.green("\nNothing is wrong.") : colors.red(`\nWrong: ${wrong}`));
  return wrong === 0 ? 0 : 1;
});

async function examine(deployment: Deployment, tell: (...findings: Finding[]) => void): Promise<void> {
  const { findings, usable } = await checkHealth(deployment, packageJson.version);
  tell(...findings);
  if (!usable) return;
  try {
    tell(await checkMethod(deployment));
    const proof = await checkProof(deployment);
    tell(...proof);
    tell(...(await checkBatches(deployment)));
    if (
      proof.some(({ check, verdict }) => check === "signature" && (verdict === "ok" || verdict === "note"))
    ) {
      tell(await checkLedgers(deployment));
    }
    tell(...(await checkOrders(deployment)));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    tell({
      check: "reachable",
      verdict: "wrong",
      message: `The checks were interrupted: ${error.message}`,
      remedy: "Try again.",
    });
  }
}

async function mayAskTrustpilot(): Promise<boolean> {
  if (!isTerminal()) return false;
  const answer = await confirm({
    message:
      "Ask Trustpilot whether it accepts the key and the origin? (This sends an order status, which creates no invitation.)",
  });
  return !isCancel(answer) && answer;
}

async function examineTrustpilot({ key }: Credentials): Promise<Finding[]> {
  const known = key ?? (await ask("Trustpilot's Integration Key (Integrations > Developers)"));
  if (known === null) {
    return [
      notChecked("Trustpilot", "The Integration Key is not known here.", "Set TRUSTPILOT_INTEGRATION_KEY."),
    ];
  }
  const vars = await readVars("wrangler.toml");
  const setting = (name: "TRUSTPILOT_API_URL" | "SHOP_ORIGIN") => {
    const value = process.env[name] || vars[name];
    return typeof value === "string" && value !== "" ? value : null;
  };
  const account: Account = {
    apiUrl: setting("TRUSTPILOT_API_URL") ?? "https://invitejs.trustpilot.com/api",
    key: known,
    origin: setting("SHOP_ORIGIN"),
  };
  return checkTrustpilot(account);
}

function show({ check, verdict, message, remedy }: Finding): void {
  console.log(`${SIGNS[verdict]} ${colors.bold(check)}: ${message}`);
  if (remedy !== undefined) console.log(`    ${colors.cyan("→")} ${remedy}`);
}
