/** The transport that the settings ask for, with what it needs of the Worker. */
import type { Config } from "../config/config.ts";
import type { ApiAccount, TokenResult } from "../trustpilot/invitations-api/access-token.ts";
import { masking } from "../trustpilot/masking.ts";
import type { Services, Transport } from "../trustpilot/transport.ts";
import { TRANSPORTS } from "../trustpilot/transports.ts";
import { callTokens } from "./objects.ts";

export function openTransport({ trustpilot }: Config, env: Env): Transport {
  const { transport, authUrl, apiKey, apiSecret } = trustpilot;
  const account = { authUrl, key: apiKey ?? "", secret: apiSecret ?? "" };
  const services = { mail: env.EMAIL, accessToken: accessTokens(account, env) };
  return masking(TRANSPORTS[transport](trustpilot, services));
}

/** Asks the shared object once, and again when the token it gave is refused or at its end. */
function accessTokens(account: ApiAccount, env: Env): Services["accessToken"] {
  let known: (TokenResult & { ok: true }) | undefined;
  return async (refused) => {
    if (known !== undefined && known.token !== refused && known.expires > Date.now()) return known;
    try {
      const result = await callTokens(env, account, refused);
      if (result.ok) known = result;
      return result;
    } catch {
      return { ok: false, judged: { kind: "notReached", status: null } };
    }
  };
}
