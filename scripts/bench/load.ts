/** The load: requests as fast as they are answered, for a time. */
import autocannon from "autocannon";
import { sign } from "../lib/segment.ts";
import { SECRET } from "./servers.ts";

/**
 * Events to POST /segment.
 *
 * @param body fixed, or one for each request
 * @param connections requests under way at once: two large ones keep a Worker busy
 * @throws on an unexpected answer
 */
export function sendEvents(
  origin: string,
  body: string | (() => string),
  seconds: number,
  { forged = false, connections = 16 } = {},
) {
  const signed = (text: string) => ({
    body: text,
    headers: {
      "Content-Type": "application/json",
      "X-Signature": sign(text, forged ? "another secret" : SECRET),
    },
  });
  const requests = typeof body === "string" ? signed(body) : each(() => signed(body()));
  const url = `${origin}/segment`;
  return drive({ url, method: "POST", duration: seconds, connections, ...requests }, forged ? "4xx" : "2xx");
}

/** Page views, each from an address of its own. @throws on an unexpected answer */
export function viewPage(url: string, password: string, seconds: number) {
  const Authorization = `Basic ${btoa(`bench:${password}`)}`;
  let n = 0;
  const address = () => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n++ & 255}`;
  const requests = each(() => ({ headers: { Authorization, "CF-Connecting-IP": address() } }));
  return drive({ url, duration: seconds, connections: 4, ...requests }, "2xx");
}

function each(next: () => autocannon.Request): Partial<autocannon.Options> {
  return { requests: [{ setupRequest: (request: autocannon.Request) => ({ ...request, ...next() }) }] };
}

async function drive(options: autocannon.Options, expected: "2xx" | "4xx") {
  const started = performance.now();
  // It checks every 5 ms whether its time is over.
  const result = await autocannon({ sampleInt: 5, ...options });
  const elapsed = (performance.now() - started) / 1000;
  const requests = result[expected];
  if (result.errors > 0 || requests !== result.requests.total) {
    const others = result.requests.total - requests;
    throw new Error(`${options.url}: ${result.errors} errors, ${others} answers that are not ${expected}`);
  }
  return { requests, perSecond: requests / elapsed };
}
