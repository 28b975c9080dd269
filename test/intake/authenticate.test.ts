import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { sign } from "../support/segment.ts";
import { answerOf, callWorker, URL_OF_SEGMENT, type Answer, type Settings } from "../support/worker.ts";

afterEach(reset);

const KEY = env.TRUSTPILOT_INTEGRATION_KEY!;
const SECRET = env.SEGMENT_SHARED_SECRET!;
const BEARER = { Authorization: `Bearer ${KEY}` };
const BASIC = { Authorization: `Basic ${btoa(`${KEY}:`)}` };
const WITHOUT_SECRET = { SEGMENT_SHARED_SECRET: undefined };

let orders = 0;

/** An order that no other test sends, as Segment would write it. */
function newOrder(rest = ""): string {
  const properties = `"order_id":"authenticate-${++orders}","email":"jane@example.com"`;
  return `{"type":"track","event":"Order Completed","properties":{${properties}}${rest}}`;
}

async function send(
  body: string | Uint8Array,
  headers: Record<string, string>,
  settings: Settings = {},
): Promise<{ status: number } & Answer> {
  return answerOf(await callWorker(new Request(URL_OF_SEGMENT, { method: "POST", headers, body }), settings));
}

const ACCEPTED = { status: 200, outcome: "accepted" };

function refused(message: string) {
  return { status: 401, outcome: "rejected", message: expect.stringContaining(message) };
}

/** As each sender really sends one order. The second is signed with `signed`; `null` is not signed at all. */
const json = { "Content-Type": "application/json" };
describe("with a shared secret, an event is taken from", () => {
  it.each<[string, Record<string, string>, (event: string) => string, "event" | "body"]>([
    ["Webhooks (Actions)", { ...json, "User-Agent": "Segment (Actions)" }, (event) => event, "event"],
    [
      "Webhooks (Actions) with parameters in its type",
      { "Content-Type": "application/json; charset=utf-8" },
      (event) => event,
      "event",
    ],
    ["Webhooks (Actions), batching on, one event", json, (event) => `[${event}]`, "event"],
    ["Extensible Webhook", { ...json, ...BEARER }, (event) => event, "event"],
    ["Extensible Webhook, batching on, one event", json, (event) => `[{"json":${event}}]`, "event"],
    ["a Segment that signs the whole batch", json, (event) => `[${event}]`, "body"],
    ["a Segment that signs the whole wrapped batch", json, (event) => `[{"json":${event}}]`, "body"],
    ["Webhooks, classic", { ...json, "User-Agent": "Segment.io/1.0" }, (event) => event, "event"],
    ["a sender without a content type", {}, (event) => event, "event"],
    ["a sender that writes spaces", json, (event) => ` {\n "type" :${event.slice(8)}\n`, "body"],
  ])("%s", async (_, headers, bodyOf, signed) => {
    const event = newOrder();
    const body = new TextEncoder().encode(bodyOf(event));
    const answer = await send(body, {
      ...headers,
      "X-Signature": await sign(signed === "event" ? event : body),
    });
    expect(answer.status).toBe(200);
    expect((answer.events?.[0] ?? answer).outcome).toBe("accepted");
  });
});

describe("X-Signature", () => {
  it("may be in upper case", async () => {
    const body = newOrder();
    expect(await send(body, { "X-Signature": (await sign(body)).toUpperCase() })).toMatchObject(ACCEPTED);
  });

  it("may be made with the previous secret, while the secret is being changed", async () => {
    const settings = { SEGMENT_SHARED_SECRET: "new", SEGMENT_SHARED_SECRET_PREVIOUS: SECRET };
    const [one, other] = [newOrder(), newOrder()];
    expect(await send(one, { "X-Signature": await sign(one) }, settings)).toMatchObject(ACCEPTED);
    expect(await send(other, { "X-Signature": await sign(other, "new") }, settings)).toMatchObject(ACCEPTED);
  });

  it("may not be made with the previous secret afterwards", async () => {
    const body = newOrder();
    const answer = await send(body, { "X-Signature": await sign(body) }, { SEGMENT_SHARED_SECRET: "new" });
    expect(answer).toEqual(refused("does not match"));
  });

  it("is made with the secret's UTF-8 bytes", async () => {
    const body = newOrder();
    const settings = { SEGMENT_SHARED_SECRET: "Schlüssel 🔑" };
    expect(await send(body, { "X-Signature": await sign(body, "Schlüssel 🔑") }, settings)).toMatchObject(
      ACCEPTED,
    );
  });

  it("covers a byte-order mark, which is then dropped", async () => {
    const body = `\ufeff${newOrder()}`;
    expect(await send(body, { "X-Signature": await sign(body) })).toMatchObject(ACCEPTED);
    expect(await send(body, { "X-Signature": await sign(body.slice(1)) })).toEqual(refused("does not match"));
  });

  it("covers the bytes as they came, also those that are no UTF-8", async () => {
    const text = new TextEncoder().encode(newOrder(',"context":{"page":"?"}'));
    const body = text.map((byte) => (byte === "?".charCodeAt(0) ? 0xff : byte));
    expect(await send(body, { "X-Signature": await sign(body) })).toMatchObject(ACCEPTED);
    expect(await send(text, { "X-Signature": await sign(body) })).toEqual(refused("does not match"));
  });

  it("does not cover the same JSON written in another way", async () => {
    const body = newOrder();
    const signature = await sign(body);
    for (const other of [
      ` ${body}`,
      `${body}\n`,
      body.replaceAll(":", ": "),
      JSON.stringify(JSON.parse(body), null, 1),
    ]) {
      expect(await send(other, { "X-Signature": signature })).toEqual(refused("does not match"));
    }
  });

  it.each<[string, (signature: string) => string]>([
    ["of another body", (signature) => signature.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))],
    ["with a digit missing", (signature) => signature.slice(1)],
    ["with a digit too many", (signature) => `${signature}0`],
    ["with a prefix", (signature) => `sha1=${signature}`],
    ["in quotes", (signature) => `"${signature}"`],
    ["sent twice", (signature) => `${signature}, ${signature}`],
    ["that is not hexadecimal", (signature) => signature.replace(/./g, "g")],
    ["in Base64", (signature) => Uint8Array.fromHex(signature).toBase64()],
  ])("%s is refused", async (_, change) => {
    const body = newOrder();
    expect(await send(body, { "X-Signature": change(await sign(body)) })).toEqual(refused("does not match"));
  });

  it("by HMAC-SHA256 is refused", async () => {
    const body = newOrder();
    const key = new TextEncoder().encode(SECRET);
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const hmac = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
    const signature = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, new TextEncoder().encode(body)));
    expect(await send(body, { "X-Signature": signature.toHex() })).toEqual(refused("does not match"));
  });

  it.each<[string, Record<string, string>]>([
    ["alone", {}],
    ["with an empty one", { "X-Signature": "" }],
    ["though the Integration Key is there as Bearer", BEARER],
    ["though the Integration Key is there as Basic", BASIC],
  ])("missing, the request is refused: %s", async (_, headers) => {
    expect(await send(newOrder(), headers)).toEqual(refused("the X-Signature header is missing"));
  });

  it("of an empty body proves an empty body and no more", async () => {
    expect(await send("", { "X-Signature": await sign("") })).toMatchObject({ status: 400 });
    expect(await send(newOrder(), { "X-Signature": await sign("") })).toEqual(refused("does not match"));
  });

  it.each<[string, Record<string, string>]>([
    ["missing", {}],
    ["wrong", { "X-Signature": "0".repeat(40) }],
  ])("%s is asked for by its name, not by Basic: the key would not open", async (_, headers) => {
    const request = new Request(URL_OF_SEGMENT, { method: "POST", body: newOrder(), headers });
    const response = await callWorker(request);
    expect(response.headers.get("WWW-Authenticate")).toBe("X-Signature");
  });
});

describe("a batch that is signed by its first event alone", () => {
  const wrap = (event: string) => `{"json":${event}}`;

  it.each([
    ["", (event: string) => event],
    [", wrapped", wrap],
  ])("is refused without the Integration Key, with what to do%s", async (_, each) => {
    const [first, second] = [newOrder(), newOrder()];
    const answer = await send(`[${each(first)},${each(second)}]`, { "X-Signature": await sign(first) });
    expect(answer).toEqual(refused("Authorization: Bearer <Integration Key>"));
    expect(answer.message).toContain("turn batching off");
    const afterwards = await send(first, { "X-Signature": await sign(first) });
    expect(afterwards, "nothing of it was taken").toMatchObject(ACCEPTED);
  });

  it.each([
    ["as Bearer", BEARER],
    ["as Bearer, in any casing", { Authorization: `bEARER  ${KEY} ` }],
    ["as Basic user name", BASIC],
    ["as Basic user name with a password", { Authorization: `basic ${btoa(`${KEY}:x:y`)}` }],
  ])("is taken with the Integration Key %s", async (_, headers) => {
    for (const each of [(event: string) => event, wrap]) {
      const [first, second] = [newOrder(), newOrder()];
      const body = `[${each(first)},${each(second)}]`;
      const answer = await send(body, { ...headers, "X-Signature": await sign(first) });
      expect(answer).toMatchObject({
        status: 200,
        events: [{ outcome: "accepted" }, { outcome: "accepted" }],
      });
    }
  });

  it.each([
    ["another key", `Bearer ${KEY}2`],
    ["a part of the key", `Bearer ${KEY.slice(0, -1)}`],
    ["an empty key", "Bearer "],
    ["the key as the password", `Basic ${btoa(`:${KEY}`)}`],
    ["the key without a colon", `Basic ${btoa(KEY)}`],
    ["what is no Base64", "Basic ???"],
    ["the key alone", KEY],
  ])("is refused with %s", async (_, Authorization) => {
    const [first, second] = [newOrder(), newOrder()];
    const headers = { Authorization, "X-Signature": await sign(first) };
    expect(await send(`[${first},${second}]`, headers)).toEqual(refused("Integration Key"));
  });

  it("needs no second factor when it has one event", async () => {
    const event = newOrder();
    const answer = await send(` [ ${event} ] `, { "X-Signature": await sign(event) });
    expect(answer).toMatchObject({ status: 200, events: [{ index: 0, outcome: "accepted" }] });
  });

  it("is unwrapped when the signature covers the wrapper too", async () => {
    const element = wrap(newOrder());
    const answer = await send(`[${element}]`, { "X-Signature": await sign(element) });
    expect(answer).toMatchObject({ status: 200, events: [{ index: 0, outcome: "accepted" }] });
  });

  it("needs no second factor when all of it is signed", async () => {
    const body = `[${newOrder()},${wrap(newOrder())}]`;
    const answer = await send(body, { "X-Signature": await sign(body) });
    expect(answer).toMatchObject({ status: 200, events: [{ outcome: "accepted" }, { outcome: "accepted" }] });
  });

  it.each<[string, (proven: string, forged: string) => string]>([
    ["appended", (proven, forged) => `[${proven},${forged}]`],
    ["appended after white space", (proven, forged) => `[ ${proven} ,\n${forged} ]`],
    ["appended after the array", (proven, forged) => `[${proven}]${forged}`],
    ["appended as a second array", (proven, forged) => `[${proven}][${forged}]`],
    ["put before it", (proven, forged) => `[${forged},${proven}]`],
    ["put around it", (proven, forged) => `[${forged.slice(0, -1)},"x":${proven}}]`],
    ["put into the wrapper under the same name", (proven, forged) => `[{"json":${proven},"json":${forged}}]`],
    ["put into the wrapper first", (proven, forged) => `[{"json":${forged},"json":${proven}}]`],
    [
      "put into the wrapper under a name that is read as the same",
      (proven, forged) => String.raw`[{"json":${proven},"js\u006fn":${forged}}]`,
    ],
    ["put beside the wrapped event", (proven, forged) => `[{"json":${proven},${forged.slice(1)}]`],
    ["appended to the wrapped event", (proven, forged) => `[{"json":${proven}},{"json":${forged}}]`],
    ["in the wrapper of a list", (proven, forged) => `[{"json":[${proven},${forged}]}]`],
    ["in a list of lists", (proven, forged) => `[[${proven}],${forged}]`],
  ])("does not let in an event that somebody has %s", async (_, bodyOf) => {
    const [proven, forged] = [newOrder(), newOrder()];
    const answer = await send(bodyOf(proven, forged), { "X-Signature": await sign(proven) });
    expect(answer.status).toBe(401);
    expect(await send(forged, { "X-Signature": await sign(forged) }), "it is not known").toMatchObject(
      ACCEPTED,
    );
  });

  it("with brackets and quotes in its texts is split where it ends", async () => {
    const event = newOrder(String.raw`,"context":{"page":"]},{\"\\","x":["}"]}`);
    const answer = await send(`[${event},${newOrder()}]`, { ...BEARER, "X-Signature": await sign(event) });
    expect(answer).toMatchObject({ status: 200, events: [{ outcome: "accepted" }, { outcome: "accepted" }] });
  });
});

describe("without a shared secret", () => {
  it.each([
    ["Bearer token (RudderStack, Freshpaint, Extensible Webhook)", BEARER],
    ["Basic user name (Segment's partner contract)", BASIC],
  ])("the Integration Key opens as %s, for one event and for a batch", async (_, headers) => {
    expect(await send(newOrder(), headers, WITHOUT_SECRET)).toMatchObject(ACCEPTED);
    const batch = await send(`[${newOrder()},{"json":${newOrder()}}]`, headers, WITHOUT_SECRET);
    expect(batch).toMatchObject({ status: 200, events: [{ outcome: "accepted" }, { outcome: "accepted" }] });
  });

  it("X-Segment-Settings of the partner contract changes nothing", async () => {
    const headers = { ...BASIC, "X-Segment-Settings": btoa('{"apiKey":"another","DRY_RUN":"true"}') };
    expect(await send(newOrder(), headers, WITHOUT_SECRET)).toMatchObject(ACCEPTED);
  });

  it.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["another key", { Authorization: "Bearer another" }],
    ["an empty user name", { Authorization: `Basic ${btoa(":")}` }],
    ["the key in another header", { "X-Api-Key": KEY }],
    ["a signature with an empty secret", { "X-Signature": "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d" }],
  ])("a request with %s is refused, with both ways to authenticate", async (_, headers) => {
    const answer = await send(newOrder(), headers, WITHOUT_SECRET);
    expect(answer).toEqual(refused("Bearer token"));
    expect(answer.message).toContain("SEGMENT_SHARED_SECRET");
  });

  it("the key in the address is not asked for", async () => {
    const request = new Request(`${URL_OF_SEGMENT}?key=${KEY}`, { method: "POST", body: newOrder() });
    expect((await callWorker(request, WITHOUT_SECRET)).status).toBe(401);
  });
});

describe("without configuration nothing is open: 503, so that Segment tries again, and the command that mends it", () => {
  const UNSET = { TRUSTPILOT_INTEGRATION_KEY: undefined, SEGMENT_SHARED_SECRET: undefined };

  it.each<[string, Settings, string]>([
    ["no key and no secret", UNSET, "npx wrangler secret put TRUSTPILOT_INTEGRATION_KEY"],
    [
      "no key but a secret",
      { TRUSTPILOT_INTEGRATION_KEY: " " },
      "npx wrangler secret put TRUSTPILOT_INTEGRATION_KEY",
    ],
    [
      "only the previous secret",
      { SEGMENT_SHARED_SECRET: "", SEGMENT_SHARED_SECRET_PREVIOUS: SECRET },
      "npx wrangler secret put SEGMENT_SHARED_SECRET",
    ],
  ])("%s", async (_, settings, command) => {
    const body = newOrder();
    for (const headers of [
      {},
      BEARER,
      BASIC,
      { Authorization: `Basic ${btoa(":")}` },
      { "X-Signature": await sign(body) },
    ]) {
      const answer = await send(body, headers, settings);
      expect(answer).toEqual({ status: 503, message: expect.stringContaining(command) });
    }
  });
});
