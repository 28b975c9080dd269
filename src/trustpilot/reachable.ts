/**
 * Whether Trustpilot is there, asked before orders are sent.
 *
 * `fetch` throws the same "connection lost" for a connection that was never made (harmless: nothing was sent) and
 * for one that broke after the request (perhaps created); and a server in a brown-out accepts connections and answers
 * nothing. A HEAD request, which creates nothing, finds out first: until it is answered, orders stay where they are.
 */
const PROBE_TIMEOUT = 5_000;

/** Never throws. */
export async function isReachable(apiUrl: string): Promise<boolean> {
  const timeout = new AbortController();
  // Cleared at the end: a timer that is left running keeps the object from sleeping.
  const timer = setTimeout(() => timeout.abort(), PROBE_TIMEOUT);
  try {
    const { status } = await fetch(apiUrl, { method: "HEAD", redirect: "manual", signal: timeout.signal });
    return isSensible(status);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Any answer but "not now" shows that Trustpilot is there: the probe's address need not exist. */
export function isSensible(status: number): boolean {
  return status < 500 && status !== 408 && status !== 425 && status !== 429;
}
