/** The load: signed requests as fast as they are answered, for a time. */
import autocannon from "autocannon";
import { sign } from "../lib/segment.ts";

export const SECRET = "a secret for the bench";

const CONNECTIONS = 16;

interface Load {
  url: string;
  /** A fixed text when all requests are the same. */
  body: string | ((n: number) => string);
  seconds: number;
  /** Signed with a wrong secret: every answer has to be a refusal. */
  forged?: boolean;
}

/** @throws when an answer is not the one that is measured */
export async function throughput({
  url,
  body,
  seconds,
  forged = false,
}: Load): Promise<{ perSecond: number; requests: number }> {
  const secret = forged ? "another secret" : SECRET;
  const signed = (text: string) => ({
    "Content-Type": "application/json",
    "X-Signature": sign(text, secret),
  });
  let next = 0;
  const result = await autocannon({
    url,
    method: "POST",
    connections: CONNECTIONS,
    duration: seconds,
    ...(typeof body === "string"
      ? { body, headers: signed(body) }
      : {
          requests: [
            {
              setupRequest: (request: autocannon.Request) => {
                const text = body(next++);
                return { ...request, body: text, headers: { ...request.headers, ...signed(text) } };
              },
            },
          ],
        }),
  });
  const answered = forged ? result["4xx"] : result["2xx"];
  if (result.errors > 0 || answered !== result.requests.total) {
    throw new Error(`${url}: ${result.errors} errors, ${result.non2xx} answers that are not 2xx`);
  }
  return { perSecond: result.requests.average, requests: result.requests.total };
}
