/**
 * Whether Trustpilot can be reached at all, asked before orders are sent.
 *
 * `fetch` throws the same "connection lost" for a connection that was never made (harmless: nothing was sent) and
 * for one that broke after the request (perhaps created). Asking first keeps an outage from turning every waiting
 * order into an `unknown`: the orders stay where they are until a connection can be made.
 *
 * A bare TCP connection is the cheapest question and the server sees no request. Cloudflare does not allow one to
 * addresses of its own, so a "no" is asked again with a HEAD request before it is believed.
 */
import { connect } from "cloudflare:sockets";

const KNOCK_TIMEOUT = 3_000;

/** Cloudflare's edge answers these itself when it finds no way to the server. */
const EDGE_FOUND_NO_WAY = new Set([521, 522, 523, 525, 526, 530]);

export async function isReachable(apiUrl: string): Promise<boolean> {
  return (await accepts(new URL(apiUrl))) || (await answers(apiUrl));
}

async function accepts(url: URL): Promise<boolean> {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  // Taken back at the end: a timer that runs on keeps the object from sleeping.
  const timer = new AbortController();
  let socket: Socket | undefined;
  try {
    socket = connect({ hostname: url.hostname, port });
    socket.closed.catch(() => {});
    const opened = socket.opened.then(() => true);
    const timeUp = scheduler.wait(KNOCK_TIMEOUT, { signal: timer.signal }).then(() => false);
    return await Promise.race([opened, timeUp]);
  } catch {
    return false;
  } finally {
    timer.abort();
    void socket?.close().catch(() => {});
  }
}

async function answers(apiUrl: string): Promise<boolean> {
  try {
    const response = await fetch(apiUrl, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(KNOCK_TIMEOUT),
    });
    return !EDGE_FOUND_NO_WAY.has(response.status);
  } catch {
    return false;
  }
}
