/** The load: requests as fast as they are answered, for a time. */
import autocannon from "autocannon";
import { sign } from "../lib/segment.ts";
import type { Rate } from "./turns.ts";

export const SECRET = "a secret for the bench";

const CONNECTIONS = 16;
/** How soon after its end a run is over, in ms: the load generator looks that often. */
const LOOK = 5;

interface Load {
  url: string;
  /** A fixed text when all requests are the same. */
  body: string | ((n: number) => string);
  seconds: number;
  /** Signed with a wrong secret: every answer has to be a refusal. */
  forged?: boolean;
}

/** Events to the door. @throws when an answer is not the one that is measured */
export async function throughput({ url, body, seconds, forged = false }: Load): Promise<Rate> {
  const secret = forged ? "another secret" : SECRET;
  const signed = (text: string) => ({
    "Content-Type": "application/json",
    "X-Signature": sign(text, secret),
  });
  const requests =
    typeof body === "string"
      ? { body, headers: signed(body) }
      : each((n) => {
          const text = body(n);
          return { body: text, headers: signed(text) };
        });
  return drive({ url, method: "POST", duration: seconds, ...requests }, forged ? "4xx" : "2xx");
}

/** People who look at a page, each from an address of their own. @throws when one is not let in */
export async function lookThroughput(url: string, password: string, seconds: number): Promise<Rate> {
  const headers = { Authorization: `Basic ${btoa(`bench:${password}`)}` };
  const from = each((n) => ({ headers: { ...headers, "CF-Connecting-IP": addressAt(n) } }));
  return drive({ url, duration: seconds, ...from }, "2xx");
}

function addressAt(n: number): string {
  return `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
}

/** The n-th request is what `at` makes of n. */
function each(at: (n: number) => autocannon.Request): Partial<autocannon.Options> {
  let next = 0;
  return { requests: [{ setupRequest: (request: autocannon.Request) => ({ ...request, ...at(next++) }) }] };
}

async function drive(options: autocannon.Options, expected: "2xx" | "4xx"): Promise<Rate> {
  const started = performance.now();
  const result = await autocannon({ connections: CONNECTIONS, sampleInt: LOOK, ...options });
  const elapsed = (performance.now() - started) / 1000;
  const requests = result[expected];
  if (result.errors > 0 || requests !== result.requests.total) {
    const others = result.requests.total - requests;
    throw new Error(`${options.url}: ${result.errors} errors, ${others} answers that are not ${expected}`);
  }
  return { perSecond: requests / elapsed, requests };
}
