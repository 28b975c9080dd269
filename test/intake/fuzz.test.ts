/**
 * Any request at all, against the whole Worker in one process: generated bodies, headers, methods and paths. Nothing
 * unauthenticated is acted on, nothing answers 5xx, and nothing exceeds its bounds. `npm run fuzz` tries more.
 *
 * What a Worker can act with, its bindings, only notes here that it was called. A request is authenticated exactly
 * when this file signed it, so the verdict does not repeat the Worker's own check.
 */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import { NO_REJECTIONS } from "../../src/domain/rejections.ts";
import app from "../../src/index.ts";
import type { Operation, OperationResult } from "../../src/domain/operation.ts";
import { orderCompleted, sign, signedRequest } from "../support/segment.ts";

const { runs, seed } = inject("fuzz");
const ORIGIN = "https://worker.example.com";
/** Written into bodies and headers: must come back nowhere. */
const CANARY = "canary.address@example.com";

/** What the last request was acted on with. */
let calls: string[] = [];
let operations: Operation[] = [];

const RESULTS: Record<Operation["kind"], OperationResult> = {
  claim: { kind: "accepted" },
  cancel: { kind: "cancelled" },
  forget: { kind: "forgotten", cancelled: 0, beingSent: 0, complete: true, orders: 0 },
  reject: { kind: "rejected" },
};
const note = (name: string, answer: unknown) => () => (calls.push(name), Promise.resolve(answer));
const only = (object: object) => ({ getByName: () => object });
const BINDINGS = {
  ORDERS: { get: note("kv", new Map()), put: note("kv", undefined) },
  LEDGER: only({
    record: (some: Operation[]) => {
      calls.push("ledger");
      operations.push(...some);
      return Promise.resolve(some.map(({ kind }) => RESULTS[kind]));
    },
  }),
  AUDIENCES: only({
    remember: note("audiences", undefined),
    forget: note("audiences", undefined),
    audiencesOf: note("audiences", []),
  }),
  REGISTRY: only({ shops: note("registry", []) }),
  // The one thing that a stranger may cause: that rejections are counted.
  ATTEMPTS: only({ failed: () => Promise.resolve(1), addRejections: () => Promise.resolve(NO_REJECTIONS) }),
  ...Object.fromEntries(
    ["ALERTS", "ALLOWANCE", "TOKENS"].map((name) => [name, only({ look: note(name, 0) })]),
  ),
};
const worker = (settings: object) =>
  ({ ...env, ...BINDINGS, STATUS_PASSWORD: "the password of the tests", ...settings }) as unknown as Env;
const WORKERS = {
  plain: worker({}),
  token: worker({ SEGMENT_TOKEN: "a-token-that-is-never-guessed", EXCLUDE_AUDIENCES: "staff" }),
  shops: worker({
    // The second has no secret of its own.
    SHOPS: { uk: { affiliation: "Example UK", currency: "GBP" }, nl: { affiliation: "Example NL" } },
    TRUSTPILOT_INTEGRATION_KEY_NL: "dutchTestsKey001",
    SEGMENT_SHARED_SECRET_UK: "the secret of the British shop",
    TRUSTPILOT_INTEGRATION_KEY_UK: "britishTestsKey1",
    LEDGER_SECRET: "a secret of thirty-two characters",
  }),
  access: worker({ ACCESS_AUD: "an audience", STATUS_PASSWORD: "" }),
};
type WorkerName = keyof typeof WORKERS;
/** Each generated case goes to all of them. */
const ALL = Object.keys(WORKERS) as WorkerName[];
const context = { waitUntil: (work: Promise<unknown>) => void work.catch(() => {}) } as ExecutionContext;

const report = console.log.bind(console);
/** Of the last request. The line of the start comes once. */
let logged: string[] = [];
beforeAll(() => {
  for (const level of ["log", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line: string) => {
      if (!line.includes('"log":"start"')) logged.push(line);
    });
});
// The timers of a request end with it. Here all requests are one to the runtime, which allows it 10,000.
beforeAll(() => {
  const wait = scheduler.wait.bind(scheduler);
  vi.spyOn(scheduler, "wait").mockImplementation((milliseconds, options) =>
    milliseconds < 1000 ? wait(milliseconds, options) : new Promise(() => {}),
  );
});
afterAll(() => void vi.restoreAllMocks());

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const PATHS = [
  ...["/segment", "/segment/", "/segment/uk", "/shops/uk/segment", "/shops/nl/segment", "/shops/uk/status"],
  ...["/shops/%75k/segment", "/shops/UK/segment", "/%73tatus"],
  ...["/status", "/status/overview", "/status/health", "/status/orders/1001/cancel", "/status/resume"],
  ...["/orders", "/orders/1001", "/orders/1001/send-again", "/orders/decide-unknown", "/resume", "/pause"],
  ...["/openapi.json", "/health", "/ledger/export", "/ledger/fence", "/ledger/import", "/", "/favicon.ico"],
];
const segmentOfPath = fc.constantFrom(
  ...["segment", "status", "orders", "shops", "uk", "ledger", "resume", "..", ".", "", "%2e%2e", "%2f"],
  ...["..%2fstatus", "%73tatus", "%00", "%ff", "a".repeat(3000), "__proto__", "constructor", "1001", CANARY],
);
const path = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...PATHS) },
  fc.tuple(fc.constantFrom(...PATHS), segmentOfPath).map((parts) => parts.join("/")),
  fc.array(segmentOfPath, { maxLength: 5 }).map((parts) => `/${parts.join("/")}`),
  fc.tuple(fc.constantFrom(...PATHS), fc.webQueryParameters()).map((parts) => parts.join("?")),
);

const word = fc.constantFrom(
  ...["type", "event", "properties", "context", "traits", "order_id", "email", "products", "userId", "json"],
  ...[
    "integrations",
    "total",
    "timestamp",
    "affiliation",
    "currency",
    "messageId",
    "__proto__",
    "constructor",
  ],
  ...["track", "identify", "delete", "page", "Order Completed", "Order Cancelled", "Order Refunded", "1001"],
  ...["Audience Entered", "staff", "Example UK", "GBP", "2026-11-20T10:00:00Z", "\u0000", "1e400", CANARY],
);
const { value: json } = fc.letrec<{ value: unknown }>((again) => ({
  value: fc.oneof(
    { depthSize: "small" },
    word,
    fc.constantFrom(null, true, -1, 1e308, 7.5, 2 ** 60, ""),
    fc.dictionary(word, again("value"), { maxKeys: 4 }),
    fc.array(again("value"), { maxLength: 4 }),
  ),
}));
const event = fc
  .tuple(
    fc.constantFrom("Order Completed", "Order Cancelled", "Order Refunded"),
    fc.dictionary(word, json, { maxKeys: 3 }),
    json,
  )
  .map(([name, properties, rest]) => ({
    ...orderCompleted({ order_id: "1001", email: CANARY, ...properties }),
    event: name,
    userId: CANARY,
    context: rest,
  }));
const text = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.oneof(event, json, fc.array(event, { maxLength: 4 })).map((body) => JSON.stringify(body)),
  },
  fc
    .tuple(event, fc.nat(), fc.constantFrom("", '"', "}", "[", "\\", "\u0000", ","))
    .map(([body, at, mark]) => {
      const whole = JSON.stringify(body);
      return whole.slice(0, at % whole.length) + mark + whole.slice((at % whole.length) + 1);
    }),
  fc.nat({ max: 3000 }).map((depth) => "[".repeat(depth)),
  fc.string({ unit: "binary", maxLength: 50 }),
);
const headerValue = fc.oneof(
  fc.constantFrom("", "a", "0".repeat(40), "ff".repeat(20), "z".repeat(40), "x".repeat(8000), CANARY, "null"),
  fc.stringMatching(/^[ -~]{0,60}$/),
);
const credentials = fc.oneof(
  headerValue,
  headerValue.map((value) => `Bearer ${value}`),
  fc
    .string({ maxLength: 20 })
    .map((value) => `Basic ${new TextEncoder().encode(`user:${value}`).toBase64()}`),
);
const headers = fc.record(
  {
    "X-Signature": headerValue,
    Authorization: credentials,
    "Content-Type": fc.constantFrom(
      "application/json",
      "text/plain",
      "application/x-www-form-urlencoded",
      "a",
    ),
    "Content-Encoding": fc.constantFrom("gzip", "identity", "br", "?"),
    "Content-Length": fc.constantFrom("0", "5242881", "-1", "x"),
    "CF-Connecting-IP": fc.oneof(fc.ipV4(), fc.ipV6(), headerValue),
    "Cf-Access-Jwt-Assertion": headerValue,
    Origin: headerValue,
    Cookie: headerValue,
    "X-HTTP-Method-Override": fc.constantFrom("POST", "DELETE"),
  },
  { requiredKeys: [] },
);
const stranger = fc.record({
  method: fc.oneof({ weight: 3, arbitrary: fc.constant("POST") }, fc.constantFrom(...METHODS)),
  path,
  headers,
  text,
  /** How a captured signature is used: for another body, with events appended, at another shop's path. */
  captured: fc.constantFrom("no", "no", "other body", "appended", "uk", "nl", "guess"),
});

type Strange = typeof stranger extends fc.Arbitrary<infer Value> ? Value : never;

function requestOf({ method, path, headers, text, captured }: Strange): Request {
  const bare = method === "GET" || method === "HEAD";
  const init = { method, headers, ...(!bare && { body: text }) };
  switch (captured) {
    case "no":
      return new Request(ORIGIN + path, init);
    case "other body":
      return withSignature(path, init, sign(`${text} `));
    case "appended": {
      const first = JSON.stringify(orderCompleted({ order_id: "captured" }));
      const body = `[${first},${JSON.stringify(orderCompleted({ order_id: text }))}]`;
      return withSignature("/segment", { ...init, method: "POST", body }, sign(first));
    }
    case "uk":
    case "nl":
    case "guess":
      return withSignature(`/shops/${captured}/segment`, { ...init, method: "POST", body: text }, sign(text));
  }
}

function withSignature(path: string, init: RequestInit, signature: string): Request {
  const headers = { ...(init.headers as Record<string, string>), "X-Signature": signature };
  return new Request(ORIGIN + path, { ...init, headers });
}

async function answerTo(
  request: Request,
  worker: WorkerName,
): Promise<{ status: number; answer: string; log: string[] }> {
  calls = [];
  operations = [];
  logged = [];
  const response = await app.fetch(request, WORKERS[worker], context);
  return { status: response.status, answer: await response.text(), log: logged };
}

/** In characters. Error pages are the longest. */
const LONGEST_ANSWER = 4_000;

/** What anyone may read. */
const PUBLIC = /^(\/shops\/[a-z\d][a-z\d-]{0,19})?\/(health\/?|status\/assets\/.*)$/;

/** In ms, for as many as there are. */
const TIMEOUT = 60_000 + runs * 10;

let done = 0;
const parameters = (share: number) => ({ numRuns: Math.ceil((runs * share) / ALL.length), seed });

const eachOf =
  <Value>(check: (value: Value, worker: WorkerName) => Promise<void>) =>
  async (value: Value) => {
    for (const worker of ALL) await check(value, worker);
  };

/** For the progress bar of `npm run fuzz`. */
function count(): void {
  done += 1;
  if (done % 1_000 === 0) report(`fuzz ${done}`);
}

it(
  `of ${runs} requests (FUZZ_SEED=${seed}) none is acted on without authentication, and none answered 5xx`,
  async () => {
    const check = async (strange: Strange, worker: WorkerName) => {
      const request = requestOf(strange);
      const { status, answer, log } = await answerTo(request, worker);
      count();
      expect(calls, "what it was acted on with").toEqual([]);
      const mayRead = PUBLIC.test(new URL(request.url).pathname);
      if (status < 400 || status > 499) expect({ status, mayRead }).toEqual({ status: 200, mayRead: true });
      if (mayRead) return;
      expect(answer.length).toBeLessThan(LONGEST_ANSWER);
      expect(log.length).toBeLessThan(2);
      expect(answer + log.join("")).not.toContain(CANARY);
    };
    await fc.assert(fc.asyncProperty(stranger, eachOf(check)), parameters(0.8));
  },
  TIMEOUT,
);

it(
  "authenticated, whatever it is, it is answered, and acted on within bounds",
  async () => {
    const some = fc.oneof(
      text,
      fc.array(event, { maxLength: 30 }).map((body) => JSON.stringify(body)),
    );
    const check = async (body: string, worker: WorkerName) => {
      const { status, answer, log } = await answerTo(signedRequest(body, {}), worker);
      count();
      expect([200, 400]).toContain(status);
      const events = (JSON.parse(answer) as { events?: unknown[] }).events?.length ?? 1;
      // A deletion and an order that names no shop are for every ledger of every shop.
      expect(calls.filter((name) => name === "ledger").length).toBeLessThan(33);
      expect(operations.length).toBeLessThan(1 + 16 * events);
      for (const operation of operations) expect(idOf(operation).length).toBeLessThan(256);
      expect(log.length).toBeLessThan(1 + events);
      expect(log.join("")).not.toContain(CANARY);
    };
    await fc.assert(fc.asyncProperty(some, eachOf(check)), parameters(0.2));
  },
  TIMEOUT,
);

function idOf(operation: Operation): string {
  if (operation.kind === "claim") return operation.order.orderId;
  return operation.kind === "forget" ? "" : operation.orderId;
}

it("an array of 2.5 million elements is rejected before any of them is looked at as an event", async () => {
  const body = `[${"1,".repeat(2_499_999)}1]`;
  const { status, answer, log } = await answerTo(signedRequest(body), "plain");
  expect(status).toBe(413);
  expect(answer).toContain("5,000 events");
  expect(calls).toEqual([]);
  expect(log).toHaveLength(1);
});
