/**
 * `POST /trustpilot/reviews/{TRUSTPILOT_REVIEWS_SECRET}`: Trustpilot's review webhook. Trustpilot does not sign it, so
 * the secret in the path decides, and the body can do no more than note a review: of one order, the one that Trustpilot
 * knows under this reference.
 */
import { Hono } from "hono/tiny";
import { timingSafeEqual } from "hono/utils/buffer";
import { callLedgerOf, callLedgers } from "../bindings/objects.ts";
import { readLeniently } from "../config/config.ts";
import { orderIdentity } from "../domain/order-identity.ts";
import type { ReviewEvent } from "../domain/review.ts";
import { reportRejections } from "../intake/rejection-reports.ts";
import { logRequestError } from "../intake/request-error.ts";
import { errorName, log } from "../log.ts";
import type { NamedOrder } from "../ledger/reviews.ts";
import { readReviewEvents } from "./review-events.ts";

export const reviews = new Hono<{ Bindings: Env }>({ strict: false });

const WRONG_ADDRESS = { count: 1, reason: "The address of the reviews webhook is wrong." };

/** In bytes: a review with a very long text, many times. */
const LARGEST = 256 * 1024;

reviews.post("/trustpilot/reviews/:secret", async (c) => {
  // A problem elsewhere must not lose a review: whether Trustpilot sends it again is not known.
  const secret = readLeniently(c.env).trustpilot.reviewsSecret;
  if (secret === null || !(await timingSafeEqual(c.req.param("secret"), secret))) {
    // Its 16 characters or more cannot be guessed; counted like other unauthenticated requests, so that tries are seen.
    logRequestError(404, "wrong address of the reviews webhook");
    reportRejections("unauthenticated", WRONG_ADDRESS, c.env, (work) => c.executionCtx.waitUntil(work));
    return c.notFound();
  }
  const text = await readText(c.req.raw);
  if (text === null) return c.json({ message: "The body is too large." }, 413);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return c.json({ message: "The body is not JSON." }, 400);
  }
  const events = readReviewEvents(body, Date.now());
  // One after another: an update may follow its review in the same body.
  let noted = 0;
  for (const event of events) if (await note(c.env, event)) noted += 1;
  return c.json({ events: events.length, noted });
});

reviews.onError((error, c) => {
  log({ log: "error", error: errorName(error) }, "error");
  return c.json({ message: "Not noted: send it again." }, 503);
});

/** @returns `null` when it is larger than allowed; it is not read on then */
async function readText({ body }: Request): Promise<string | null> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let [size, text] = [0, ""];
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength;
    if (size > LARGEST) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** @returns whether it was the review of an order here */
async function note(env: Env, event: ReviewEvent): Promise<boolean> {
  const order = event.reference === null ? null : await orderOf(env, event.reference);
  if (order !== null) {
    await callLedgerOf(env, order, (ledger) => ledger.review(event, order));
    return true;
  }
  if (event.kind !== "deleted") return false;
  const known = await Promise.all(callLedgers(env, (ledger) => ledger.review(event, null)));
  return known.includes(true);
}

/** The order that Trustpilot knows under `reference`; of several the one that was, or may have been, invited. */
async function orderOf(env: Env, reference: string): Promise<string | null> {
  const identity = orderIdentity(reference);
  const ofEach = await Promise.all(
    callLedgers(env, (ledger) => ledger.referred(identity) as Promise<NamedOrder[]>),
  );
  const orders = ofEach.flat();
  const invited = orders.filter(({ state }) => state === "invited" || state === "unknown");
  const candidates = invited.length > 0 ? invited : orders;
  return candidates.length === 1 ? candidates[0]!.orderId : null;
}
