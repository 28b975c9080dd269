/** Talks to the stand-in for Trustpilot from inside the runtime. */
import { env } from "cloudflare:workers";
import { inject } from "vitest";
import type { Behaviour, ReceivedRequest } from "../../scripts/stand-in/behaviour.ts";

/** What the stand-in received under the tests' key for `orderId` (as the reference id). */
export async function requestsFor(orderId: string): Promise<ReceivedRequest[]> {
  const response = await fetch(
    `${inject("standInOrigin")}/_/${env.TRUSTPILOT_INTEGRATION_KEY!}/requests/${orderId}`,
  );
  return response.json<ReceivedRequest[]>();
}

/** How the next requests for `orderId` are answered, in order; after them with a plain 201. */
export async function answerFor(orderId: string, ...steps: NonNullable<Behaviour["next"]>): Promise<void> {
  const key = env.TRUSTPILOT_INTEGRATION_KEY!;
  await fetch(`${inject("standInOrigin")}/_/${key}/behaviour/${orderId}`, {
    method: "PUT",
    body: JSON.stringify(steps),
  });
}
