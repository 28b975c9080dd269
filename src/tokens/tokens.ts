/**
 * Keeps the one access token of an account of Trustpilot's Invitations API for all ledgers of all shops that use it:
 * Trustpilot may answer 429 when asked again before a token ends, so only one request is made at a time.
 *
 * One object per account; its name is a hash (src/bindings/tokens.ts). The token is stored, so that a restart does
 * not ask for another one, and removed when it ends.
 */
import { DurableObject } from "cloudflare:workers";
import { MINUTE, SECOND } from "../lib/time.ts";
import {
  fetchAccessToken,
  type ApiAccount,
  type TokenResult,
} from "../trustpilot/invitations-api/access-token.ts";

interface StoredToken {
  token: string;
  /** In ms since 1970. */
  obtained: number;
  expires: number;
}

const KEY = "token";
/** A token that is refused so soon was not ended: the account is refused. */
const TOO_NEW_TO_END = MINUTE;
/** How long a failure answers for all who ask, in ms. */
const AFTER_FAILURE = 5 * SECOND;
const LONGEST_WAIT = 10 * MINUTE;

export class Tokens extends DurableObject {
  #asking: Promise<TokenResult> | undefined;
  #failed: { until: number; result: TokenResult } | undefined;

  /** @param refused a token that Trustpilot no longer accepts: another one is fetched, unless that has happened */
  async get(account: ApiAccount, refused: string | null): Promise<TokenResult> {
    const now = Date.now();
    const stored = this.ctx.storage.kv.get<StoredToken>(KEY);
    if (stored !== undefined && stored.expires > now) {
      if (stored.token !== refused) return { ok: true, token: stored.token, expires: stored.expires };
      if (now - stored.obtained < TOO_NEW_TO_END)
        return { ok: false, judged: { kind: "keyRefused", status: 401, problem: "credentials" } };
    }
    if (this.#failed !== undefined && this.#failed.until > now) return this.#failed.result;
    return (this.#asking ??= this.#ask(account).finally(() => (this.#asking = undefined)));
  }

  async #ask(account: ApiAccount): Promise<TokenResult> {
    const result = await fetchAccessToken(account);
    const now = Date.now();
    if (result.ok) {
      const stored: StoredToken = { token: result.token, obtained: now, expires: result.expires };
      this.ctx.storage.kv.put(KEY, stored);
      await this.ctx.storage.setAlarm(result.expires);
    } else {
      this.#failed = { until: now + waitAfter(result), result };
    }
    return result;
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}

function waitAfter({ judged }: TokenResult & { ok: false }): number {
  const asked = judged.kind === "transient" ? (judged.retryAfter ?? 0) : 0;
  return Math.min(LONGEST_WAIT, Math.max(AFTER_FAILURE, asked));
}
