/**
 * A Trustpilot that answers as it is told, over every transport, and counts what it may have created.
 *
 * Statuses are those of the Integration Key's interface; the other transports get what stands for the same. An answer of
 * 500, 503 or 429 never follows a creation here: that much is believed of Trustpilot. Of those that say "sent, outcome
 * unknown", each may or may not have created the invitation.
 */
import type { TransportName } from "../../src/config/transport-needs.ts";
import type { Settings } from "../support/worker.ts";
import { accountsOf, type Place } from "./places.ts";
import type { Dice } from "./dice.ts";

/** `silence`: the request is sent and no answer comes. `hang`: nor does it end before a crash. */
export type Reply = 201 | 400 | 401 | 429 | 500 | 502 | 503 | 504 | 520 | 524 | "silence" | "hang";

const UNCLEAR: ReadonlySet<Reply> = new Set([502, 504, 520, 524, "silence", "hang"] as const);

/** What Cloudflare says when it could not send a mail. */
const MAIL_ERRORS: Record<Exclude<Reply, 201 | "silence" | "hang">, string> = {
  400: "E_CONTENT_TOO_LARGE",
  401: "E_SENDER_NOT_VERIFIED",
  429: "E_DAILY_LIMIT_EXCEEDED",
  500: "E_INTERNAL_SERVER_ERROR",
  502: "E_DELIVERY_FAILED",
  503: "E_RATE_LIMIT_EXCEEDED",
  504: "E_DELIVERY_FAILED",
  520: "E_DELIVERY_FAILED",
  524: "E_DELIVERY_FAILED",
};

let histories = 0;

export class Trustpilot {
  readonly accounts = accountsOf(histories++);
  /** Each request gets one of these. */
  replies: readonly Reply[] = [201];
  isReachable = true;
  /** How long a request takes, in ms: one of these. The clock may even go backwards meanwhile. */
  delays: readonly number[] = [0];
  requests = 0;
  /** How often an invitation may have been created, by place. */
  readonly possible = new Map<Place, number>();
  readonly #dice: Dice;
  readonly #pass: (milliseconds: number) => void;
  readonly #onRequest: (place: Place, reply: Reply) => void;

  constructor(
    dice: Dice,
    pass: (milliseconds: number) => void,
    onRequest: (place: Place, reply: Reply) => void,
  ) {
    this.#dice = dice;
    this.#pass = pass;
    this.#onRequest = onRequest;
  }

  /** Takes the place of the platform's `fetch`. */
  readonly fetch = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const url = String(input);
    if (init?.method === "HEAD") {
      if (!this.isReachable) throw lost();
      return new Response(null, { status: 404 });
    }
    if (url.endsWith("/accesstoken")) return Response.json({ access_token: "token", expires_in: 360_000 });
    const { referenceId, referenceNumber = referenceId } = JSON.parse(init?.body as string) as Invitation;
    const reply = await this.#take(url, referenceNumber);
    if (reply === "silence") throw lost();
    const headers = reply === 429 ? { "Retry-After": "600" } : {};
    return new Response("[]", { status: reply, headers });
  };

  /** Takes the place of the binding EMAIL. */
  readonly mail = {
    send: async ({ to, html }: { to: string; html: string }): Promise<object> => {
      const { referenceId } = JSON.parse(/json\+trustpilot">(.*?)<\/script>/.exec(html)![1]!) as Invitation;
      const reply = await this.#take(to, referenceId);
      if (reply === 201) return { messageId: "<simulated>" };
      if (reply === "silence") throw lost();
      throw Object.assign(new Error("not sent"), { code: MAIL_ERRORS[reply] });
    },
  };

  async #take(account: string, reference: string): Promise<Exclude<Reply, "hang">> {
    const shop = this.accounts.find(({ name }) => account.includes(name))?.shop;
    // A request that an earlier history left under way.
    if (shop === undefined) throw lost();
    const place: Place = `${shop}/${reference}`;
    const reply = this.#dice.pick(this.replies);
    this.requests += 1;
    this.#onRequest(place, reply);
    if (reply === 201 || UNCLEAR.has(reply)) this.possible.set(place, (this.possible.get(place) ?? 0) + 1);
    if (reply === "hang") return new Promise(() => {});
    // The other requests in flight get their turn.
    for (let turns = this.#dice.below(4); turns > 0; turns--) await scheduler.wait(0);
    this.#pass(this.#dice.pick(this.delays));
    return reply;
  }
}

interface Invitation {
  referenceId: string;
  referenceNumber?: string;
}

function lost(): DOMException {
  return new DOMException("The operation was aborted", "TimeoutError");
}

/** What each transport needs, for each shop its own account. @returns settings for the Worker and for the shop `uk` */
export function settingsOf(transport: TransportName, trustpilot: Trustpilot): [Settings, object] {
  const [main, uk] = trustpilot.accounts;
  switch (transport) {
    case "integration-key":
      return [{ TRUSTPILOT_INTEGRATION_KEY: main.name, TRUSTPILOT_INTEGRATION_KEY_UK: uk.name }, {}];
    case "invitations-api":
      return [
        {
          TRANSPORT: transport,
          TRUSTPILOT_API_KEY: "key",
          TRUSTPILOT_API_SECRET: "secret",
          TRUSTPILOT_BUSINESS_UNIT_ID: main.name,
          TRUSTPILOT_BUSINESS_USER_ID: "user",
        },
        { TRUSTPILOT_BUSINESS_UNIT_ID: uk.name },
      ];
    case "email":
      return [
        {
          TRANSPORT: transport,
          TRUSTPILOT_AFS_ADDRESS: `${main.name}@invite.trustpilot.com`,
          TRUSTPILOT_AFS_FROM: "orders@shop.example.com",
          EMAIL: trustpilot.mail,
        },
        { TRUSTPILOT_AFS_ADDRESS: `${uk.name}@invite.trustpilot.com` },
      ];
  }
}
