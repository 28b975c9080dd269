/** `POST /segment`: the door. Limits, authenticates and parses, then hands the events on and writes the answer. */
import { Hono } from "hono/tiny";
import { logInBulk } from "./bulk-log.ts";
import { announce, errorName, log, type LogLine } from "../log.ts";
import { statusOf, type BatchAnswer } from "../domain/event-answer.ts";
import { authenticate } from "./authenticate.ts";
import { readBody, readBytes } from "./body.ts";
import { refuse } from "./rejection.ts";
import type { TakenEvent } from "./ingest.ts";
import { readShops } from "../bindings/shops.ts";
import { takeForShops } from "./ingest-for-shops.ts";

export const segment = new Hono<{ Bindings: Env }>({ strict: false });

segment.all("/", (c) =>
  c.req.method === "POST" ? receive(c.req.raw, c.env, c.executionCtx) : refuse("methodNotAllowed"),
);

/** Of the runtime's context as much as is needed. */
type Context = Pick<ExecutionContext, "waitUntil">;

/** Of a POST. @returns the answer; what goes wrong on the way becomes one, too */
export function receive(request: Request, env: Env, context: Context): Promise<Response> {
  return answerTo(request, env, context).catch(answerToError);
}

export function answerToError(error: unknown): Response {
  log({ log: "error", error: errorName(error) }, "error");
  const message = "Something went wrong here; the event was not taken. Send it again.";
  return Response.json({ message }, { status: 500 });
}

async function answerTo(request: Request, env: Env, context: Context): Promise<Response> {
  const checked = readShops(env);
  if (!checked.ok) {
    // 503, not 4xx: Segment tries again for hours, which is time to mend it without losing an order.
    log({ log: "config", problems: checked.problems.map(({ name }) => name) }, "error");
    const message = `Not set up: ${checked.problems.map(({ message }) => message).join(" ")}`;
    return Response.json({ message }, { status: 503 });
  }
  announce();
  const started = Date.now();
  const whole = await readBytes(request);
  if (whole === null) return refuse("tooLarge");
  const bytes = new Uint8Array(whole);
  const authentication = await authenticate(request, bytes, checked.shops[0].config);
  if (authentication.kind === "refused") {
    // Segment signs the JSON, which no form matches: the answer must say why.
    return refuse(isForm(request, bytes) ? "form" : authentication.refusal);
  }
  const body = readBody(bytes, authentication);
  if (body.kind === "unreadable") return refuse(isForm(request, bytes) ? "form" : "notJson");

  const later = (work: Promise<unknown>) => context.waitUntil(work);
  const events = body.kind === "one" ? [body.event] : body.events;
  let taken: TakenEvent[];
  try {
    taken = await takeForShops(events, checked.shops, later);
  } catch (error) {
    const reason = `ledger unreachable: ${errorName(error)}`;
    log({ log: "request", status: 503, reason, events: events.length }, "error");
    const message = "The ledger cannot be reached: send the request again.";
    return Response.json({ message }, { status: 503 });
  }
  const milliseconds = Date.now() - started;
  for (const event of taken) {
    const line = lineOf(event, milliseconds);
    if (isNothingNew(event)) logInBulk(line, later);
    else log(line, event.answer.outcome === "rejected" ? "warn" : "log");
  }
  if (body.kind === "batch") {
    const answer: BatchAnswer = { events: taken.map(({ answer }, index) => ({ index, ...answer })) };
    return Response.json(answer);
  }
  const { reading, answer } = taken[0]!;
  const partnerContract = authentication.kind === "whole" && authentication.partnerContract;
  // A cancellation that comes too late is ignored too, but its type is one that is supported.
  const status = statusOf(answer, partnerContract && reading.kind === "ignored");
  // Most answers are 200, which needs no init: the runtime takes one apart field by field.
  return status === 200 ? Response.json(answer) : Response.json(answer, { status });
}

/** Most of what comes: what starts nothing, and orders that come again. */
function isNothingNew({ reading, answer }: TakenEvent): boolean {
  return reading.kind === "ignored" || answer.outcome === "duplicate";
}

function isForm({ headers }: Request, body: Uint8Array): boolean {
  // Asking for a header costs more than looking at what JSON starts with.
  if (body[0] === BRACE || body[0] === BRACKET) return false;
  return /^\s*application\/x-www-form-urlencoded/i.test(headers.get("Content-Type") ?? "");
}

const [BRACE, BRACKET] = [0x7b, 0x5b];

/** @param milliseconds the whole request's, also for an event of a batch */
function lineOf({ reading, answer }: TakenEvent, milliseconds: number): LogLine {
  const { outcome, orderId, shop } = answer;
  return { log: "event", outcome, type: reading.type, orderId, shop, milliseconds };
}
