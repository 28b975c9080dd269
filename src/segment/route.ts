/** `POST /segment`: the door. Limits, authenticates and parses, then hands the events on and writes the answer. */
import type { Context } from "hono";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { readConfig, type Env } from "../config.ts";
import { errorName, log } from "../log.ts";
import { statusOf, type BatchAnswer, type EventAnswer } from "./answer.ts";
import { authenticate } from "./authenticate.ts";
import { MAX_BODY, readBody } from "./body.ts";
import { takeEvents, type TakenEvent } from "./take.ts";

type App = { Bindings: Env };

export const segment = new Hono<App>({ strict: false });

/** Counts the bytes of a body whose length is not declared. */
const countedBody = bodyLimit({
  maxSize: MAX_BODY,
  onError: (c: Context<App>) =>
    refuse(
      c,
      413,
      "The body is larger than 5 MB: set a smaller batch size in Segment's webhook destination; 100 is a good one.",
    ),
});

segment.post(
  "/",
  // Looking at the declared length leaves the body alone, which the runtime then reads in one go.
  (c, next) => (Number(c.req.header("Content-Length")) <= MAX_BODY ? next() : countedBody(c, next)),
  async (c) => {
    const checked = readConfig(c.env);
    if (!checked.ok) {
      // 503, not 4xx: Segment tries again for hours, which is time to mend it without losing an order.
      log({ log: "config", problems: checked.problems.map(({ name }) => name) }, "error");
      return c.json(
        { message: `Not set up: ${checked.problems.map(({ message }) => message).join(" ")}` },
        503,
      );
    }
    // Before the signature, which Segment makes of the JSON and which no form matches: the answer must say why.
    if (/^\s*application\/x-www-form-urlencoded/i.test(c.req.header("Content-Type") ?? "")) {
      return refuse(
        c,
        415,
        "The body is form-encoded: set the content type of the destination to application/json.",
      );
    }
    const started = Date.now();
    const bytes = new Uint8Array(await c.req.raw.arrayBuffer());
    const authentication = await authenticate(c.req.raw, bytes, checked.config);
    if (authentication.kind === "refused") return refuse(c, 401, authentication.message);
    const body = readBody(bytes, authentication);
    if (body.kind === "unreadable") return refuse(c, 400, body.message);

    const events = body.kind === "one" ? [body.event] : body.events;
    let taken: TakenEvent[];
    try {
      taken = await takeEvents(events, checked.config, c.env, (work) => c.executionCtx.waitUntil(work));
    } catch (error) {
      log(
        {
          log: "request",
          status: 503,
          reason: `ledger unreachable: ${errorName(error)}`,
          events: events.length,
        },
        "error",
      );
      return c.json({ message: "The ledger cannot be reached: send the request again." }, 503);
    }
    for (const event of taken) logEvent(event, Date.now() - started);
    if (body.kind === "batch") {
      return c.json<BatchAnswer>({ events: taken.map(({ answer }, index) => ({ index, ...answer })) });
    }
    const { reading, answer } = taken[0]!;
    const partnerContract = authentication.kind === "whole" && authentication.partnerContract;
    // A cancellation that comes too late is ignored too, but its type is one that is supported.
    return c.json<EventAnswer>(answer, statusOf(answer, partnerContract && reading.kind === "ignored"));
  },
);

/** Never a redirect: Segment would follow it with a GET without a body and count the order as delivered. */
segment.all("/", (c) => {
  c.header("Allow", "POST");
  return refuse(c, 405, "Only POST is taken here: set the method of Segment's webhook destination to POST.");
});

function refuse(c: Context<App>, status: keyof typeof REFUSALS, message: string): Response {
  if (status === 401)
    c.header("WWW-Authenticate", 'Basic realm="Trustpilot Integration Key", charset="UTF-8"');
  logRefusal(status);
  return c.json({ outcome: "rejected", message } satisfies EventAnswer, status);
}

/**
 * One line a second and isolate: who sends a thousand wrong requests a second must neither fill the log nor cost
 * more than the answer.
 */
function logRefusal(status: keyof typeof REFUSALS): void {
  const now = Date.now();
  if (now < quiet.until) {
    quiet.suppressed += 1;
    return;
  }
  log({ log: "request", status, reason: REFUSALS[status], suppressed: quiet.suppressed }, "warn");
  quiet = { until: now + 1000, suppressed: 0 };
}

let quiet = { until: 0, suppressed: 0 };

const REFUSALS = {
  400: "not JSON",
  401: "not authenticated",
  405: "method not allowed",
  413: "body too large",
  415: "form-encoded",
};

/** @param milliseconds the whole request's, also for an event of a batch */
function logEvent({ reading, answer }: TakenEvent, milliseconds: number): void {
  log(
    {
      log: "event",
      outcome: answer.outcome,
      type: reading.type,
      ...(answer.orderId !== undefined && { orderId: answer.orderId }),
      milliseconds,
    },
    answer.outcome === "rejected" ? "warn" : "log",
  );
}
