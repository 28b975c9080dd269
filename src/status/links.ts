/** The addresses of the pages: below `/status`, or below `/shops/{shop}/status` for a shop of its own. */
import type { Action } from "../domain/actions.ts";

export class Links {
  readonly overview: string;
  readonly search: string;
  readonly find: string;
  readonly resume: string;
  readonly pause: string;
  readonly decideUnknown: string;
  readonly sendAgainFailed: string;
  readonly openApi: string;
  readonly #base: string;

  /** @param env of one shop: everything on its pages stays below its own path */
  constructor({ SHOP }: Pick<Env, "SHOP">) {
    const base = SHOP === undefined ? "" : `/shops/${SHOP}`;
    this.#base = base;
    this.overview = `${base}/status`;
    this.search = `${base}/status/orders`;
    this.find = `${base}/status/find`;
    this.resume = `${base}/status/resume`;
    this.pause = `${base}/status/pause`;
    this.decideUnknown = `${base}/status/decide-unknown`;
    this.sendAgainFailed = `${base}/status/send-again-failed`;
    this.openApi = `${base}/openapi.json`;
  }

  order(orderId: string): string {
    return `${this.search}/${encodeURIComponent(orderId)}`;
  }

  /** The same order in the JSON interface. */
  json(orderId: string): string {
    return `${this.#base}/orders/${encodeURIComponent(orderId)}`;
  }

  action(orderId: string, action: Action): string {
    return `${this.order(orderId)}/${action}`;
  }

  /** The list of orders with these filters; empty ones are left out. */
  orders(query: Query): string {
    return `${this.overview}?${toParameters(query)}#orders`;
  }

  /** The same for any days of arrival: hundreds of links in one table share what does not change. */
  ordersBetween(query: Query, rest: Query): (from: string, to: string) => string {
    const [before, after] = [toParameters(query), toParameters(rest)];
    return (from, to) => `${this.overview}?${before}&from=${from}&to=${to}${after && "&"}${after}#orders`;
  }

  /** The overview with the figures of another period. */
  figures(query: Query): string {
    return `${this.overview}?${toParameters(query)}#figures`;
  }

  /** The list as a file. */
  csv(query: Query): string {
    return `${this.overview}?${toParameters({ ...query, format: "csv" })}`;
  }
}

type Query = Record<string, string | undefined>;

function toParameters(query: Query): string {
  const filled = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return new URLSearchParams(filled).toString();
}
