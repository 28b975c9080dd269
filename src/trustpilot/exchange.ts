/** One HTTP request with its answer, judged: what all transports over HTTP share. */
import { judgeStatus, type Verdict } from "./answer.ts";
import { messageIn } from "./explanation.ts";
import { readRetryAfter } from "./retry-after.ts";

/** For one request with its answer, in ms. Trustpilot's plugins allow three seconds to connect. */
export const REQUEST_TIMEOUT = 10_000;

/** For work to end after it was aborted, in ms. */
const GRACE = 250;

/** Enough for an error code or a list of hosts; nothing else is read of any answer. */
const MAX_BODY = 4096;

export type Judged = Verdict & { status: number | null; message?: string };

/**
 * Posts to Trustpilot and lets `judge` say what the answer means. Never throws. Redirects are not followed.
 *
 * @param judge must read or discard the body
 */
export async function exchange<Result>(
  url: string,
  init: RequestInit,
  judge: (response: Response) => Result | Promise<Result>,
): Promise<Result | Judged> {
  try {
    return await inTime(REQUEST_TIMEOUT, async (signal) =>
      judge(await fetch(url, { ...init, redirect: "manual", signal })),
    );
  } catch {
    // The runtime says "connection lost" for a refused and for a broken connection alike (see reachable.ts).
    return { kind: "noResponse", status: null };
  }
}

/** `work`, if it ends within `timeout` (ms). @throws TimeoutError */
export async function inTime<Result>(
  timeout: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  // Cleared at the end: a timer that keeps running keeps the object awake, which its owner pays for.
  let timer = setTimeout(() => {
    controller.abort();
    // A status that has come is an answer, even if its body has not ended: `work` gets a moment to say so.
    timer = setTimeout(() => reject(new DOMException("No answer in time", "TimeoutError")), GRACE);
  }, timeout);
  try {
    return await Promise.race([work(controller.signal), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** An answer that is no success. Of a refusal, what Trustpilot says is read. */
export async function judgeFailure(response: Response): Promise<Judged> {
  const { status } = response;
  const kind = judgeStatus(status);
  if (kind !== "refused" && kind !== "accessRefused") discard(response);
  switch (kind) {
    case "transient":
      return { kind, status, retryAfter: readRetryAfter(response.headers.get("Retry-After"), Date.now()) };
    case "redirected":
      return { kind: "accessRefused", status, reason: "trustpilot_redirect" };
    case "accessRefused":
    case "refused": {
      const message = messageIn(await readStart(response));
      return { kind, status, reason: "trustpilot_refused", ...(message !== undefined && { message }) };
    }
    case "noResponse":
      return { kind, status };
  }
}

/** Releases the connection: a body of ten megabytes, or one that drips for an hour, is not read. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

/** The start of the body as JSON; `null` when it is no JSON. */
export async function readJsonStart(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await readStart(response));
  } catch {
    return null;
  }
}

/** The start of the body, read only as far as needed, and as far as it came when it breaks off. */
export async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.length >= MAX_BODY) break;
    }
  } catch {
    // The status has said what matters.
  }
  return text;
}
