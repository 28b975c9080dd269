/**
 * Whether Trustpilot is there, asked before orders are sent.
 *
 * `fetch` throws the same "connection lost" for a connection that was never made (harmless: nothing was sent) and
 * for one that broke after the request (perhaps created); and a server in a brown-out accepts connections and answers
 * nothing. A HEAD request, which creates nothing, finds out first: until it is answered, orders stay where they are.
 */
import { inTime } from "./exchange.ts";

/** In ms. */
const PROBE_TIMEOUT = 5_000;

/** Never throws. */
export async function isReachable(apiUrl: string): Promise<boolean> {
  try {
    const head = { method: "HEAD", redirect: "manual" } as const;
    const { status } = await inTime(PROBE_TIMEOUT, (signal) => fetch(apiUrl, { ...head, signal }));
    return isSensible(status);
  } catch {
    return false;
  }
}

/** Any answer but "not now" shows that Trustpilot is there: the probe's address need not exist. */
function isSensible(status: number): boolean {
  return status < 500 && status !== 408 && status !== 425 && status !== 429;
}
