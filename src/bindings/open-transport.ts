/** The transport that the settings ask for, with what it needs of the Worker. */
import type { Config } from "../config/config.ts";
import { accountOf, type ApiAccount, type TokenResult } from "../trustpilot/invitations-api/access-token.ts";
import { masking } from "../trustpilot/masking.ts";
import type { Services, Transport } from "../trustpilot/transport.ts";
import { TRANSPORTS } from "../trustpilot/transports.ts";
import { callTokens, type TokensStub } from "./objects.ts";

export function openTransport({ trustpilot }: Config, env: Env): Transport {
  const services = { mail: env.EMAIL, accessToken: accessTokens(accountOf(trustpilot), env) };
  return masking(TRANSPORTS[trustpilot.transport](trustpilot, services));
}

/** Asks the shared object once, and again when the token it gave is refused or at its end. */
function accessTokens(account: ApiAccount, env: Env): Services["accessToken"] {
  let known: (TokenResult & { ok: true }) | undefined;
  return async (refused) => {
    if (known !== undefined && known.token !== refused && known.expires > Date.now()) return known;
    try {
      // The type of a stub's answer is a union of promises, which nothing can await as one.
      const get = (tokens: TokensStub): Promise<unknown> => tokens.get(account, refused);
      const result = (await callTokens(env, account, get)) as TokenResult;
      if (result.ok) known = result;
      return result;
    } catch {
      return { ok: false, judged: { kind: "notReached", status: null } };
    }
  };
}
