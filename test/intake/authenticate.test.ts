import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sign } from "../support/segment.ts";
import { answerOf, callWorker, URL_OF_SEGMENT, type Answer, type Settings } from "../support/worker.ts";

afterEach(reset);

const KEY = env.TRUSTPILOT_INTEGRATION_KEY!;
const SECRET = env.SEGMENT_SHARED_SECRET!;
const NEW_SECRET = "another secret of the tests";
const TOKEN = "a-token-of-the-tests";
const BEARER_TOKEN = { Authorization: `Bearer ${TOKEN}` };
const BEARER = { Authorization: `Bearer ${KEY}` };
const BASIC = { Authorization: `Basic ${btoa(`${KEY}:`)}` };
const WITHOUT_SECRET = { SEGMENT_SHARED_SECRET: undefined, AUTHENTICATE_BY: "integration-key" };

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

function unauthenticated(message: string) {
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
      "X-Signature": sign(signed === "event" ? event : body),
    });
    expect(answer.status).toBe(200);
    expect((answer.events?.[0] ?? answer).outcome).toBe("accepted");
  });
});

describe("X-Signature", () => {
  it("may be in upper case", async () => {
    const body = newOrder();
    expect(await send(body, { "X-Signature": sign(body).toUpperCase() })).toMatchObject(ACCEPTED);
  });

  it("may be made with the previous secret, while the secret is being changed", async () => {
    const settings = { SEGMENT_SHARED_SECRET: NEW_SECRET, SEGMENT_SHARED_SECRET_PREVIOUS: SECRET };
    const [one, other] = [newOrder(), newOrder()];
    expect(await send(one, { "X-Signature": sign(one) }, settings)).toMatchObject(ACCEPTED);
    expect(await send(other, { "X-Signature": sign(other, NEW_SECRET) }, settings)).toMatchObject(ACCEPTED);
  });

  it("may not be made with the previous secret afterwards", async () => {
    const body = newOrder();
    const answer = await send(body, { "X-Signature": sign(body) }, { SEGMENT_SHARED_SECRET: NEW_SECRET });
    expect(answer).toEqual(unauthenticated("does not match"));
  });

  it("is made with the secret's UTF-8 bytes", async () => {
    const body = newOrder();
    const settings = { SEGMENT_SHARED_SECRET: "Schlüssel der Tests 🔑" };
    expect(await send(body, { "X-Signature": sign(body, "Schlüssel der Tests 🔑") }, settings)).toMatchObject(
      ACCEPTED,
    );
  });

  it("covers a byte-order mark, which is then dropped", async () => {
    const body = `\ufeff${newOrder()}`;
    expect(await send(body, { "X-Signature": sign(body) })).toMatchObject(ACCEPTED);
    expect(await send(body, { "X-Signature": sign(body.slice(1)) })).toEqual(
      unauthenticated("does not match"),
    );
  });

  it("covers the bytes as they came, also those that are no UTF-8", async () => {
    const text = new TextEncoder().encode(newOrder(',"context":{"page":"?"}'));
    const body = text.map((byte) => (byte === "?".charCodeAt(0) ? 0xff : byte));
    expect(await send(body, { "X-Signature": sign(body) })).toMatchObject(ACCEPTED);
    expect(await send(text, { "X-Signature": sign(body) })).toEqual(unauthenticated("does not match"));
  });

  it("does not cover the same JSON written in another way", async () => {
    const body = newOrder();
    const signature = sign(body);
    for (const other of [
      ` ${body}`,
      `${body}\n`,
      body.replaceAll(":", ": "),
      JSON.stringify(JSON.parse(body), null, 1),
    ]) {
      expect(await send(other, { "X-Signature": signature })).toEqual(unauthenticated("does not match"));
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
  ])("%s is unauthenticated", async (_, change) => {
    const body = newOrder();
    expect(await send(body, { "X-Signature": change(sign(body)) })).toEqual(
      unauthenticated("does not match"),
    );
  });

  it("by HMAC-SHA256 is unauthenticated", async () => {
    const body = newOrder();
    const key = new TextEncoder().encode(SECRET);
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const hmac = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
    const signature = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, new TextEncoder().encode(body)));
    expect(await send(body, { "X-Signature": signature.toHex() })).toEqual(unauthenticated("does not match"));
  });

  it.each<[string, Record<string, string>]>([
    ["alone", {}],
    ["with an empty one", { "X-Signature": "" }],
    ["though the Integration Key is there as Bearer", BEARER],
    ["though the Integration Key is there as Basic", BASIC],
  ])("missing, the request is unauthenticated: %s", async (_, headers) => {
    expect(await send(newOrder(), headers)).toEqual(unauthenticated("the X-Signature header is missing"));
  });

  it("of an empty body proves an empty body and no more", async () => {
    expect(await send("", { "X-Signature": sign("") })).toMatchObject({ status: 400 });
    expect(await send(newOrder(), { "X-Signature": sign("") })).toEqual(unauthenticated("does not match"));
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
  ])("is unauthenticated without the Integration Key, with what to do%s", async (_, each) => {
    const [first, second] = [newOrder(), newOrder()];
    const answer = await send(`[${each(first)},${each(second)}]`, { "X-Signature": sign(first) });
    expect(answer).toEqual(unauthenticated("Authorization: Bearer <Integration Key>"));
    expect(answer.message).toContain("turn batching off");
    const afterwards = await send(first, { "X-Signature": sign(first) });
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
      const answer = await send(body, { ...headers, "X-Signature": sign(first) });
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
  ])("is unauthenticated with %s", async (_, Authorization) => {
    const [first, second] = [newOrder(), newOrder()];
    const headers = { Authorization, "X-Signature": sign(first) };
    expect(await send(`[${first},${second}]`, headers)).toEqual(unauthenticated("Integration Key"));
  });

  it("needs no second factor when it has one event", async () => {
    const event = newOrder();
    const answer = await send(` [ ${event} ] `, { "X-Signature": sign(event) });
    expect(answer).toMatchObject({ status: 200, events: [{ index: 0, outcome: "accepted" }] });
  });

  it("is unwrapped when the signature covers the wrapper too", async () => {
    const element = wrap(newOrder());
    const answer = await send(`[${element}]`, { "X-Signature": sign(element) });
    expect(answer).toMatchObject({ status: 200, events: [{ index: 0, outcome: "accepted" }] });
  });

  it("needs no second factor when all of it is signed", async () => {
    const body = `[${newOrder()},${wrap(newOrder())}]`;
    const answer = await send(body, { "X-Signature": sign(body) });
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
  ])("does not let in an event that a stranger has %s", async (_, bodyOf) => {
    const [proven, forged] = [newOrder(), newOrder()];
    const answer = await send(bodyOf(proven, forged), { "X-Signature": sign(proven) });
    expect(answer.status).toBe(401);
    expect(await send(forged, { "X-Signature": sign(forged) }), "it is not known").toMatchObject(ACCEPTED);
  });

  it("with brackets and quotes in its texts is split where it ends", async () => {
    const event = newOrder(String.raw`,"context":{"page":"]},{\"\\","x":["}"]}`);
    const answer = await send(`[${event},${newOrder()}]`, { ...BEARER, "X-Signature": sign(event) });
    expect(answer).toMatchObject({ status: 200, events: [{ outcome: "accepted" }, { outcome: "accepted" }] });
  });
});

describe("by the Integration Key alone, if AUTHENTICATE_BY says so", () => {
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
  ])("a request with %s is unauthenticated, with both ways to authenticate", async (_, headers) => {
    const answer = await send(newOrder(), headers, WITHOUT_SECRET);
    expect(answer).toEqual(unauthenticated("Bearer token"));
    expect(answer.message).toContain("SEGMENT_SHARED_SECRET");
  });

  it("the key in the address is not asked for", async () => {
    const request = new Request(`${URL_OF_SEGMENT}?key=${KEY}`, { method: "POST", body: newOrder() });
    expect((await callWorker(request, WITHOUT_SECRET)).status).toBe(401);
  });
});

describe("SEGMENT_TOKEN", () => {
  const WITH_TOKEN = { SEGMENT_TOKEN: TOKEN };
  const TOKEN_ALONE = { ...WITH_TOKEN, SEGMENT_SHARED_SECRET: undefined };
  const batch = () => `[${newOrder()},${newOrder()}]`;

  it.each<[string, Settings]>([
    ["beside a shared secret", WITH_TOKEN],
    ["alone", TOKEN_ALONE],
  ])("%s proves single events and batches as a Bearer token", async (_, settings) => {
    expect(await send(newOrder(), BEARER_TOKEN, settings)).toMatchObject(ACCEPTED);
    expect((await send(batch(), BEARER_TOKEN, settings)).events?.map(({ outcome }) => outcome)).toEqual([
      "accepted",
      "accepted",
    ]);
  });

  it("leaves the signature valid", async () => {
    const body = newOrder();
    expect(await send(body, { "X-Signature": sign(body) }, WITH_TOKEN)).toMatchObject(ACCEPTED);
  });

  it("replaces the Integration Key as the second factor of batches", async () => {
    const first = newOrder();
    const body = `[${first},${newOrder()}]`;
    const signature = { "X-Signature": sign(first) };
    expect(await send(body, { ...signature, ...BEARER }, WITH_TOKEN)).toEqual(
      unauthenticated("Bearer <SEGMENT_TOKEN>"),
    );
    expect((await send(body, { ...signature, ...BEARER_TOKEN }, WITH_TOKEN)).status).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["the Integration Key", BEARER],
    ["another token", { Authorization: `Bearer ${TOKEN}x` }],
    ["the beginning of the token", { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ["the token as a Basic user name", { Authorization: `Basic ${btoa(`${TOKEN}:`)}` }],
  ])("is not presented with %s", async (_, headers) => {
    expect(await send(newOrder(), headers, TOKEN_ALONE)).toEqual(unauthenticated("Bearer <SEGMENT_TOKEN>"));
  });
});

describe("under a shop's path", () => {
  const UK_SECRET = "the secret of the shop uk";
  const SHOPS = { uk: { affiliation: "Example UK" }, nl: { affiliation: "Example NL", currency: "EUR" } };
  const settings: Settings = {
    SHOPS,
    TRUSTPILOT_INTEGRATION_KEY_UK: "authenticateUk01",
    TRUSTPILOT_INTEGRATION_KEY_NL: "authenticateNl01",
    SEGMENT_SHARED_SECRET_UK: UK_SECRET,
  };
  const sendTo = async (path: string, body: string, secret: string, more: Settings = {}) =>
    answerOf(
      await callWorker(
        new Request(`https://worker.example.com${path}`, {
          method: "POST",
          headers: { "X-Signature": sign(body, secret) },
          body,
        }),
        { ...settings, ...more },
      ),
    );
  const orderOf = (properties: string) => newOrder().replace('"email"', `${properties}"email"`);

  it.each(["/shops/uk/segment", "/segment/uk"])("%s opens with the shop's own secret", async (path) => {
    expect(await sendTo(path, newOrder(), UK_SECRET)).toMatchObject(ACCEPTED);
  });

  it("opens with the previous secret while it is being changed", async () => {
    const more = { SEGMENT_SHARED_SECRET_UK: NEW_SECRET, SEGMENT_SHARED_SECRET_UK_PREVIOUS: UK_SECRET };
    expect(await sendTo("/shops/uk/segment", newOrder(), UK_SECRET, more)).toMatchObject(ACCEPTED);
  });

  it("does not open with the common secret: one signed order would be invited by each shop", async () => {
    expect(await sendTo("/shops/uk/segment", newOrder(), SECRET)).toEqual(
      unauthenticated("SEGMENT_SHARED_SECRET_UK"),
    );
  });

  it("does not open without a secret of its own, and names the one to set", async () => {
    for (const secret of [SECRET, UK_SECRET]) {
      const answer = await sendTo("/shops/nl/segment", newOrder(), secret);
      expect(answer).toEqual(unauthenticated("npx wrangler secret put SEGMENT_SHARED_SECRET_NL"));
    }
  });

  it("leaves /segment closed to the shop's secret", async () => {
    expect(await sendTo("/segment", newOrder(), UK_SECRET)).toEqual(unauthenticated("does not match"));
  });

  it("opens by key alone with the shop's own key only", async () => {
    const byKey: Settings = { ...settings, ...WITHOUT_SECRET, SEGMENT_SHARED_SECRET_UK: undefined };
    const send = async (key: string) => {
      const headers = { Authorization: `Bearer ${key}` };
      const request = { method: "POST", headers, body: newOrder() };
      return callWorker(new Request("https://worker.example.com/shops/uk/segment", request), byKey);
    };
    expect((await send(KEY)).status).toBe(401);
    expect((await send("authenticateUk01")).status).toBe(200);
  });

  it("an order that names no shop, or one that is not in SHOPS, belongs to the shop of the path", async () => {
    for (const properties of ["", '"affiliation":"Example FR",', '"currency":"EUR",'])
      expect(await sendTo("/shops/uk/segment", orderOf(properties), UK_SECRET)).toMatchObject(ACCEPTED);
  });

  it("an order or cancellation that names another shop is rejected", async () => {
    const body = orderOf('"affiliation":" example nl",');
    for (const event of [body, body.replace("Order Completed", "Order Cancelled")]) {
      expect(await sendTo("/shops/uk/segment", event, UK_SECRET)).toMatchObject({
        status: 400,
        outcome: "rejected",
        message: expect.stringContaining("/shops/nl/segment"),
      });
    }
  });
});

describe("what is contradictory or missing stops the Worker with 503", () => {
  it.each<[string, Settings, string]>([
    [
      "neither a secret nor a choice",
      { SEGMENT_SHARED_SECRET: undefined },
      'AUTHENTICATE_BY = "integration-key"',
    ],
    ["a secret and the key alone", { AUTHENTICATE_BY: "integration-key" }, "SEGMENT_SHARED_SECRET"],
    [
      "a token and the key alone",
      { SEGMENT_SHARED_SECRET: undefined, SEGMENT_TOKEN: TOKEN, AUTHENTICATE_BY: "integration-key" },
      "SEGMENT_TOKEN",
    ],
    [
      "two shops with one secret",
      {
        SHOPS: { uk: {} },
        TRUSTPILOT_INTEGRATION_KEY_UK: "authenticateUk01",
        SEGMENT_SHARED_SECRET_UK: SECRET,
      },
      "A shop has wrong settings: see /status/health.",
    ],
  ])("%s", async (_, settings, message) => {
    for (const headers of [{}, BEARER, BEARER_TOKEN])
      expect(await send(newOrder(), headers, settings)).toEqual({
        status: 503,
        message: expect.stringContaining(message),
      });
  });
});

describe("without configuration nothing is open: 503, so that Segment tries again, and the command that fixes it", () => {
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
      { "X-Signature": sign(body) },
    ]) {
      const answer = await send(body, headers, settings);
      expect(answer).toEqual({ status: 503, message: expect.stringContaining(command) });
    }
  });
});

/** As SECURITY.md says: what a stranger can make the Worker compute. */
describe("the number of hashes for a request that is unauthenticated", () => {
  const TWO = { SEGMENT_SHARED_SECRET: NEW_SECRET, SEGMENT_SHARED_SECRET_PREVIOUS: SECRET };
  const WRONG = { "X-Signature": "0".repeat(40) };
  const event = '{"type":"page"}';
  /** 5 MB as one element, and as very many. */
  const large = `{"type":"page","x":"${"x".repeat(4_900_000)}"}`;
  const many = `[${Array(5_000).fill(event).join()}]`;

  it.each<[string, string, Record<string, string>, Settings, hmacs: number]>([
    ["without a signature", event, {}, {}, 0],
    ["with a signature of another length", event, { "X-Signature": "0".repeat(41) }, {}, 0],
    ["with a signature that is no number", event, { "X-Signature": "z".repeat(40) }, {}, 0],
    ["an event", event, WRONG, {}, 1],
    ["a large event", large, WRONG, {}, 1],
    ["an event, while two secrets are valid", event, WRONG, TWO, 2],
    ["text", "hello", WRONG, TWO, 2],
    ["an array of one event", `[${event}]`, WRONG, {}, 2],
    ["an array of one wrapped event", `[{"json":${event}}]`, WRONG, {}, 3],
    ["an array of 5,000 events", many, WRONG, {}, 2],
    ["an array of wrapped events", `[{"json":${event}},{"json":${event}}]`, WRONG, TWO, 6],
    ["a deep array", "[".repeat(2_000_000), WRONG, TWO, 4],
    ["an array of wrappers in wrappers", `[{"json":{"json":{"json":${event}}}}]`, WRONG, TWO, 6],
    ["with a wrong token", event, { Authorization: "Bearer another" }, { SEGMENT_TOKEN: TOKEN }, 0],
    [
      "with a wrong token and signature",
      event,
      { ...WRONG, Authorization: "Bearer another" },
      { SEGMENT_TOKEN: TOKEN },
      1,
    ],
    ["as the doctor, falsely", event, { ...WRONG, "X-Doctor": `${Date.now()} ${"0".repeat(40)}` }, TWO, 4],
    ["with two signatures", event, { "X-Signature": `${"0".repeat(40)}, ${"1".repeat(40)}` }, TWO, 0],
  ])("%s", async (_, body, headers, settings, hmacs) => {
    const verify = vi.spyOn(crypto.subtle, "verify");
    const digest = vi.spyOn(crypto.subtle, "digest");
    try {
      expect((await send(body, headers, settings)).status).toBe(401);
      expect(verify).toHaveBeenCalledTimes(hmacs);
      const hashed = verify.mock.calls.reduce((sum, [, , , bytes]) => sum + bytes.byteLength, 0);
      expect(hashed).toBeLessThanOrEqual(hmacs * body.length + 100);
      // A token is compared by its hash and that of the right one.
      expect(digest).toHaveBeenCalledTimes(headers["Authorization"] ? 2 : 0);
    } finally {
      verify.mockRestore();
      digest.mockRestore();
    }
  });
});
