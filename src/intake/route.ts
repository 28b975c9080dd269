/** `/segment`: limits, authenticates and parses, hands the events on and answers. */
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { bodyLimit } from "hono/body-limit";
import { isShopKnown } from "../bindings/scope.ts";
import { readShops, type ShopsResult } from "../bindings/shops.ts";
import { whyClosed } from "../domain/ledger-closed.ts";
import { statusOf, type BatchAnswer } from "../domain/event-answer.ts";
import type { RejectionKind } from "../domain/rejections.ts";
import { capitalized } from "../lib/format.ts";
import { readLeniently } from "../config/config.ts";
import { holdsAddress } from "../lib/mask.ts";
import { announce, errorName, log, type LogLine } from "../log.ts";
import { authenticate, isFromDoctor } from "./authenticate.ts";
import { readBody, unreadableForm, unsignedParts } from "./body.ts";
import { logInBulk } from "./bulk-log.ts";
import { ingestForShops } from "./ingest-for-shops.ts";
import type { IngestedEvent, WaitUntil } from "./ingest.ts";
import { explain, responseTo, type RequestError } from "./request-error.ts";
import { reportRejections } from "./rejection-reports.ts";
import type { ParsedEvent } from "../segment/parsed-event.ts";

/** In bytes. Segment sends up to 4,000 events or about 4 MB in one array. */
const MAX_BODY = 5 * 1024 * 1024;

/** Segment sends up to 4,000 in one array. */
const MOST_EVENTS = 5_000;

export const segment = new Hono<{ Bindings: Env }>({ strict: false });

// The sender is not authenticated yet and must not exhaust memory.
const limit = bodyLimit({ maxSize: MAX_BODY, onError: (c: SegmentContext) => answerError(c, "tooLarge") });

// Segment's webhook destinations let people choose the method, and sign each of these alike.
segment.on(["POST", "PUT", "PATCH"], "/", limit, async (c) => {
  const checked = readShops(c.env);
  announce();
  const started = Date.now();
  const { raw: request } = c.req;
  const bytes = new Uint8Array(await request.arrayBuffer());
  const authentication = await authenticate(request, bytes, readLeniently(c.env));
  if (!checked.ok) return misconfigured(checked, authentication.kind === "unauthenticated");
  if (authentication.kind === "unauthenticated") {
    // Some bodies carry no signature that could match: the answer must say why.
    return answerError(c, unreadableForm(request, bytes) ?? unsignedParts(bytes, authentication.error));
  }
  const body = readBody(bytes, authentication);
  if (body.kind === "unreadable") return answerError(c, unreadableForm(request, bytes) ?? "notJson");

  const events = body.kind === "one" ? [body.event] : body.events;
  if (events.length > MOST_EVENTS) return answerError(c, "tooManyEvents");
  const waitUntil = waitUntilOf(c);
  let ingested: IngestedEvent[];
  try {
    ingested = await ingestForShops(events, checked.shops, c.env, waitUntil);
  } catch (error) {
    return unrecorded(error, events.length);
  }
  logEvents(ingested, Date.now() - started, waitUntil);
  reportRejectedEvents(ingested, c.env, waitUntil);
  if (body.kind === "batch") {
    const answer: BatchAnswer = { events: ingested.map(({ answer }, index) => ({ index, ...answer })) };
    return Response.json(answer);
  }
  const { event, answer } = ingested[0]!;
  // In its partner contract Segment asks for 501 where a type is not supported.
  const partnerContract = authentication.kind === "whole" && authentication.partnerContract;
  const unsupported = event.kind === "ignored" && !SUPPORTED_TYPES.has(event.type);
  return Response.json(answer, { status: partnerContract && unsupported ? 501 : statusOf(answer) });
});

const SUPPORTED_TYPES: ReadonlySet<string> = new Set(["track", "identify", "delete"]);

segment.all("/", (c) => answerError(c, "methodNotAllowed"));

type SegmentContext = Context<{ Bindings: Env }>;

function waitUntilOf(c: SegmentContext): WaitUntil {
  return (work) => c.executionCtx.waitUntil(work);
}

function answerError(c: SegmentContext, error: RequestError): Response {
  const shop = c.env.SHOP ?? null;
  const answer = responseTo(error, shop);
  const kind = answer.status === 401 ? "unauthenticated" : "rejected";
  const reason = explain(error, isShopKnown(c.env) ? shop : null);
  waitUntilOf(c)(reportUnlessDoctor(c, kind, reason));
  return answer;
}

async function reportUnlessDoctor(c: SegmentContext, kind: RejectionKind, reason: string): Promise<void> {
  const checked = readShops(c.env);
  if (checked.ok && (await isFromDoctor(c.req.raw, checked.shops[0].config))) return;
  reportRejections(kind, { count: 1, reason }, c.env, waitUntilOf(c));
}

function reportRejectedEvents(ingested: readonly IngestedEvent[], env: Env, waitUntil: WaitUntil): void {
  const reasons = ingested.flatMap(({ event }) => (event.kind === "rejected" ? event.reason : []));
  const last = reasons.at(-1);
  if (last === undefined) return;
  // Not the event's message: that may quote the event.
  const reason = `${capitalized(last.replaceAll("_", " "))}.`;
  reportRejections("rejected", { count: reasons.length, reason }, env, waitUntil);
}

function unrecorded(error: unknown, events: number): Response {
  const closed = whyClosed(error);
  const reason = closed ?? `ledger unreachable: ${errorName(error)}`;
  log({ log: "request", status: 503, reason, events }, "error");
  const message = closed
    ? `Nothing was recorded. A ledger is closed: ${closed}`
    : "The ledger cannot be reached: send the request again.";
  return Response.json({ message }, { status: 503 });
}

/**
 * 503, not 4xx: Segment retries for hours, which is time to fix the settings without losing an order. A stranger learns
 * nothing of single shops, whose names the problems tell.
 */
function misconfigured({ problems }: ShopsResult & { ok: false }, stranger: boolean): Response {
  log({ log: "config", problems: problems.map(({ name }) => name) }, "error");
  const shown = problems.map(({ message, shop }) => (shop && stranger ? HIDDEN : message));
  return Response.json({ message: `Not set up: ${[...new Set(shown)].join(" ")}` }, { status: 503 });
}

const HIDDEN = "A shop has wrong settings: see /status/health.";

export function internalError(error: unknown): Response {
  log({ log: "error", error: errorName(error) }, "error");
  const message = "Something went wrong here; the event was not recorded. Send it again.";
  return Response.json({ message }, { status: 500 });
}

/** @param milliseconds the whole request's, also for an event of a batch */
function logEvents(ingested: IngestedEvent[], milliseconds: number, waitUntil: WaitUntil): void {
  const rejected = ingested.flatMap(({ event }, index) =>
    event.kind === "rejected" ? [{ event, index }] : [],
  );
  const together = rejected.length > MOST_REJECTED_LINES;
  if (together) logRejectedEvents(rejected);
  for (const { event, answer } of ingested) {
    if (together && event.kind === "rejected") continue;
    const { outcome, orderId, shop } = answer;
    const note = noteOn(event, orderId);
    const line: LogLine = { log: "event", outcome, type: event.type, orderId, shop, milliseconds, ...note };
    // Ignored events and duplicates: most of the traffic.
    if (event.kind === "ignored" || outcome === "duplicate") logInBulk(line, waitUntil);
    else log(line, outcome === "rejected" ? "warn" : "log");
  }
}

function noteOn(event: ParsedEvent, orderId: string | undefined): { note?: string } {
  const notes: string[] = [];
  if (event.kind === "order" && event.undated) notes.push("no usable time: the time of arrival counts");
  if (orderId !== undefined && holdsAddress(orderId)) notes.push("the order id contains an e-mail address");
  return notes.length > 0 ? { note: notes.join("; ") } : {};
}

/** Above this many, one summary line is logged instead of one per event: the sender must not control the size of the log. */
const MOST_REJECTED_LINES = 5;

/** As counts by reason, with the places of the first ones. */
function logRejectedEvents(rejected: { event: ParsedEvent; index: number }[]): void {
  const reasons: Record<string, number> = {};
  for (const { event } of rejected)
    if (event.kind === "rejected") reasons[event.reason] = (reasons[event.reason] ?? 0) + 1;
  const examples = rejected.slice(0, MOST_REJECTED_LINES).map(({ index }) => index);
  log({ log: "rejected", events: rejected.length, reasons, examples }, "warn");
}
