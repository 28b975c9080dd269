/** The ledger routes of a Worker, which open with LEDGER_SECRET and nothing else. */
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../lib/command.ts";
import { messageOf, Unreachable, request, type Reply } from "../lib/deployment.ts";
import { secretHeaders, type Openers } from "../lib/secret-headers.ts";

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
  readonly #openers: Openers;
  readonly #onWait: (why: string) => void;

  /** @param url the Worker @param onWait told why a call is about to be repeated */
  constructor(url: URL, openers: Openers, onWait: (why: string) => void) {
    this.#url = url;
    this.#openers = openers;
    this.#onWait = onWait;
  }

  /** @returns the JSON of the answer, to be shown @throws UserError when it is an error, or the Worker stays away */
  async call<Answer>(path: string, body: object = {}): Promise<Answer> {
    return (await this.#call(path, body)).json as Answer;
  }

  /** @returns a page to the letter, for a backup: never to be shown @throws UserError as `call` */
  async page(path: string, body: object): Promise<ExportPage> {
    return JSON.parse((await this.#call(path, body)).text) as ExportPage;
  }

  async #call(path: string, body: object): Promise<Reply> {
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
      if (reply.status === 200 && reply.json !== null) return reply;
      throw new UserError(reply.status === 404 || reply.status === 401 ? closed(reply) : messageOf(reply));
    }
  }

  async #post(path: string, body: object): Promise<Reply | Unreachable> {
    try {
      const url = new URL(`/ledger/${path}`, this.#url);
      const headers = { "Content-Type": "application/json", ...secretHeaders(url, this.#openers) };
      return await request(url, { method: "POST", headers, body: JSON.stringify(body) });
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
