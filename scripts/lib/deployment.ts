/** A running Worker seen from outside, on this machine or at Cloudflare. */
import { UserError } from "./command.ts";
import { shopOf, type Credentials } from "./credentials.ts";
import { parsePrintable, printable } from "./printable.ts";
import { isPrivate, secretHeaders } from "./secret-headers.ts";
import { sign } from "./segment.ts";

/** Nothing in it can act on a terminal, except `text`, which is as it came: `messageOf` shows it. */
export interface Reply {
  status: number;
  header: (name: string) => string | null;
  text: string;
  /** The body, when it is JSON. */
  json: unknown;
}

/** No answer came: the Worker is down, or its address is wrong. `message` says so in words, with the address. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

const TIMEOUT = 30_000;

export class Deployment {
  /** Where events go: `/segment`, unless the address has a path of its own. */
  readonly events: URL;
  readonly credentials: Credentials;
  /** Comes before every path: `/shops/{shop}` for one of several shops. */
  readonly #prefix: string;

  constructor(url: URL, credentials: Credentials) {
    const shop = shopOf(url);
    this.#prefix = shop === null ? "" : `/shops/${shop}`;
    const hasPath = shop === null && url.pathname !== "/";
    this.events = hasPath ? url : new URL(`${this.#prefix}/segment`, url);
    this.credentials = credentials;
  }

  /** Sends `body` to /segment, signed as Segment does, or with the key where there is no secret. */
  send(body: string): Promise<Reply> {
    return this.post(body, this.proof(body));
  }

  /** The headers that authenticate `body`. */
  proof(body: string): Record<string, string> {
    const { secret, token, key } = this.credentials;
    if (secret !== null) return { "X-Signature": sign(body, secret) };
    const bearer = token ?? key;
    return bearer === null || !isPrivate(this.events) ? {} : { Authorization: `Bearer ${bearer}` };
  }

  post(body: string, headers: Record<string, string>): Promise<Reply> {
    return request(this.events, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body,
    });
  }

  /** Reads a page: one that is open to all, or one of the operator's. */
  get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.#request(path, "GET", headers);
  }

  /** Acts on an order, as an operator. */
  act(path: string): Promise<Reply> {
    return this.#request(path, "POST");
  }

  #request(path: string, method: string, headers: Record<string, string> = {}): Promise<Reply> {
    const url = new URL(this.#prefix + path, this.events);
    return request(url, { method, headers: { ...headers, ...secretHeaders(url, this.credentials) } });
  }
}

/** For a command that sends secrets or customers. @throws UserError when it is not a URL, or others could listen */
export function readUrl(text: string): URL {
  const url = readAddress(text);
  if (isPrivate(url)) return url;
  throw new UserError(`${url.origin} is not encrypted: use https. Only this machine is reached by http.`);
}

/** @throws UserError when it is not a URL, or has a password in it */
export function readAddress(text: string): URL {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.username + url.password === "") return url;
  throw new UserError(
    `--url must be an address such as https://invitations.example.workers.dev, ${url?.password ? "without a password" : `not "${text}"`}.`,
  );
}

/** Never follows a redirect: Segment would lose the order's body there, and a secret would go astray. @throws Unreachable */
export async function request(url: URL | string, init: RequestInit): Promise<Reply> {
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT) });
    const text = await response.text();
    const header = (name: string) => {
      const value = response.headers.get(name);
      return value === null ? null : printable(value);
    };
    return { status: response.status, header, text, json: parse(text) };
  } catch (error) {
    throw new Unreachable(`${new URL(url).origin} ${explain(error)}`);
  }
}

/** A reply in words: its message, or the start of its body. */
export function messageOf({ header, json, text }: Reply): string {
  if (/^https:\/\/[^/]*\.cloudflareaccess\.com\//.test(header("Location") ?? "")) return ACCESS;
  const message = (json as { message?: unknown } | null)?.message;
  if (typeof message === "string") return message;
  return printable(text.replace(/\s+/g, " ").trim().slice(0, 200)) || "(an empty answer)";
}

const ACCESS =
  "Cloudflare Access stands before it: set CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET, a service token, in the environment.";

function parse(text: string): unknown {
  try {
    return parsePrintable(text);
  } catch {
    return null;
  }
}

function explain(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string; errors?: { code?: string }[] } };
  const code = cause?.code ?? cause?.errors?.[0]?.code ?? "";
  if (name === "TimeoutError") return `did not answer within ${TIMEOUT / 1000} seconds.`;
  if (code === "ECONNREFUSED") return "cannot be reached: nothing listens there (connection refused).";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return "cannot be found: there is no host with this name.";
  if (/CERT|SSL|TLS|SELF_SIGNED/.test(code)) return `has no trusted certificate (${code}).`;
  return `gave no answer (${code || "connection lost"}).`;
}
