/** Checks that need the password: storage, open problems, this month's allowance. */
import { messageOf, type Deployment, type Reply } from "../lib/deployment.ts";
import { note, notChecked, ok, wrong, type Finding } from "./finding.ts";

/** GET /status/overview. */
interface Overview {
  attention: {
    level: "act" | "watch";
    title: string;
    next: string;
    details?: string[];
    until: string | null;
  }[];
  allowance: { used: number; limit: number } | null;
  /** This and `storage` are missing from what an older deployment says. */
  oldestWait?: string | null;
  storage?: { bytes: number; fullest: number; fullInYears: number | null };
  kv: "answering" | "silent";
  dryRun: boolean;
  backup?: { at: string; fenced: boolean } | null;
}

export async function checkOrders(deployment: Deployment): Promise<Finding[]> {
  const { password, access } = deployment.credentials;
  if (password === null && access === null) {
    const remedy = "Set STATUS_PASSWORD in the environment or in .dev.vars.";
    return [notChecked("orders", "Storage, open problems and allowance need the password.", remedy)];
  }
  const known = await deployment.get("/orders?limit=1");
  if (known.status !== 200) return [judgeClosed(known)];

  const opened = ok(
    "orders",
    password === null
      ? "The service token is accepted, and every ledger answers."
      : "The password is accepted, and every ledger answers.",
  );
  const reply = await deployment.get("/status/overview");
  if (reply.status === 200) return [opened, ...judge(reply.json as Overview)];
  const message = `The deployment's overview is answered ${reply.status}.`;
  return [opened, notChecked("KV", message, "Deploy this version: npm run deploy")];
}

function judgeClosed(reply: Reply): Finding {
  if (reply.status === 401) {
    return wrong(
      "orders",
      "The deployment's password differs from the one here.",
      "If the one here is right: npx wrangler secret put STATUS_PASSWORD",
    );
  }
  if (reply.status === 403) {
    return note("orders", "/status and /orders are closed: orders cannot be looked up.", messageOf(reply));
  }
  const remedy = "npx wrangler tail shows the error.";
  return wrong("orders", `They cannot be read: ${reply.status} ${messageOf(reply)}`, remedy);
}

function judge({ attention, allowance, kv, dryRun, backup, oldestWait, storage }: Overview): Finding[] {
  const found = [
    kv === "answering"
      ? ok("KV", "KV answers.")
      : wrong(
          "KV",
          "KV does not answer. No order is lost or invited twice; the Ledger answers instead.",
          "See https://www.cloudflarestatus.com and, on the free plan, the daily limit of reads.",
        ),
  ];
  for (const { level, title, next, details = [], until } of attention) {
    const first = until === null ? `${title}.` : `${title}, until ${until}.`;
    const message = [first, ...details.map((detail) => `${detail}.`)].join(" ");
    found.push(level === "act" ? wrong("sending", message, next) : note("sending", message, next));
  }
  if (storage !== undefined) found.push(judgeStorage(storage));
  if (typeof oldestWait === "string")
    found.push(ok("oldest", `The oldest order that waits has been due since ${oldestWait}.`));
  if (attention.length === 0) found.push(ok("sending", "No open problems."));
  if (dryRun) found.push(note("dry run", "Nothing is sent to Trustpilot.", "Remove DRY_RUN to go live."));
  if (backup !== undefined) found.push(judgeBackup(backup));
  found.push(
    allowance === null
      ? note(
          "allowance",
          "No monthly limit is set, so only Trustpilot's own applies.",
          "Set MONTHLY_LIMIT to your plan's monthly invitations if orders beyond it should wait for the next month.",
        )
      : ok("allowance", `${allowance.used} of ${allowance.limit} invitations are used this month.`),
  );
  return found;
}

function judgeBackup(backup: NonNullable<Overview["backup"]> | null): Finding {
  const remedy = "npm run ledger -- export --url … --out backup.ndjson";
  return backup === null
    ? note("backup", "No complete backup has been made.", remedy)
    : ok("backup", `The last complete one was made at ${backup.at}.`);
}

/** How full it is in percent is among the open problems. */
function judgeStorage({ bytes, fullest, fullInYears }: NonNullable<Overview["storage"]>): Finding {
  const size = (count: number) => `${Math.ceil(count / 2 ** 20)} MB`;
  const end = fullInYears === null ? "" : ` At today's rate it is full in about ${fullInYears} years.`;
  return ok("storage", `The ledgers take ${size(bytes)}, the largest ${size(fullest)} of 10 GB.${end}`);
}
