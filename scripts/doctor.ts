/** Checks a deployment from outside, and says in words what is wrong and how to fix it. */
import { confirm, isCancel } from "@clack/prompts";
import colors from "picocolors";
import packageJson from "../package.json" with { type: "json" };
import { checkConfig, type Config } from "../src/config/config.ts";
import { checkBatches, checkLedgers, checkMethod, checkProof } from "./doctor/door.ts";
import { notChecked, type Finding } from "./doctor/finding.ts";
import { checkEmail } from "./doctor/email.ts";
import { checkHealth } from "./doctor/health.ts";
import { checkInvitationsApi } from "./doctor/invitations-api.ts";
import { checkFreePlan } from "./doctor/free-plan.ts";
import { checkOrders } from "./doctor/orders.ts";
import { checkTrustpilot } from "./doctor/trustpilot.ts";
import { run, wholeNumber } from "./lib/command.ts";
import { ask, CREDENTIAL_HELP, isTerminal, readCredentials, type Credentials } from "./lib/credentials.ts";
import { Deployment, readAddress, Unreachable } from "./lib/deployment.ts";
import { readMailBindings, readSettings } from "./lib/wrangler-vars.ts";

const HELP = `
npm run doctor -- --url URL [options]

Checks a deployment from outside and says what is wrong and how to fix it.
Nothing is changed and no invitation is created.

  --url URL            the deployment; without it http://localhost:8787
  --trustpilot         also asks Trustpilot, from this machine, whether it
                       accepts the key and the shop's origin, by sending an
                       order status, which creates no invitation; with the
                       Invitations API about the token, the user's role, the
                       business unit, the locale and the template ids; without
                       this option you are asked first
  --orders-per-day N   also says which limit of Cloudflare's free plan is
                       reached first
  --deliveries N       how often an order is delivered, with duplicates (3)
  --json               output for programs:
                       {"ok": …, "findings": [{"check", "verdict", "message",
                       "remedy"}]}
${CREDENTIAL_HELP}

TRANSPORT and all that begins with TRUSTPILOT_, and SHOP_ORIGIN, come from the
environment, .dev.vars or wrangler.toml.
Exit code: 0 when nothing is wrong, 1 otherwise.

  npm run doctor -- --url https://… --orders-per-day 500
`;

const options = {
  url: { type: "string" },
  trustpilot: { type: "boolean" },
  "orders-per-day": { type: "string" },
  deliveries: { type: "string" },
  json: { type: "boolean" },
} as const;

const SIGNS: Record<Finding["verdict"], string> = {
  ok: colors.green("✔"),
  wrong: colors.red("✘"),
  note: colors.yellow("!"),
  "not checked": colors.dim("–"),
};

await run({ name: "npm run doctor", help: HELP, options }, async (values) => {
  const url = readAddress(values.url ?? "http://localhost:8787");
  const json = values.json ?? false;
  const ordersPerDay = wholeNumber("orders-per-day", values["orders-per-day"], 0, 1);
  const deliveries = wholeNumber("deliveries", values.deliveries, 3, 1, 1000);
  const credentials = await readCredentials(url);
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
      "Ask Trustpilot whether it accepts the settings? (With the Integration Key this sends an order status, which creates no invitation.)",
  });
  return !isCancel(answer) && answer;
}

/** By the transport that wrangler.toml, the environment and .dev.vars say. */
async function examineTrustpilot(credentials: Credentials): Promise<Finding[]> {
  const settings = await readSettings("wrangler.toml");
  const result = checkConfig(settings);
  const { trustpilot } = result.ok ? result.config : result.readable;
  switch (trustpilot.transport) {
    case "integration-key":
      return examineKey(trustpilot, credentials);
    case "invitations-api": {
      const apiKey = trustpilot.apiKey ?? (await ask("Trustpilot's API key (TRUSTPILOT_API_KEY)"));
      const apiSecret = trustpilot.apiSecret ?? (await ask("Its secret (TRUSTPILOT_API_SECRET)"));
      if (apiKey === null || apiSecret === null)
        return [
          notChecked(
            "Trustpilot",
            "The API key or its secret is not known here.",
            "Set TRUSTPILOT_API_KEY and TRUSTPILOT_API_SECRET in the environment or in .dev.vars.",
          ),
        ];
      return checkInvitationsApi({ ...trustpilot, apiKey, apiSecret });
    }
    case "email":
      return checkEmail(trustpilot, await readMailBindings("wrangler.toml"));
  }
}

async function examineKey(
  { apiUrl, shopOrigin }: Config["trustpilot"],
  { key }: Credentials,
): Promise<Finding[]> {
  const known = key ?? (await ask("Trustpilot's Integration Key (Integrations > Developers)"));
  if (known === null) {
    return [
      notChecked("Trustpilot", "The Integration Key is not known here.", "Set TRUSTPILOT_INTEGRATION_KEY."),
    ];
  }
  return checkTrustpilot({ apiUrl, key: known, origin: shopOrigin });
}

function show({ check, verdict, message, remedy }: Finding): void {
  console.log(`${SIGNS[verdict]} ${colors.bold(check)}: ${message}`);
  if (remedy !== undefined) console.log(`    ${colors.cyan("→")} ${remedy}`);
}
