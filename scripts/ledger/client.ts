/** The ledger routes of a Worker, which open with LEDGER_SECRET and nothing else. */
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../lib/command.ts";
import { messageOf, Unreachable, request, type Reply } from "../lib/deployment.ts";

export interface WorkerState {
  hash: string;
  shops: { shop: string | null; ledgers: number; fenced: boolean; sending: number; paused: boolean }[];
}

export interface ExportPage {
  /** Lines of a backup, joined by line breaks. */
  lines: string;
  /** Where the next page begins; `null` after the last one. */
  next: string | null;
}

/** How often a call is repeated that got no answer, or a 5xx. Each call may be repeated safely. */
const TRIES = 8;

export class LedgerClient {
  readonly #url: URL;
  readonly #secret: string;
  readonly #onWait: (why: string) => void;

  /** @param url the Worker @param secret LEDGER_SECRET @param onWait told why a call is about to be repeated */
  constructor(url: URL, secret: string, onWait: (why: string) => void = () => {}) {
    this.#url = url;
    this.#secret = secret;
    this.#onWait = onWait;
  }

  /** @returns the JSON of the answer @throws UserError when the Worker refuses, or stays away */
  async call<Answer>(path: string, body: object = {}): Promise<Answer> {
    for (let tried = 1; ; tried++) {
      const reply = await this.#post(path, body);
      if (reply instanceof Unreachable || reply.status >= 500) {
        const why = reply instanceof Unreachable ? reply.message : messageOf(reply);
        if (tried === TRIES)
          throw new UserError(`${why} Run the same command again: it continues where it stopped.`);
        this.#onWait(why);
        await sleep(Math.min(10_000, 250 * 2 ** tried));
        continue;
      }
      if (reply.status === 200) return reply.json as Answer;
      throw new UserError(reply.status === 404 || reply.status === 401 ? closed(reply) : messageOf(reply));
    }
  }

  async #post(path: string, body: object): Promise<Reply | Unreachable> {
    try {
      return await request(new URL(`/ledger/${path}`, this.#url), {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.#secret}` },
        body: JSON.stringify(body),
      });
    } catch (error) {
      if (error instanceof Unreachable) return error;
      throw error;
    }
  }
}

function closed({ status }: Reply): string {
  return status === 401
    ? "The Worker's LEDGER_SECRET differs from the one in the environment."
    : "The ledger routes are closed: run npx wrangler secret put LEDGER_SECRET (at least 32 characters), then try again.";
}
