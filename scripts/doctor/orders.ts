/** Checks behind the password: storage, pauses, this month's allowance. */
import type { Deployment } from "../lib/deployment.ts";
import { messageOf } from "../lib/deployment.ts";
import { readOrder } from "../lib/order-view.ts";
import { note, notChecked, ok, wrong, type Finding } from "./finding.ts";

/** No shop's order can have this id: it is longer than the door allows. */
const IMPOSSIBLE_ID = `doctor-${"-".repeat(300)}`;

/** GET /checks. */
interface Checks {
  kv: "ok" | "failing";
  ledgers: { answering: number; all: number };
  pauses: { kind: string; ledgers: number; until: string | null }[];
  allowance: { used: number; limit: number } | null;
  open: Partial<Record<string, number>>;
}

export async function checkOrders(deployment: Deployment): Promise<Finding[]> {
  if (deployment.credentials.password === null) {
    const remedy = "Set STATUS_PASSWORD in the environment or in .dev.vars.";
    return [notChecked("orders", "Storage, pauses and allowance are shown only with the password.", remedy)];
  }
  const seen = await readOrder(deployment, IMPOSSIBLE_ID);
  if (seen.kind === "closed") return [judgeClosed(seen.status, seen.message)];

  const reply = await deployment.get("/checks");
  if (reply.status !== 200) {
    return [
      ok("orders", "The password opens them, and the ledger of an unknown order answers."),
      notChecked(
        "storage",
        `The deployment does not tell: ${reply.status} ${messageOf(reply)}`,
        "Deploy this version.",
      ),
    ];
  }
  return [ok("orders", "The password opens them."), ...judgeChecks(reply.json as Checks)];
}

function judgeClosed(status: number, message: string): Finding {
  if (status === 401) {
    return wrong(
      "orders",
      "The deployment's password is another one than here.",
      "If this one is right: npx wrangler secret put STATUS_PASSWORD",
    );
  }
  if (status === 403) {
    return note("orders", "/status and /orders are closed: nobody can look up an order.", message);
  }
  return wrong(
    "orders",
    `An order cannot be looked up: ${status} ${message}`,
    "npx wrangler tail names the error.",
  );
}

function judgeChecks({ kv, ledgers, pauses, allowance, open }: Checks): Finding[] {
  const found = [
    kv === "ok"
      ? ok("KV", "Reads are answered.")
      : wrong(
          "KV",
          "It does not answer. No order is lost or invited twice; the Ledger answers instead.",
          "See https://www.cloudflarestatus.com and, on the free plan, the day's limit of reads.",
        ),
    ledgers.answering === ledgers.all
      ? ok("ledgers awake", `All ${ledgers.all} answer.`)
      : wrong(
          "ledgers awake",
          `${ledgers.answering} of ${ledgers.all} answer.`,
          "npx wrangler tail names the error.",
        ),
  ];
  for (const { kind, ledgers: held, until } of pauses) {
    const end = until === null ? "until somebody resumes it" : `until ${until}`;
    found.push(
      wrong(
        "sending",
        `${held} of ${ledgers.all} ledgers wait ${end} (${kind}).`,
        "/status says why, and what to do.",
      ),
    );
  }
  if (pauses.length === 0) found.push(ok("sending", "No ledger is paused."));
  const waiting = (open["failed"] ?? 0) + (open["unknown"] ?? 0);
  if (waiting > 0) {
    found.push(
      note("attention", `${waiting} orders failed or are in doubt.`, "Decide about them on /status."),
    );
  }
  found.push(judgeAllowance(allowance));
  return found;
}

function judgeAllowance(allowance: Checks["allowance"]): Finding {
  if (allowance === null) {
    return note(
      "allowance",
      "No monthly limit is set: Trustpilot's own is all there is.",
      "Set MONTHLY_LIMIT to your plan's invitations a month if later orders should wait for the next one.",
    );
  }
  const { used, limit } = allowance;
  const message = `${used} of ${limit} invitations are used this month.`;
  if (used < limit * 0.8) return ok("allowance", message);
  return note("allowance", message, "When they are used up, orders wait for the next month.");
}
