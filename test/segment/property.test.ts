import { reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { orderIdentity } from "../../src/domain/order-identity.ts";
import { isPlaceholder } from "../../src/lib/placeholder.ts";
import sample from "../../examples/order-completed.json";
import { spyOnConsole } from "../support/console.ts";
import { signedRequest } from "../support/segment.ts";
import { answerOf, type Answer } from "../support/worker.ts";

afterEach(reset);

/**
 * Whatever JSON arrives, signed, it is answered as documented. When one of these fails, fast-check prints the
 * smallest example with its seed; `fc.assert(…, { seed, path })` repeats it.
 */
const RUNS = { numRuns: 150, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false } as const;

const lines = spyOnConsole();

const send = async (body: unknown) =>
  answerOf(await exports.default.fetch(signedRequest(JSON.stringify(body))));

/** Words that the code looks for, so that arbitrary JSON hits them. */
const key = fc.oneof(
  fc.constantFrom(
    ...["type", "event", "properties", "context", "traits", "integrations", "products", "consent"],
    ...["order_id", "orderId", "email", "name", "total", "currency", "timestamp", "userId", "anonymousId"],
    ...["json", "All", "Trustpilot", "price", "url", "audience_key", "categoryPreferences"],
    ...["originalTimestamp", "sentAt", "messageId", "personas", "computation_key", "externalIds", "id"],
    ...["first_name", "lastName", "surname", "revenue", "shipping", "tax", "grand_total", "value", "amount"],
    ...["refund_amount", "product_name", "status"],
    ...["__proto__", "constructor", "toString", "hasOwnProperty", ""],
  ),
  fc.string({ unit: "binary" }),
);
const text = fc.oneof(
  fc.constantFrom(
    ...[
      "track",
      "identify",
      "page",
      "delete",
      "Order Completed",
      "Completed Order",
      "Order Refunded",
      "Audience Entered",
    ],
    ...[
      "jane@example.com",
      "\ud800@example.com",
      '"\r\n"@example.com',
      "1001",
      "#1001",
      "{{ order.name }}",
      "Jane <jane@example.com>",
      "€ 1.234,50",
      "1,234",
      "Tue, 21 Oct 2025 00:01:15 GMT",
      "0001-01-01T00:00:00Z",
      "email",
      "undefined",
      "https:///x.example",
      "1e400",
    ],
  ),
  fc.string({ unit: "binary" }),
  // Also halves of surrogate pairs, which JSON can hold and UTF-8 cannot.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 10 })
    .map((units) => String.fromCharCode(...units)),
);
const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

/** A real event of which some parts, at any depth, are something else. */
const mutated = fc
  .array(fc.tuple(fc.nat(), anything, fc.boolean()), { minLength: 1, maxLength: 3 })
  .map((mutations) => mutations.reduce<unknown>(mutate, sample));

function mutate(event: unknown, [place, value, remove]: [number, unknown, boolean]): unknown {
  let seen = 0;
  const parts = JSON.stringify(event, (_, part: unknown) => (seen++, part)) === undefined ? 1 : seen;
  let at = 0;
  return JSON.parse(
    JSON.stringify(event, (_, part: unknown) =>
      at++ === place % parts ? (remove ? undefined : value) : part,
    ) ?? "null",
  );
}

/** What calls itself an order, with an address or what passes for one at every place where one is looked for. */
const ordersOfSorts = fc.record({
  type: fc.constant("track"),
  event: fc.constantFrom("Order Completed", "completed_order", "Order Refunded"),
  properties: fc.record({
    order_id: fc.oneof(text, anything),
    email: fc.oneof(text, fc.array(text)),
    traits: fc.record({ email: text }),
    name: text,
    total: fc.oneof(text, anything),
    refund_amount: fc.oneof(text, anything),
    products: anything,
  }),
  context: fc.record({
    traits: fc.record({ email: text, firstName: text, lastName: text }),
    externalIds: fc.oneof(anything, fc.array(fc.record({ id: text, type: text }))),
    personas: fc.record({ computation_key: text }),
  }),
  traits: fc.record({ email: text, name: text }),
  email: text,
  userId: text,
  messageId: fc.oneof(text, anything),
  timestamp: fc.oneof(text, anything),
  originalTimestamp: fc.oneof(text, anything),
  sentAt: anything,
});

const OUTCOMES = ["accepted", "duplicate", "ignored", "skipped", "rejected"];

function expectDocumented(answer: Answer): void {
  expect(OUTCOMES).toContain(answer.outcome);
  if (answer.orderId !== undefined) expect(answer.orderId).toMatch(/^[^]{1,255}$/);
  if (answer.outcome === "ignored" || answer.outcome === "skipped" || answer.outcome === "rejected") {
    expect(answer.message).toMatch(/\.$/);
  }
}

/** The answer to `body` is one of those that docs/segment.md lists, and nothing went wrong on the way. */
async function expectTaken(body: unknown): Promise<{ status: number } & Answer> {
  // JSON writes -0 as 0 and NaN as null: what counts is what arrives.
  const arrives: unknown = JSON.parse(JSON.stringify(body));
  const before = lines("error").length;
  const { status, ...answer } = await send(body);
  if (Array.isArray(arrives)) {
    expect(status).toBe(200);
    expect(answer.events!.map(({ index }) => index)).toEqual(arrives.map((_, index) => index));
    answer.events!.forEach(expectDocumented);
  } else {
    expectDocumented(answer);
    expect(status).toBe(answer.outcome === "rejected" ? 400 : 200);
  }
  expect(lines("error").slice(before)).toEqual([]);
  return { status, ...answer };
}

describe("whatever is signed is answered 200 or 400 as documented, and nothing is thrown", () => {
  it("any JSON", async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (body) => void (await expectTaken(body))),
      RUNS,
    );
  });

  it("any list of it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(anything, mutated, ordersOfSorts), { maxLength: 5 }),
        async (body) => void (await expectTaken(body)),
      ),
      RUNS,
    );
  });

  it("anything that calls itself an order", async () => {
    await fc.assert(
      fc.asyncProperty(ordersOfSorts, async (event) => void (await expectTaken(event))),
      RUNS,
    );
  });

  it("a real event with something else in it", async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (event) => void (await expectTaken(event))),
      RUNS,
    );
  });
});

describe("no order with a valid id and e-mail is rejected", () => {
  const validId = fc
    .oneof(
      fc.nat(),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
      fc.string({ unit: "binary", minLength: 1, maxLength: 60 }),
      fc.constantFrom("__proto__", "constructor", "0", "10/10", "#1"),
    )
    .filter((id) => typeof id === "number" || (!isPlaceholder(id) && !id.includes("\ufffd")));
  const validEmail = fc.oneof(
    fc.emailAddress(),
    fc.constantFrom("jane@example.com", "o'neill+7@sub.example.co.uk"),
  );
  const noise = fc.dictionary(
    fc.constantFrom(
      ...["name", "surname", "first_name", "total", "revenue", "tax", "currency", "products", "coupon"],
      ...["traits", "__proto__", "x"],
    ),
    anything,
  );
  const around = fc.dictionary(
    fc.constantFrom(
      "context",
      "traits",
      "userId",
      "anonymousId",
      "messageId",
      "sentAt",
      "originalTimestamp",
      "email",
      "x",
    ),
    anything,
  );

  it("whatever else stands in the event", async () => {
    await fc.assert(
      fc.asyncProperty(validId, validEmail, noise, around, async (order_id, email, properties, rest) => {
        const event = {
          ...rest,
          type: "track",
          event: "Order Completed",
          properties: { ...properties, order_id, email },
        };
        const { status, outcome, orderId } = await expectTaken(event);
        expect(status).toBe(200);
        expect(["accepted", "duplicate", "skipped"]).toContain(outcome);
        expect(orderId).toBe(orderIdentity(String(order_id)));
      }),
      RUNS,
    );
  });

  it("whatever else stands in the batch", async () => {
    const batch = fc.tuple(
      fc.array(anything, { maxLength: 4 }),
      validId,
      fc.array(mutated, { maxLength: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(batch, async ([before, order_id, after]) => {
        const order = {
          type: "track",
          event: "Order Completed",
          properties: { order_id, email: "jane@example.com" },
        };
        const { events } = await expectTaken([...before, order, ...after]);
        expect(events![before.length]!.outcome).toMatch(/^(accepted|duplicate)$/);
      }),
      RUNS,
    );
  });
});

it("what is not signed is never taken, whatever it is", async () => {
  const forged = fc.tuple(anything, fc.stringMatching(/^[0-9a-f]{40}$/));
  await fc.assert(
    fc.asyncProperty(forged, async ([body, signature]) => {
      const request = signedRequest(JSON.stringify(body), { "X-Signature": signature });
      expect((await exports.default.fetch(request)).status).toBe(401);
    }),
    RUNS,
  );
  expect(env.SEGMENT_SHARED_SECRET).toBeDefined();
});
