/**
 * What all ledgers of all shops share that use the same account of Trustpilot's Invitations API, one object per account,
 * named by a hash (src/bindings/objects.ts): the one access token, since Trustpilot may answer 429 when asked again
 * before it ends, and the addresses that Trustpilot has to erase.
 *
 * The token is stored, so that a restart does not ask for another one, and removed when it ends.
 */
import { DurableObject } from "cloudflare:workers";
import { openTransport } from "../bindings/open-transport.ts";
import { envOf } from "../bindings/scope.ts";
import { readConfig } from "../config/config.ts";
import { MINUTE, SECOND } from "../lib/time.ts";
import { errorName, log } from "../log.ts";
import type { ErasureReport } from "../trustpilot/erasure-report.ts";
import {
  fetchAccessToken,
  type ApiAccount,
  type TokenResult,
} from "../trustpilot/invitations-api/access-token.ts";
import { ErasureQueue, type Erase } from "./erasure-queue.ts";

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

export class Tokens extends DurableObject<Env> {
  readonly #queue = new ErasureQueue(this.ctx.storage);
  #asking: Promise<TokenResult> | undefined;
  #failed: { until: number; result: TokenResult } | undefined;

  /** @param refused a token that Trustpilot no longer accepts: another one is fetched, unless that has happened */
  async get(account: ApiAccount, refused: string | null): Promise<TokenResult> {
    const now = Date.now();
    const stored = this.#stored;
    if (stored !== undefined && stored.expires > now) {
      if (stored.token !== refused) return { ok: true, token: stored.token, expires: stored.expires };
      if (now - stored.obtained < TOO_NEW_TO_END)
        return { ok: false, judged: { kind: "accountRefused", status: 401, problem: "credentials" } };
    }
    if (this.#failed !== undefined && this.#failed.until > now) return this.#failed.result;
    return (this.#asking ??= this.#ask(account).finally(() => (this.#asking = undefined)));
  }

  /** Notes what Trustpilot has to erase for a shop, and how many customers only a person can erase. */
  async erase(shop: string | null, addresses: string[], byHand: number): Promise<void> {
    this.#queue.add(shop ?? "", addresses, byHand, Date.now());
    await this.#arm();
  }

  erasures(shop: string | null): ErasureReport {
    return this.#queue.report(shop ?? "");
  }

  /** Never throws: the platform would retry six times and then forget the alarm. */
  override async alarm(): Promise<void> {
    let earliest = 0;
    try {
      if ((this.#stored?.expires ?? Infinity) <= Date.now()) this.ctx.storage.kv.delete(KEY);
      await this.#queue.run((shop) => this.#eraseOf(shop));
    } catch (error) {
      earliest = Date.now() + MINUTE;
      log({ log: "erasure", reason: "alarm failed", error: errorName(error) }, "error");
    }
    await this.#arm(earliest).catch(() => {});
  }

  get #stored(): StoredToken | undefined {
    return this.ctx.storage.kv.get<StoredToken>(KEY);
  }

  /** `null` when the shop's settings no longer say how. Wrong settings are not the last word: they only put it off. */
  #eraseOf(shop: string): Erase | null {
    const env = envOf(this.env, shop === "" ? null : shop);
    const checked = readConfig(env);
    if (!checked.ok) return () => Promise.resolve({ kind: "notReached", status: null, milliseconds: 0 });
    return openTransport(checked.config, env).erase;
  }

  async #ask(account: ApiAccount): Promise<TokenResult> {
    const result = await fetchAccessToken(account);
    const now = Date.now();
    if (result.ok) {
      const stored: StoredToken = { token: result.token, obtained: now, expires: result.expires };
      this.ctx.storage.kv.put(KEY, stored);
      await this.#arm();
    } else {
      this.#failed = { until: now + waitAfter(result), result };
    }
    return result;
  }

  /** @param earliest not before this time, in ms */
  async #arm(earliest = 0): Promise<void> {
    const times = [this.#stored?.expires, this.#queue.due].filter(
      (time) => time !== undefined && time !== null,
    );
    if (times.length > 0) await this.ctx.storage.setAlarm(Math.max(Math.min(...times), earliest));
  }
}

function waitAfter({ judged }: TokenResult & { ok: false }): number {
  const asked = judged.kind === "transient" ? (judged.retryAfter ?? 0) : 0;
  return Math.min(LONGEST_WAIT, Math.max(AFTER_FAILURE, asked));
}
