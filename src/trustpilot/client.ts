/**
 * The request that creates one invitation.
 *
 * The whole art is to tell "certainly not created" from "perhaps created": the first is tried again without a
 * thought, the second never is unless the operator says so. Whatever cannot be told apart counts as perhaps.
 */
import type { Config } from "../config/config.ts";
import { judgeStatus, type Answer, type Verdict } from "./answer.ts";
import { withProducts, type Invitation } from "./invitation.ts";
import { readRetryAfter } from "./retry-after.ts";

/** For one request with its answer. Trustpilot's plugins give it three seconds to connect. */
export const REQUEST_TIMEOUT = 10_000;

/** A second post follows a 202, so an attempt takes up to twice the time-out. */
export const ATTEMPT_TIMEOUT = 2 * REQUEST_TIMEOUT;

/** Enough for a list of blocked hosts; nothing else is read of any answer. */
const MAX_BODY = 4096;

/** Posts `invitation` and judges the answer. Never throws; the URL holds the key and appears nowhere. */
export async function createInvitation(invitation: Invitation, { trustpilot }: Config): Promise<Answer> {
  const started = Date.now();
  const first = await post(invitation, trustpilot);
  const last = first === "products-wanted" ? await post(withProducts(invitation), trustpilot) : first;
  const verdict: Verdict & { status: number | null } =
    last === "products-wanted" ? { kind: "refused", reason: "trustpilot_second_202", status: 202 } : last;
  return { ...verdict, milliseconds: Date.now() - started };
}

type PostResult = (Verdict & { status: number | null }) | "products-wanted";

/** With a timer that is taken back: one that runs on keeps the object from sleeping, at its owner's cost. */
async function post(invitation: Invitation, trustpilot: Config["trustpilot"]): Promise<PostResult> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), REQUEST_TIMEOUT);
  try {
    return await postWithin(timeout.signal, invitation, trustpilot);
  } finally {
    clearTimeout(timer);
  }
}

async function postWithin(
  signal: AbortSignal,
  invitation: Invitation,
  trustpilot: Config["trustpilot"],
): Promise<PostResult> {
  let response: Response;
  try {
    response = await fetch(`${trustpilot.apiUrl}/${trustpilot.integrationKey}/invitation`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...(trustpilot.shopOrigin !== null && { Origin: trustpilot.shopOrigin }),
      },
      body: JSON.stringify(invitation),
      redirect: "manual",
      signal,
    });
  } catch {
    // The runtime says "connection lost" for a refused and for a broken connection alike (see reachable.ts).
    return { kind: "noResponse", status: null };
  }
  const { status } = response;
  const kind = judgeStatus(status);
  switch (kind) {
    case "blocked":
      return { kind, status, hosts: await readHosts(response) };
    case "transient": {
      discard(response);
      return { kind, status, retryAfter: readRetryAfter(response.headers.get("Retry-After"), Date.now()) };
    }
    case "refused": {
      discard(response);
      return { kind, status, reason: status < 400 ? "trustpilot_redirect" : "trustpilot_refused" };
    }
    case "products-wanted":
      discard(response);
      return kind;
    case "created":
    case "ambiguous":
    case "noResponse":
      discard(response);
      return { kind, status };
  }
}

/** Lets go of the connection: a body of ten megabytes, or one that drips for an hour, is not read. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

/** The blocked hosts, when the answer names them: a JSON array of texts, read only as far as needed. */
async function readHosts(response: Response): Promise<string[]> {
  try {
    const hosts: unknown = JSON.parse(await readStart(response, MAX_BODY));
    return Array.isArray(hosts) ? hosts.filter((host) => typeof host === "string").slice(0, 20) : [];
  } catch {
    return [];
  }
}

async function readStart(response: Response, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length >= most) break;
  }
  return text;
}
