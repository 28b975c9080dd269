/**
 * A stand-in for Trustpilot's Integration-Key API, for the demo, the tests and `npm run dev`.
 *
 * It speaks the interface over HTTP, as the real one would: it checks what a request must have, creates the
 * invitation unless it has been told to behave otherwise, and keeps a list of what it received. Everything is kept
 * apart by Integration Key, so that many tests can share one stand-in, and lives as long as the process.
 *
 * Under /_/ is what the real one does not have:
 *   GET    /_/{key}/requests                   what was received and how it was answered
 *   GET    /_/{key}/requests/{referenceId}     the same, of one order
 *   PUT    /_/{key}/behaviour                  how to answer from now on (see `Behaviour`)
 *   PUT    /_/{key}/behaviour/{referenceId}    the steps for one order
 *   DELETE /_/{key}                            forget all of it
 */
import { Hono } from "hono";
import { hash32 } from "../../src/lib/hash.ts";
import type { Behaviour, ReceivedRequest, Step } from "./behaviour.ts";

interface Account {
  behaviour: Behaviour;
  requests: ReceivedRequest[];
  /** How many requests each reference id has had. */
  counts: Map<string, number>;
}

const accounts = new Map<string, Account>();

function accountOf(key: string): Account {
  let account = accounts.get(key);
  if (!account) accounts.set(key, (account = { behaviour: {}, requests: [], counts: new Map() }));
  return account;
}

const app = new Hono();

app.get("/_/:key/requests", (c) => c.json(accountOf(c.req.param("key")).requests));
app.put("/_/:key/behaviour", async (c) => {
  accountOf(c.req.param("key")).behaviour = await c.req.json<Behaviour>();
  return c.body(null, 204);
});
app.get("/_/:key/requests/:referenceId", (c) => {
  const { key, referenceId } = c.req.param();
  return c.json(accountOf(key).requests.filter(({ body }) => body["referenceId"] === referenceId));
});
app.put("/_/:key/behaviour/:referenceId", async (c) => {
  const { key, referenceId } = c.req.param();
  (accountOf(key).behaviour.references ??= {})[referenceId] = await c.req.json<Step[]>();
  return c.body(null, 204);
});
app.delete("/_/:key", (c) => {
  accounts.delete(c.req.param("key"));
  return c.body(null, 204);
});

app.post("/api/:key/invitation", async (c) => {
  const key = c.req.param("key");
  if (!/^[A-Za-z0-9]+$/.test(key)) return c.json({ message: "Unknown integration key" }, 404);
  if (!c.req.header("Content-Type")?.startsWith("application/json"))
    return c.json({ message: "JSON expected" }, 415);
  const body = await c.req.json<Record<string, unknown>>().catch(() => null);
  const problem = problemOf(body);
  const account = accountOf(key);
  const step =
    problem === null ? takeStep(account, String(body?.["referenceId"])) : { status: 400, body: problem };
  // An order status is accepted like an invitation, and creates none.
  const invites = body?.["payloadType"] !== "OrderStatusUpdate";
  const created = step.create ?? (invites && step.fault !== "drop" && (step.status ?? 201) === 201);
  account.requests.push({
    at: Date.now(),
    path: c.req.path,
    origin: c.req.header("Origin") ?? null,
    body: body ?? {},
    step,
    created,
  });
  return answer(step);
});

/** Past Hono, which would answer 500: the runtime closes the connection of a request whose own fetch was refused. */
app.onError((error) => {
  throw error;
});
app.notFound((c) => c.json({ message: "Not found" }, 404));

function problemOf(body: Record<string, unknown> | null): string | null {
  if (body === null || typeof body !== "object") return "The body is not JSON";
  for (const field of ["recipientEmail", "referenceId"]) {
    if (typeof body[field] !== "string" || body[field] === "") return `${field} is required`;
  }
  if (!String(body["recipientEmail"]).includes("@")) return "recipientEmail is not an address";
  if (body["products"] !== undefined && !Array.isArray(body["products"])) return "products must be an array";
  return null;
}

function takeStep({ behaviour, counts }: Account, referenceId: string): Step {
  const earlier = counts.get(referenceId) ?? 0;
  counts.set(referenceId, earlier + 1);
  const own = behaviour.references?.[referenceId]?.shift();
  if (own) return own;
  const next = behaviour.next?.shift();
  if (next) return next;
  const { chance, always = {} } = behaviour;
  if (!chance || earlier >= (chance.first ?? Infinity)) return always;
  const random = (of: string) =>
    chance.seed === undefined
      ? Math.random()
      : hash32(`${of}:${chance.seed}:${referenceId}:${earlier}`) / 2 ** 32;
  return random("fails") < chance.rate
    ? chance.steps[Math.floor(random("how") * chance.steps.length)]!
    : always;
}

async function answer({
  status = 201,
  headers = {},
  body,
  bodyBytes,
  delay = 0,
  fault,
}: Step): Promise<Response> {
  if (delay > 0) await scheduler.wait(delay);
  if (fault === "hang") await scheduler.wait(600_000);
  // A Worker cannot close its connection; but when a fetch of its own is refused, the runtime does.
  if (fault === "drop") return fetch("http://127.0.0.1:1/");
  if (fault === "cut" || fault === "drip") return new Response(slowBody(fault), { status, headers });
  if (bodyBytes !== undefined) return new Response(new Uint8Array(bodyBytes), { status, headers });
  return new Response(body ?? (status === 201 ? "[]" : ""), { status, headers });
}

function slowBody(fault: "cut" | "drip"): ReadableStream {
  const { readable, writable } = new FixedLengthStream(1000);
  const writer = writable.getWriter();
  void (async () => {
    const seconds = fault === "cut" ? 1 : 1000;
    for (let second = 0; second < seconds; second++) {
      await writer.write(new Uint8Array(1));
      await scheduler.wait(fault === "cut" ? 0 : 1000);
    }
    await writer.abort(new Error("cut"));
  })().catch(() => {});
  return readable;
}

export default app;
