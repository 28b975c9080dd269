/**
 * Reads what Trustpilot's review webhook sends. Pure. Nothing of a review but its id, stars, language and time is
 * taken, and anything that is not understood is left out: the sender is known by its address alone.
 *
 * @see https://support.trustpilot.com/hc/en-us/community/posts/10109980750738
 */
import type { ReviewEvent } from "../domain/review.ts";
import { asText, isObject } from "../lib/json.ts";

/** @param body parsed JSON @param now in ms: no review is younger */
export function readReviewEvents(body: unknown, now: number): ReviewEvent[] {
  const events = isObject(body) && Array.isArray(body["events"]) ? body["events"] : [];
  return events.flatMap((event) => readEvent(event, now) ?? []);
}

function readEvent(event: unknown, now: number): ReviewEvent | null {
  if (!isObject(event) || !isObject(event["eventData"])) return null;
  const [, what, kind] = EVENT.exec(asText(event["eventName"]) ?? "") ?? [];
  const { id, referenceId, stars, language, createdAt } = event["eventData"];
  const plainId = asText(id);
  const reference = asText(referenceId) ?? null;
  if (kind === undefined || plainId === undefined || !/^[\w-]{1,64}$/.test(plainId)) return null;
  const reviewId = `${what}:${plainId}`;
  if (kind === "deleted") return { kind, reference, id: reviewId };
  if (reference === null || !isStars(stars)) return null;
  const at = Math.min(Date.parse(asText(createdAt) ?? "") || now, now);
  const spoken = asText(language) ?? "";
  const review = { id: reviewId, stars, language: LANGUAGE.test(spoken) ? spoken : null, at };
  return { kind: kind as "created" | "updated", reference, review };
}

const EVENT = /^(service|product)-review-(created|updated|deleted)$/;
const LANGUAGE = /^[a-z]{2,3}(-\w{2,8})*$/i;

function isStars(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 5;
}
