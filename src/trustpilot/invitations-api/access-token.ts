/**
 * Trustpilot's access token, as it is asked for with the API key and its secret. It lives for 100 hours, and asking
 * for another one before it ends can be answered with 429: src/tokens keeps the one there is.
 */
import type { TrustpilotConfig } from "../../config/config.ts";
import { fieldsOf } from "../../lib/json.ts";
import { HOUR, MINUTE, SECOND } from "../../lib/time.ts";
import { discard, exchange, judgeFailure, readJsonStart, REQUEST_TIMEOUT, type Judged } from "../exchange.ts";

/** For the shared object's answer, which may have to ask Trustpilot first, in ms. */
export const TOKEN_TIMEOUT = REQUEST_TIMEOUT + 2 * SECOND;

export interface ApiAccount {
  /** Without a trailing slash. */
  authUrl: string;
  key: string;
  secret: string;
}

export function accountOf({ authUrl, apiKey, apiSecret }: TrustpilotConfig): ApiAccount {
  return { authUrl, key: apiKey ?? "", secret: apiSecret ?? "" };
}

export type TokenResult =
  /** `expires`: when to ask for another one, in ms since 1970. */
  | { ok: true; token: string; expires: number }
  /** What that means for the order that needed it: nothing was sent. */
  | { ok: false; judged: Judged };

/** How much earlier a token is replaced than it ends. */
const BEFORE_END = 10 * MINUTE;
/** When Trustpilot does not say how long a token lives. */
const UNSTATED_LIFE = HOUR;

/** Never throws. The token must appear in no log. */
export async function fetchAccessToken({ authUrl, key, secret }: ApiAccount): Promise<TokenResult> {
  const request = {
    method: "POST",
    headers: {
      Authorization: `Basic ${new TextEncoder().encode(`${key}:${secret}`).toBase64()}`,
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  };
  const url = `${authUrl}/oauth/oauth-business-users-for-applications/accesstoken`;
  const result = await exchange(url, request, readToken);
  return "ok" in result ? result : { ok: false, judged: asUnsent(result) };
}

async function readToken(response: Response): Promise<TokenResult | Judged> {
  const { status } = response;
  if (response.ok) {
    const body = fieldsOf(await readJsonStart(response));
    const token = body("access_token");
    if (typeof token !== "string" || token === "") return { kind: "transient", status, retryAfter: null };
    // It may come as a string.
    const seconds = Number(body("expires_in"));
    const lasts = Number.isFinite(seconds) && seconds > 0 ? seconds * SECOND : UNSTATED_LIFE;
    return { ok: true, token, expires: Date.now() + Math.max(lasts / 2, lasts - BEFORE_END) };
  }
  if (status !== 400 && status !== 401 && status !== 403) return judgeFailure(response);
  // The firewall in front answers with a page, Trustpilot itself with JSON.
  const isTrustpilot = status !== 403 || (await readJsonStart(response)) !== null;
  discard(response);
  return isTrustpilot
    ? { kind: "accountRefused", status, problem: "credentials" }
    : { kind: "transient", status, retryAfter: null };
}

/** Without a token no invitation was sent, so none can have been created. */
function asUnsent(judged: Judged): Judged {
  return judged.kind === "noResponse" || judged.kind === "refused"
    ? { kind: "notReached", status: judged.status }
    : judged;
}
