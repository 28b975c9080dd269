/**
 * A way to reach Trustpilot: what the Ledger knows of it, and all it knows.
 *
 * The claim belongs to the order, not to the transport, so a change of TRANSPORT sends nothing twice.
 *
 * To add a transport, write its name and the settings that it needs into config/transport-needs.ts (a new setting is a
 * row of config/trustpilot-settings.ts), add a folder here, and name it in transports.ts. The compiler shows what is left
 * to do, in the scripts and tests that go through all transports, too.
 */
import type { Order } from "../domain/order.ts";
import type { Answer } from "./answer.ts";
import type { TokenResult } from "./invitations-api/access-token.ts";

export interface Transport {
  /** The longest that `send` takes, in ms. The lease of an order must outlast it. */
  readonly attemptTimeout: number;
  /** What Trustpilot allows all ledgers together, `period` in ms; `null` where it says nothing. */
  readonly limit: RateLimit | null;
  /** The invitation for `order`. Pure; sends nothing. */
  prepare(order: Order): Prepared;
  /** Whether the other side responds. Creates nothing and never throws. */
  probe(): Promise<boolean>;
  /**
   * Has Trustpilot erase what it keeps of these addresses, which cannot be undone; `created` when it will. Never
   * throws. `null` where only a person can do that, at Trustpilot.
   */
  readonly erase: ((addresses: readonly string[]) => Promise<Answer>) | null;
}

export interface RateLimit {
  calls: number;
  period: number;
}

export interface Prepared {
  /** What would be sent, without personal data: for the page and the log. */
  readonly shown: object;
  /** Sends it once and classifies the answer. Never throws. */
  send(): Promise<Answer>;
}

/** What a transport may need besides its settings. */
export interface Services {
  /** The access token that all ledgers share. @param refused one that Trustpilot no longer accepts, or `null` */
  accessToken(refused: string | null): Promise<TokenResult>;
  /** The binding EMAIL, when there is one. */
  mail: SendEmail | undefined;
}
