import { reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { orderCompleted, sign, signedRequest } from "../support/segment.ts";
import { answerOf, callWorker, URL_OF_SEGMENT } from "../support/worker.ts";

afterEach(reset);

const MB = 1024 * 1024;

function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

describe("methods", () => {
  it.each(["PUT", "PATCH"])("%s, which Segment offers as well, takes an order like POST", async (method) => {
    const body = JSON.stringify(orderCompleted({ order_id: `route-${method}` }));
    const send = async (signature: string) => {
      const headers = { "X-Signature": signature };
      return answerOf(await callWorker(new Request(URL_OF_SEGMENT, { method, headers, body })));
    };
    const orderId = `route-${method}`;
    expect(await send(sign("something else"))).toMatchObject({ status: 401 });
    expect(await send(sign(body))).toEqual({ status: 200, outcome: "accepted", orderId });
  });

  it.each(["GET", "DELETE", "OPTIONS", "PROPFIND"])(
    "%s is answered 405, with what to set",
    async (method) => {
      const headers = { "X-Signature": sign("") };
      const response = await callWorker(new Request(URL_OF_SEGMENT, { method, headers }));
      expect(response.headers.get("Allow")).toBe("POST, PUT, PATCH");
      expect(await answerOf(response)).toEqual({
        status: 405,
        outcome: "rejected",
        message: expect.stringContaining("set the method of Segment's webhook destination to POST"),
      });
    },
  );

  it("HEAD is answered 405 without a body", async () => {
    const response = await callWorker(new Request(URL_OF_SEGMENT, { method: "HEAD" }));
    expect(response.status).toBe(405);
    expect(await response.text()).toBe("");
  });

  it("a method that asks to be taken for another is not", async () => {
    const headers = { "X-HTTP-Method-Override": "POST" };
    expect((await callWorker(new Request(URL_OF_SEGMENT, { headers }))).status).toBe(405);
  });
});

describe("addresses", () => {
  it.each(["/segment", "/segment/", "/segment?source=web"])("%s takes events", async (path) => {
    const order_id = `route-${path}`;
    const request = new Request(
      `https://worker.example.com${path}`,
      signedRequest(orderCompleted({ order_id })),
    );
    expect(await answerOf(await callWorker(request))).toMatchObject({ status: 200, outcome: "accepted" });
  });

  it.each(["GET", "POST"])("%s elsewhere is answered 404, with the right address", async (method) => {
    const response = await callWorker(new Request("https://worker.example.com/Segment", { method }));
    expect(await answerOf(response)).toEqual({
      status: 404,
      message: expect.stringContaining("POST /segment"),
    });
  });

  it.each(["/", "/segment", "/segment/", "//segment", "/segment/../segment", "/health", "/%73egment"])(
    "%s never redirects, whatever the method",
    async (path) => {
      for (const method of ["GET", "HEAD", "POST", "PUT"]) {
        const request = new Request(`https://worker.example.com${path}`, { method, redirect: "manual" });
        const { status, headers } = await exports.default.fetch(request);
        expect(status < 300 || status >= 400).toBe(true);
        expect(headers.has("Location")).toBe(false);
      }
    },
  );
});

describe("bodies", () => {
  const post = async (body: BodyInit, headers: Record<string, string> = {}) =>
    answerOf(await callWorker(new Request(URL_OF_SEGMENT, { method: "POST", body, headers })));

  const TOO_LARGE = { status: 413, outcome: "rejected", message: expect.stringContaining("batch size") };

  it("of 5 MB are read", async () => {
    const body = JSON.stringify(orderCompleted({ order_id: "route-5mb", note: "" }));
    const padded = body.replace('"note":""', `"note":"${"x".repeat(5 * MB - body.length)}"`);
    expect(padded.length).toBe(5 * MB);
    expect(await post(padded, { "X-Signature": sign(padded) })).toMatchObject({ outcome: "accepted" });
  });

  it("above 5 MB are answered 413, with what to set", async () => {
    expect(await post("x".repeat(5 * MB + 1))).toEqual(TOO_LARGE);
  });

  it("above 5 MB are answered 413 when their length is not announced", async () => {
    const megabytes = streamOf(Array.from({ length: 6 }, () => new Uint8Array(MB)));
    expect(await post(megabytes)).toEqual(TOO_LARGE);
  });

  it("of 5 MB are read when their length is not announced", async () => {
    const body = JSON.stringify(orderCompleted({ order_id: "route-5mb-stream" })).padEnd(5 * MB);
    const bytes = new TextEncoder().encode(body);
    const halves = streamOf([bytes.subarray(0, 3 * MB), bytes.subarray(3 * MB)]);
    expect(await post(halves, { "X-Signature": sign(bytes) })).toMatchObject({ outcome: "accepted" });
  });

  it("whose length is not announced are verified as they came", async () => {
    const body = new TextEncoder().encode(
      JSON.stringify(orderCompleted({ order_id: "route-chunks", name: "Zoë" })),
    );
    const chunks = Array.from(body, (byte) => new Uint8Array([byte]));
    const stream = streamOf(chunks);
    expect(await post(stream, { "X-Signature": sign(body) })).toMatchObject({ outcome: "accepted" });
  });

  it.each([
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=UTF-8",
    "Application/X-WWW-Form-URLEncoded",
  ])("of type %s are answered 415, with what to set, though their signature cannot match", async (type) => {
    const event = orderCompleted({ order_id: "route-form" });
    const headers = { "Content-Type": type, "X-Signature": sign(JSON.stringify(event)) };
    expect(await post("type=track&event=Order+Completed", headers)).toEqual({
      status: 415,
      outcome: "rejected",
      message: expect.stringContaining("application/json"),
    });
  });

  const gzipped = async (text: string) =>
    new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();

  it.each([
    ["with the header", { "Content-Encoding": "gzip" }],
    ["without the header", {}],
  ])("that are compressed, %s, are answered 415, with what to change", async (_, header) => {
    const body = await gzipped(JSON.stringify(orderCompleted({ order_id: "route-gzip" })));
    const compressed = { status: 415, outcome: "rejected", message: expect.stringContaining("compressed") };
    expect(await post(body, { ...header, "X-Signature": sign(body) })).toEqual(compressed);
    expect(await post(body, { ...header, "X-Signature": sign("{}") })).toEqual(compressed);
  });

  it("with extras, which Webhook Audiences does not sign, are answered 401, with what to change", async () => {
    const data = orderCompleted({ order_id: "route-extras" });
    const body = JSON.stringify({ ...data, extras: { audience: "vip" } });
    expect(await post(body, { "X-Signature": sign(JSON.stringify(data)) })).toEqual({
      status: 401,
      outcome: "rejected",
      message: expect.stringMatching(/Webhook Audiences signs the data without its extras/),
    });
  });

  it.each(["text/plain", "application/vnd.segment+json", "", "nonsense"])(
    "of type %j are read as JSON",
    async (type) => {
      const body = JSON.stringify(orderCompleted({ order_id: `route-type-${type}` }));
      const headers = { "Content-Type": type, "X-Signature": sign(body) };
      expect(await post(body, headers)).toMatchObject({ outcome: "accepted" });
    },
  );

  it.each([
    "",
    " ",
    "{",
    "[",
    "[{}",
    "{'type':'track'}",
    "undefined",
    "NaN",
    '{"type":"track"}x',
    "\ufeff",
    "event=x",
  ])("that are no JSON are answered 400 without a word of what they held: %j", async (body) => {
    const answer = await post(body, { "X-Signature": sign(body) });
    expect(answer).toEqual({
      status: 400,
      outcome: "rejected",
      message: "The body is not JSON: a Segment event, or an array of them, was expected.",
    });
  });
});

describe("one event is answered with", () => {
  const answerTo = async (event: unknown) => answerOf(await exports.default.fetch(signedRequest(event)));

  it("200 accepted, then 200 duplicate, never 409", async () => {
    const event = orderCompleted({ order_id: "route-answer" });
    expect(await answerTo(event)).toEqual({ status: 200, outcome: "accepted", orderId: "route-answer" });
    expect(await answerTo(event)).toEqual({ status: 200, outcome: "duplicate", orderId: "route-answer" });
  });

  it("200 duplicate for an order that is known, with what is wrong with the copy", async () => {
    const known = "route-known";
    await env.ORDERS.put(`order:${known}`, "invited");
    expect(await answerTo(orderCompleted({ order_id: known, email: null }))).toEqual({
      status: 200,
      outcome: "duplicate",
      orderId: known,
      message: expect.stringContaining("without an email"),
    });
    const rounded = orderCompleted({ order_id: 2 ** 53 });
    const warned = { orderId: "9007199254740992", message: expect.stringContaining("above 2^53") };
    expect(await answerTo(rounded)).toMatchObject({ outcome: "accepted", ...warned });
    expect(await answerTo(rounded)).toMatchObject({ outcome: "duplicate", ...warned });
  });

  it("200 ignored, with the reason", async () => {
    expect(await answerTo({ type: "track", event: "Product Viewed" })).toEqual({
      status: 200,
      outcome: "ignored",
      message: "Only Order Completed starts an invitation.",
    });
  });

  it("200 skipped, with the reason", async () => {
    const event = orderCompleted({ order_id: "route-skipped" }, { integrations: { All: false } });
    expect(await answerTo(event)).toEqual({
      status: 200,
      outcome: "skipped",
      orderId: "route-skipped",
      message: "The event's integrations object turns Trustpilot off.",
    });
  });

  it("400 rejected, with what to fix and the order's id when it is known", async () => {
    expect(await answerTo({ type: "track", event: "Order Completed", properties: { order_id: 5 } })).toEqual({
      status: 400,
      outcome: "rejected",
      orderId: "5",
      message: expect.stringContaining("properties.email"),
    });
  });

  it("JSON", async () => {
    const response = await exports.default.fetch(signedRequest({ type: "page" }));
    expect(response.headers.get("Content-Type")).toMatch(/^application\/json/);
  });
});
