/**
 * Trustpilot's Invitations API: documented, for paid plans. It offers templates, languages and times, and
 * invitations to review products.
 *
 * @see https://developers.trustpilot.com/invitation-api
 */
import type { TrustpilotConfig } from "../../config/config.ts";
import { MINUTE } from "../../lib/time.ts";
import type { Answer } from "../answer.ts";
import { discard, exchange, judgeFailure, readJsonStart, REQUEST_TIMEOUT, type Judged } from "../exchange.ts";
import { isReachable } from "../reachable.ts";
import { toReviewRequest } from "../review-request.ts";
import type { RateLimit, Services, Transport } from "../transport.ts";
import { TOKEN_TIMEOUT } from "./access-token.ts";
import { toEmailInvitation, withoutConsumer } from "./email-invitation.ts";

/** Trustpilot also says 10,000 an hour, which is the same. */
const LIMIT: RateLimit = { calls: 833, period: 5 * MINUTE };

export function invitationsApi(settings: TrustpilotConfig, services: Services): Transport {
  return {
    // A token and the request, and both once more when the token was refused.
    attemptTimeout: 2 * (TOKEN_TIMEOUT + REQUEST_TIMEOUT),
    limit: LIMIT,
    probe: () => isReachable(settings.invitationsUrl),
    erase: (customerEmails) => call("invitation-data/delete", { customerEmails }, settings, services),
    prepare(order) {
      const invitation = toEmailInvitation(order, toReviewRequest(order, settings, Date.now()));
      return {
        shown: withoutConsumer(invitation),
        send: () => call("email-invitations", invitation, settings, services),
      };
    },
  };
}

async function call(
  path: string,
  body: object,
  settings: TrustpilotConfig,
  services: Services,
): Promise<Answer> {
  const started = Date.now();
  const judged = await postAuthorized(path, body, settings, services);
  return { ...judged, milliseconds: Date.now() - started };
}

/** Renews the token once when it is refused: it may have been revoked before its time. */
async function postAuthorized(
  path: string,
  body: object,
  settings: TrustpilotConfig,
  services: Services,
): Promise<Judged> {
  let refused: string | null = null;
  for (;;) {
    const access = await services.accessToken(refused);
    if (!access.ok) return access.judged;
    const judged = await post(path, body, access.token, settings);
    if (judged !== "token-refused") return judged;
    if (refused !== null) return { kind: "accountRefused", status: 401, problem: "credentials" };
    refused = access.token;
  }
}

function post(
  path: string,
  body: object,
  token: string,
  { invitationsUrl, businessUnitId, businessUserId }: TrustpilotConfig,
): Promise<Judged | "token-refused"> {
  const request = {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      "x-business-user-id": businessUserId ?? "",
    },
    body: JSON.stringify(body),
  };
  return exchange(`${invitationsUrl}/private/business-units/${businessUnitId}/${path}`, request, judge);
}

async function judge(response: Response): Promise<Judged | "token-refused"> {
  const { status } = response;
  if (response.ok) {
    discard(response);
    return { kind: "created", status };
  }
  switch (status) {
    case 401:
      discard(response);
      return "token-refused";
    case 403: {
      // The firewall in front answers with a page, Trustpilot itself with JSON.
      const isTrustpilot = (await readJsonStart(response)) !== null;
      discard(response);
      return isTrustpilot
        ? { kind: "accountRefused", status, problem: "role_or_plan" }
        : { kind: "transient", status, retryAfter: null };
    }
    default:
      return judgeFailure(response);
  }
}
