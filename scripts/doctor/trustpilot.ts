/**
 * Whether Trustpilot accepts the key and the origin: asked directly, from this machine, with the report of an order
 * status. Trustpilot's plugins send these; they create no invitation. Should one be created all the same, it goes
 * to an address that cannot exist.
 */
import { judgeScriptStatus } from "../../src/trustpilot/integration-key/script-status.ts";
import { messageOf, Unreachable, request, type Reply } from "../lib/deployment.ts";
import { note, ok, wrong, type Finding } from "./finding.ts";

interface Account {
  apiUrl: string;
  key: string;
  /** The shop's address, or `null` when none is set. */
  origin: string | null;
}

const STATUS_REPORT = {
  recipientEmail: "doctor@example.com",
  recipientName: "Connection test",
  referenceId: "connection-test",
  source: "InvitationScript",
  payloadType: "OrderStatusUpdate",
};

export async function checkTrustpilot({ apiUrl, key, origin }: Account): Promise<Finding[]> {
  const found: Finding[] =
    origin === null
      ? [
          note(
            "origin",
            "SHOP_ORIGIN is not set.",
            "Set it under [vars] in wrangler.toml: Trustpilot's own plugins send it.",
          ),
        ]
      : [];
  let reply: Reply;
  try {
    reply = await request(`${apiUrl.replace(/\/+$/, "")}/${key}/invitation`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(origin !== null && { Origin: origin }) },
      body: JSON.stringify(STATUS_REPORT),
    });
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return [
      ...found,
      wrong("Trustpilot", error.message, "Check TRUSTPILOT_API_URL, and your own connection."),
    ];
  }
  return [...found, judge(reply, origin)];
}

function judge(reply: Reply, origin: string | null): Finding {
  const { status } = reply;
  switch (judgeScriptStatus(status)) {
    case "created":
    case "ambiguous":
    case "products-wanted":
      return ok("Trustpilot", `The key and ${origin ?? "no origin"} are accepted (${status}).`);
    case "blocked":
      return wrong(
        "Trustpilot",
        `The integration is switched off for ${hostsOf(reply)} (${status}).`,
        "Switch it on at Trustpilot (Integrations), or correct SHOP_ORIGIN; then resume sending on /status.",
      );
    case "refused":
    case "accessRefused":
    case "redirected":
      return wrong(
        "Trustpilot",
        `The request is refused: ${status} ${messageOf(reply)}`,
        "Copy the Integration Key again (Trustpilot > Integrations > Developers): npx wrangler secret put TRUSTPILOT_INTEGRATION_KEY",
      );
    case "transient":
    case "noResponse":
      return note("Trustpilot", `It has no time at the moment (${status}).`, "Try again in some minutes.");
  }
}

function hostsOf({ json }: Reply): string {
  return Array.isArray(json) && json.length > 0 ? json.map(String).join(", ") : "this shop";
}
