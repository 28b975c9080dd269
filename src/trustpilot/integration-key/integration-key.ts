/**
 * The interface of Trustpilot's own shop plugins, which Trustpilot does not document. Each fact was read in the
 * sources of those plugins; docs/trustpilot.md lists them with their doubts.
 *
 * It must tell "not created" from "perhaps created": the first is safe to repeat, the second is repeated only when
 * the operator says so. Whatever cannot be told apart counts as perhaps.
 */
import type { TrustpilotConfig } from "../../config/config.ts";
import {
  discard,
  exchange,
  judgeFailure,
  readJsonStart,
  readStart,
  REQUEST_TIMEOUT,
  type Judged,
} from "../exchange.ts";
import { messageIn } from "../explanation.ts";
import type { Answer } from "../answer.ts";
import { judgeScriptStatus } from "./script-status.ts";
import { isReachable } from "../reachable.ts";
import type { Transport } from "../transport.ts";
import { toInvitation, withoutPersonalData, withProducts, type Invitation } from "./script-invitation.ts";

export function integrationKey(settings: TrustpilotConfig): Transport {
  return {
    // A second post follows a 202.
    attemptTimeout: 2 * REQUEST_TIMEOUT,
    limit: null,
    probe: () => isReachable(settings.apiUrl),
    erase: null,
    prepare(order) {
      const invitation = toInvitation(order);
      return { shown: withoutPersonalData(invitation), send: () => createInvitation(invitation, settings) };
    },
  };
}

async function createInvitation(invitation: Invitation, settings: TrustpilotConfig): Promise<Answer> {
  const started = Date.now();
  const first = await post(invitation, settings);
  const last = first === "products-wanted" ? await post(withProducts(invitation), settings) : first;
  const judged: Judged =
    last === "products-wanted" ? { kind: "refused", reason: "trustpilot_second_202", status: 202 } : last;
  return { ...judged, milliseconds: Date.now() - started };
}

/** The URL holds the key and must appear nowhere. */
function post(
  invitation: Invitation,
  { apiUrl, integrationKey: key, shopOrigin }: TrustpilotConfig,
): Promise<Judged | "products-wanted"> {
  const request = {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(shopOrigin !== null && { Origin: shopOrigin }) },
    body: JSON.stringify(invitation),
  };
  return exchange(`${apiUrl}/${key}/invitation`, request, judge);
}

async function judge(response: Response): Promise<Judged | "products-wanted"> {
  const { status } = response;
  const kind = judgeScriptStatus(status);
  switch (kind) {
    case "blocked":
      return { kind, status, hosts: hostsIn(await readJsonStart(response)) };
    case "created":
      discard(response);
      return { kind, status };
    case "ambiguous": {
      const message = messageIn(await readStart(response));
      return { kind, status, ...(message !== undefined && { message }) };
    }
    case "products-wanted":
      discard(response);
      return kind;
    case "refused":
    case "accessRefused":
    case "redirected":
    case "transient":
    case "noResponse":
      return judgeFailure(response);
  }
}

/** The blocked hosts, when the answer names them: a JSON array of strings. */
function hostsIn(body: unknown): string[] {
  return Array.isArray(body) ? body.filter((host) => typeof host === "string").slice(0, 20) : [];
}
