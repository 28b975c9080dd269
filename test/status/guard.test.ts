import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { VERSION } from "../../src/version.ts";
import { callWorker } from "../support/worker.ts";
import { orderCompleted, sign, signedRequest } from "../support/segment.ts";
import { spyOnConsole } from "../support/console.ts";
import { look, lookJson, ORIGIN, PASSWORD, type Look } from "../support/status.ts";

const GUARDED: [method: string, path: string][] = [
  ["GET", "/status"],
  ["GET", "/status/orders?id=1"],
  ["GET", "/status/orders/1001"],
  ["POST", "/status/orders/1001/cancel"],
  ["POST", "/status/send-again-failed"],
  ["POST", "/status/resume"],
  ["GET", "/orders"],
  ["GET", "/orders/1001"],
  ["POST", "/orders/1001/cancel"],
  ["POST", "/orders/send-again-failed"],
  ["POST", "/resume"],
  ["GET", "/openapi.json"],
  ["GET", "/metrics"],
  ["POST", "/metrics"],
  ["GET", "/status/nothing-here"],
  ["HEAD", "/orders"],
];

describe.each(GUARDED)("%s %s", (method, path) => {
  it("is closed when neither Access nor a password is set up", async () => {
    const response = await look(path, { method, env: { STATUS_PASSWORD: "" } });
    expect(response.status).toBe(403);
  });

  it("asks for the password", async () => {
    const response = await look(path, { method, password: null });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toMatch(/^Basic realm=/);
  });

  it("answers 401 to a wrong password", async () => {
    expect((await look(path, { method, password: "wrong" })).status).toBe(401);
  });
});

it("a password that SHOPS sets for a shop opens nothing", async () => {
  const SHOPS = { uk: { affiliation: "Example UK", STATUS_PASSWORD: "the password of a shop" } };
  for (const path of ["/status", "/shops/uk/status", "/shops/uk/orders"]) {
    const response = await look(path, { password: "the password of a shop", env: { SHOPS } });
    expect(response.status, path).toBe(401);
  }
});

describe("who is let in", () => {
  const access = { aud: "an application", getIdentity: () => Promise.resolve(undefined) };

  it.each<[who: string, options: Look, status: number]>([
    ["the right password", {}, 200],
    ["the right password with another user name", { user: "" }, 200],
    [
      "the right password with spaces around it in the secret",
      { env: { STATUS_PASSWORD: ` ${PASSWORD}\n` } },
      200,
    ],
    [
      "a password beyond ASCII",
      { password: "schlüssel der Tests→", env: { STATUS_PASSWORD: "schlüssel der Tests→" } },
      200,
    ],
    [
      "a password with a colon",
      { password: "with:a:colon:in:it", env: { STATUS_PASSWORD: "with:a:colon:in:it" } },
      200,
    ],
    ["the beginning of the password", { password: PASSWORD.slice(0, -1) }, 401],
    ["the password and more", { password: `${PASSWORD}!` }, 401],
    ["the password in capitals", { password: PASSWORD.toUpperCase() }, 401],
    ["an empty password", { password: "" }, 401],
    ["the password as the user name", { user: PASSWORD, password: "" }, 401],
    ["a Bearer token", { password: null, headers: { Authorization: `Bearer ${PASSWORD}` } }, 401],
    [
      "Basic credentials that are no base64",
      { password: null, headers: { Authorization: "Basic ===" } },
      401,
    ],
    ["a user whom Access let through", { password: null, access }, 200],
    ["the same when no password is set", { password: null, access, env: { STATUS_PASSWORD: "" } }, 200],
    [
      "a client that sends the headers of Access itself",
      {
        password: null,
        env: { STATUS_PASSWORD: "" },
        headers: {
          "Cf-Access-Jwt-Assertion": "eyJhbGciOiJub25lIn0.e30.",
          "Cf-Access-Authenticated-User-Email": "admin@example.com",
          Cookie: "CF_Authorization=eyJhbGciOiJub25lIn0.e30.",
        },
      },
      403,
    ],
    ["the right password while another setting is wrong", { env: { HOLD_DAYS: "soon" } }, 200],
  ])("%s", async (_, options, status) => {
    expect((await look("/orders", options)).status).toBe(status);
    expect((await look("/status", options)).status).toBe(status);
  });

  it("says what to set up while it is closed", async () => {
    const response = await look("/orders", { env: { STATUS_PASSWORD: "" } });
    const { message } = await response.json<{ message: string }>();
    expect(message).toContain("npx wrangler secret put STATUS_PASSWORD");
    expect(message).toContain("Cloudflare Access");
    expect(await (await look("/status", { env: { STATUS_PASSWORD: "" } })).text()).toContain(
      "npx wrangler secret put STATUS_PASSWORD",
    );
  });
});

describe("with ACCESS_AUD", () => {
  const AUD = "the audience of our application";
  const accessOf = (aud: string) => ({ aud, getIdentity: () => Promise.resolve(undefined) });

  it.each<[who: string, options: Look, status: number]>([
    ["whom Access let through for this application", { access: accessOf(AUD), password: null }, 200],
    ["whom Access let through for another application", { access: accessOf("another"), password: null }, 403],
    ["the right password", {}, 403],
    ["the right password of someone whom Access let through elsewhere", { access: accessOf("another") }, 403],
    ["nothing", { password: null }, 403],
    ["the headers of Access", { password: null, headers: { "Cf-Access-Jwt-Assertion": AUD } }, 403],
  ])("%s: %o", async (_, options, status) => {
    const env = { ACCESS_AUD: AUD };
    expect((await look("/orders", { ...options, env })).status).toBe(status);
    expect((await look("/status", { ...options, env })).status).toBe(status);
  });

  it("that cannot be read, nothing opens", async () => {
    for (const ACCESS_AUD of [" ", ["a list"] as never])
      expect((await look("/orders", { env: { ACCESS_AUD } })).status).toBe(403);
  });
});

describe("wrong passwords", () => {
  const from = (address: string, password = "wrong") =>
    look("/orders", { password, headers: { "CF-Connecting-IP": address } });
  const failOften = async (address: (index: number) => string, times: number) => {
    for (let index = 0; index < times; index++) expect((await from(address(index))).status).toBe(401);
  };

  it("are 20 an hour from one address, then not even the right one is compared; elsewhere it is", async () => {
    await failOften(() => "192.0.2.1", 20);
    const response = await from("192.0.2.1", PASSWORD);
    expect(response.status).toBe(429);
    expect(response.headers.get("Retry-After")).toBe("3600");
    expect((await from("192.0.2.2", PASSWORD)).status).toBe(200);
  });

  it("count together for all addresses of one IPv6 network, however they are written", async () => {
    await failOften((index) => `2001:db8::${index.toString(16)}`, 20);
    expect((await from("2001:db8:0:ffff::1", PASSWORD)).status).toBe(429);
    expect((await from("2001:db8:1::1", PASSWORD)).status).toBe(200);
  });

  it.each([
    ["an IPv6 network in full", "2001:0DB8:00a1::7", "2001:db8:a1:0:0:0:0:1", "2001:db8:a2::1"],
    ["the groups that :: leaves out", "2a00::1:2:3:4:5", "2a00:0:0:9::9", "2a00:0:1::9"],
    ["an IPv4 address as IPv6", "::ffff:198.51.100.7", "198.51.100.7", "::ffff:198.51.100.8"],
  ])("count together for %s", async (_, wrong, same, other) => {
    await failOften(() => wrong, 20);
    expect((await from(same, PASSWORD)).status).toBe(429);
    expect((await from(other, PASSWORD)).status).toBe(200);
  });

  it("block a network everywhere that the password opens", async () => {
    const headers = { "CF-Connecting-IP": "192.0.2.9" };
    const paths = [
      "/status",
      "/orders",
      "/metrics",
      "/openapi.json",
      "/status/health",
      "/resume",
      "/orders/1/cancel",
    ];
    for (let index = 0; index < 20; index++)
      expect((await look(paths[index % 3]!, { password: "wrong", headers })).status).toBe(401);
    const env = { SHOPS: { uk: { affiliation: "Example UK" } } };
    for (const path of [...paths, "/shops/uk/status", "/shops/uk/orders"])
      for (const method of ["GET", "POST", "HEAD"])
        expect((await look(path, { method, headers, env })).status, `${method} ${path}`).toBe(429);
  });

  it("from more addresses than are kept count as from one", async () => {
    const attempts = env.ATTEMPTS.getByName("a crowd");
    await runInDurableObject(attempts, (_, { storage }) => {
      for (let index = 0; index < 10_000; index++) storage.kv.put(`failures:${index}`, [Date.now()]);
    });
    expect(await attempts.failed("0")).toBe(2);
    for (let index = 1; index <= 3; index++) expect(await attempts.failed(`203.0.113.${index}`)).toBe(index);
  });

  it("of all networks together are on the overview from 50 an hour on", async () => {
    const attention = async () =>
      (await lookJson<{ attention: { title: string }[] }>("/status/overview")).attention.map(
        ({ title }) => title,
      );
    const attempts = env.ATTEMPTS.getByName("v1");
    vi.useFakeTimers({ now: Date.parse("2030-01-01"), toFake: ["Date"] });
    for (let index = 0; index < 49; index++) await attempts.failed(`198.51.100.${index}`);
    expect(await attention()).toEqual([]);
    await attempts.failed("203.0.113.1");
    expect(await attention()).toEqual([expect.stringContaining("50 wrong passwords within an hour")]);
    vi.useRealTimers();
  });

  it("alone count: right ones are not counted, and call no object", async () => {
    const attempts = { getByName: () => expect.fail("the object was called") };
    for (let index = 0; index < 25; index++) {
      const headers = { "CF-Connecting-IP": "192.0.2.3" };
      const response = await look("/orders", { headers, env: { ATTEMPTS: attempts as never } });
      expect(response.status).toBe(200);
    }
  });

  it("are counted by one object for all isolates, and forgotten after an hour", async () => {
    const attempts = env.ATTEMPTS.getByName("a test's own");
    for (let index = 1; index <= 3; index++) expect(await attempts.failed("192.0.2.4")).toBe(index);
    expect(await attempts.failed("192.0.2.5")).toBe(1);
    expect(await attempts.recentFailures()).toBe(4);
    const later = Date.now() + 61 * 60_000;
    vi.useFakeTimers({ now: later, toFake: ["Date"] });
    expect(await attempts.failed("192.0.2.4")).toBe(1);
    await runDurableObjectAlarm(attempts);
    const left = await runInDurableObject(attempts, (_, { storage }) => [...storage.kv.list()].length);
    expect(left).toBe(1);
    vi.useRealTimers();
  });
});

describe("the log", () => {
  const lines = spyOnConsole();
  const logged = () => lines().map((line) => JSON.parse(line) as { log: string });
  const access = {
    aud: "an application",
    getIdentity: () => Promise.resolve({ user_uuid: "uuid-7", name: "Jane", email: "jane@example.com" }),
  };
  /** A second apart, so that each test has lines of its own. */
  let start = Date.parse("2031-01-01");
  beforeEach(() => vi.useFakeTimers({ now: (start += 60_000), toFake: ["Date"] }));
  afterEach(() => vi.useRealTimers());

  it.each<[what: string, path: string, options: Look, line: object]>([
    [
      "a wrong password",
      "/orders",
      { password: "a guess", user: "jane" },
      { status: 401, reason: "login failed" },
    ],
    [
      "a wrong password on a page",
      "/status",
      { password: "a guess" },
      { status: 401, reason: "login failed" },
    ],
    [
      "no access",
      "/orders",
      { password: null, env: { ACCESS_AUD: "aud" } },
      { status: 403, reason: "login failed" },
    ],
    [
      "a wrong password for an action",
      "/orders/1/cancel",
      { method: "POST", password: "a guess" },
      { status: 401, reason: "action not allowed" },
    ],
    [
      "an action without a password",
      "/resume",
      { method: "POST", password: null },
      { status: 401, reason: "action not allowed" },
    ],
    [
      "an action that another site sends",
      "/resume",
      { method: "POST", headers: { Origin: "https://evil.example" } },
      { status: 403, reason: "action not allowed" },
    ],
  ])("has one line a second about %s, without user name, guess or path", async (_, path, options, line) => {
    for (let time = 0; time < 3; time++) await look(path, options);
    expect(logged()).toEqual([{ log: "request", suppressed: expect.any(Number), ...line }]);
    vi.setSystemTime(start + 2_000);
    await look(path, options);
    expect(logged()[1]).toEqual({ log: "request", suppressed: 2, ...line });
    expect(lines().join()).not.toMatch(/guess|jane|evil/);
  });

  it("has no line for a browser that is about to ask for the password", async () => {
    await look("/status", { password: null });
    expect(logged()).toEqual([]);
  });

  it.each<[method: string, path: string, body: string, line: object]>([
    ["POST", "/orders/log-action/cancel", "", { path: "/orders/log-action/cancel", status: 404 }],
    ["POST", "/orders/a%40example.com/cancel", "", { path: "/orders/…/cancel", status: 404 }],
    ["POST", "/resume", "", { path: "/resume", status: 200 }],
    [
      "POST",
      "/orders/decide-unknown",
      '{"decision":"mark-sent","from":"2026-01-01","to":"2026-01-02"}',
      { path: "/orders/decide-unknown", done: "mark-sent", status: 200 },
    ],
    ["DELETE", "/orders/log-action", "", { path: "/orders/log-action", status: 404 }],
  ])("says what was done and by whom: %s %s", async (method, path, body, line) => {
    const headers = { "Content-Type": "application/json" };
    await look(path, { method, headers, access, password: null, ...(body && { body }) });
    expect(logged().filter(({ log }) => log === "action")).toEqual([
      { log: "action", user: "uuid-7", ...line },
    ]);
    expect(lines().join()).not.toMatch(/Jane|jane@/);
  });
});

describe("a path in another spelling", () => {
  it.each([
    "/%73tatus",
    "/%6frders",
    "/segment/..%2fstatus",
    "/segment/..%2F..%2Fstatus",
    "/shops/..%2fstatus/orders",
    "/shops/%2e%2e%2fstatus/x",
    "/STATUS",
    "//status",
    "/status%2forders",
    "/status%00",
    "/status;x",
    "/.%2fstatus",
    "/%2fstatus",
    "/metrics%20",
    "/shops/uk/%73tatus",
    "/shops/uk//status",
    "/shops/%75k/status",
    "/shops/uk%2fstatus",
    "/segment/%75k",
    "/segment/uk%2f..%2f..%2fstatus",
  ])("%s is not found, with the right password or without", async (path) => {
    const env = { SHOPS: { uk: { affiliation: "Example UK" } } };
    for (const password of [null, PASSWORD]) expect((await look(path, { password, env })).status).toBe(404);
  });

  it.each([
    "UK",
    "uk ",
    "nl",
    "previous",
    "uk-previous",
    "constructor",
    "__proto__",
    "toString",
    "a".repeat(21),
    "",
  ])("nothing is below /shops/%s, which is no shop", async (name) => {
    const SHOPS = { uk: { affiliation: "Example UK" }, previous: {}, UK: {}, "uk-previous": {} };
    for (const path of ["status", "orders"])
      expect((await look(`/shops/${encodeURIComponent(name)}/${path}`, { env: { SHOPS } })).status).toBe(404);
  });
});

const twoSecrets = {
  SEGMENT_SHARED_SECRET_UK: "the secret of the British shop",
  SEGMENT_SHARED_SECRET_UK_PREVIOUS: "the previous one",
};

describe("dots in a path, as they come when nothing before the Worker has resolved them,", () => {
  it.each([
    "/segment/../status",
    "/./status",
    "/shops/%2e%2e/status",
    "/shops/.%2E/status?x=1",
    "/status/.",
    "/status/%2e",
    "/orders/..",
    "/shops/uk/%2e/status",
  ])("as in %s are not found", async (path) => {
    const request = new Request(`${ORIGIN}/status`);
    // A new request would have them resolved.
    Object.defineProperty(request, "url", { value: ORIGIN + path });
    expect((await callWorker(request, { STATUS_PASSWORD: PASSWORD })).status).toBe(404);
  });

  it("may stand in an id, and after the question mark", async () => {
    for (const path of ["/orders/1.2", "/orders/..1", "/orders/%2e1", "/orders?from=/../x"]) {
      const request = new Request(`${ORIGIN}/status`);
      Object.defineProperty(request, "url", { value: ORIGIN + path });
      expect((await callWorker(request, { STATUS_PASSWORD: PASSWORD })).status).toBe(401);
    }
  });
});

describe("a stranger does not learn which shops there are", () => {
  const SECRET = "the secret of the British shop";
  const shops = (uk: object, secrets: object = {}) => ({
    SHOPS: { uk: { affiliation: "Example UK", ...uk } },
    TRUSTPILOT_INTEGRATION_KEY_UK: "britishTestsKey1",
    ...secrets,
  });
  const WORKERS: [what: string, env: object][] = [
    ["a secret", shops({}, { SEGMENT_SHARED_SECRET_UK: SECRET })],
    [
      "two secrets and a token",
      shops({}, { ...twoSecrets, SEGMENT_TOKEN_UK: "a-token-of-the-British-shop" }),
    ],
    ["a token", shops({}, { SEGMENT_TOKEN_UK: "a-token-of-the-British-shop" })],
    ["no secret", shops({})],
    [
      "its key alone",
      shops({}, { AUTHENTICATE_BY: "integration-key", SEGMENT_SHARED_SECRET: "", SEGMENT_TOKEN: "" }),
    ],
    ["a webhook of reviews", shops({}, { TRUSTPILOT_REVIEWS_SECRET_UK: "the address of reviews" })],
    ["Cloudflare Access", shops({}, { ACCESS_AUD: "an audience" })],
    ["no password", shops({}, { STATUS_PASSWORD: "" })],
    ["a mistake in the settings", shops({ HOLD_DAYS: "soon" }, { SEGMENT_SHARED_SECRET_UK: SECRET })],
  ];
  const body = JSON.stringify([{ type: "page" }, { type: "page" }]);
  const REQUESTS: [path: string, options: Look][] = [
    ...["GET", "HEAD", "POST", "DELETE"].flatMap((method): [string, Look][] =>
      [
        ...["health", "segment", "status", "orders", "orders/1001", "status/orders/1001/cancel", "metrics"],
        ...["openapi.json", "nothing", "", "ledger/state", "trustpilot/reviews/0123456789abcdef"],
        ...["status/assets/page.css", "status/health", "resume", "segment/"],
      ].map((path) => [path, { method, password: null }]),
    ),
    ["status", { password: "wrong" }],
    ["segment", { method: "POST", body, headers: { "X-Signature": "z" } }],
    ["segment", { method: "POST", body, headers: { "X-Signature": "0".repeat(40) } }],
    ["segment", { method: "POST", body, headers: { Authorization: "Bearer another-token-than-here" } }],
    [
      "segment",
      { method: "POST", body: "{", headers: { "Content-Type": "application/x-www-form-urlencoded" } },
    ],
    ["segment", { method: "POST", body: "{", headers: { "Content-Length": "99999999" } }],
  ];
  const answerFor = async (name: string, path: string, options: Look, env: object) => {
    const response = await look(`${path}`.replace("{shop}", name), { ...options, env });
    const all = JSON.stringify([response.status, [...response.headers], await response.text()]);
    return all.replaceAll(name, "{shop}").replaceAll(name.toUpperCase(), "{SHOP}");
  };

  it.each(WORKERS)("where a shop has %s", async (_, env) => {
    for (const [path, options] of REQUESTS) {
      for (const prefix of ["/shops/{shop}/", ...(path.startsWith("segment") ? ["/segment/{shop}"] : [])]) {
        const address = prefix.endsWith("/") ? prefix + path : prefix;
        const known = await answerFor("uk", address, options, env);
        for (const name of ["guess", "x1"])
          expect(await answerFor(name, address, options, env), address).toBe(known);
      }
    }
  });

  it("from /segment where a shop has a secret beside the key alone", async () => {
    const secrets = { SEGMENT_SHARED_SECRET: "", AUTHENTICATE_BY: "integration-key" };
    const env = shops({}, { ...secrets, SEGMENT_SHARED_SECRET_UK: SECRET }) as Partial<Env>;
    const response = await look("/segment", { method: "POST", body: "{}", env });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toMatch(/uk/i);
  });

  it.each<[what: string, shop: object, named: string]>([
    ["a wrong value", { HOLD_DAYS: "soon" }, ""],
    ["a setting that it may not have", { STATUS_PASSWORD: "x" }, ""],
    ["a wrong currency", { currency: "€" }, ""],
    ["a wrong value beside one of the Worker", { HOLD_DAYS: "soon" }, "ON_UNKNOWN must be one of"],
  ])("from /segment where a shop has %s", async (_, shop, named) => {
    const env = shops(shop, named ? { ON_UNKNOWN: "sleep" } : {}) as Partial<Env>;
    const response = await look("/segment", { method: "POST", body: "{}", env });
    expect(response.status).toBe(503);
    const { message } = await response.json<{ message: string }>();
    expect(message).toContain(named);
    expect(message).toContain("A shop has wrong settings: see /status/health.");
    expect(message).not.toMatch(/uk/i);
    expect(await (await look("/status/health", { env })).text()).toMatch(/uk/);
  });

  it("but an operator is told that a shop does not exist, and nothing is done there", async () => {
    const env = shops({}, { SEGMENT_SHARED_SECRET_UK: SECRET }) as Partial<Env>;
    for (const path of ["status", "orders", "orders/1001", "metrics", "status/health"]) {
      const response = await look(`/shops/guess/${path}`, { env });
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("There is no such shop.");
    }
    expect((await look("/shops/guess/resume", { method: "POST", env })).status).toBe(404);
    expect((await look("/shops/uk/orders", { env })).status).toBe(200);
  });

  it("and an order for a shop that does not exist is taken by no secret and no key", async () => {
    for (const more of [{}, { AUTHENTICATE_BY: "integration-key", SEGMENT_SHARED_SECRET: "" }]) {
      const env = shops({}, { SEGMENT_SHARED_SECRET_UK: "", ...more }) as Partial<Env>;
      for (const secret of [SECRET, undefined, "undefined", "another secret"]) {
        const body = JSON.stringify(orderCompleted({ order_id: "stranger-1" }));
        for (const Authorization of ["", "Bearer britishTestsKey1", "Bearer testsKey00000001"]) {
          const headers = { "X-Signature": sign(body, secret), Authorization };
          const options: Look = { method: "POST", headers, body, env };
          expect((await look("/shops/guess/segment", options)).status).toBe(401);
        }
      }
    }
  });
});

describe("every answer", () => {
  const BROKEN = { getByName: () => ({ overview: () => Promise.reject(new Error("away")) }) } as never;
  const post = (body = "{}", rest: Look = {}): Look => ({ method: "POST", body, ...rest });
  const ANSWERS: [status: number, path: string, options?: Look][] = [
    [200, "/health"],
    [200, "/health", { method: "HEAD" }],
    [200, "/status"],
    [200, "/status", { method: "HEAD" }],
    [200, "/status?format=csv"],
    [200, "/metrics"],
    [200, "/openapi.json"],
    [303, "/status/orders?id=1001"],
    [303, "/status/resume", { method: "POST" }],
    [303, "/status/orders"],
    [400, "/orders?state=wrong"],
    [400, "/status?state=wrong"],
    [400, "/pause", post("{")],
    [
      400,
      "/trustpilot/reviews/0123456789abcdef",
      post("{", { env: { TRUSTPILOT_REVIEWS_SECRET: "0123456789abcdef" } }),
    ],
    [401, "/segment", post()],
    [401, "/status", { password: null }],
    [401, "/orders", { password: "wrong" }],
    [401, "/ledger/state", post("{}", { env: { LEDGER_SECRET: "a secret of thirty-two characters" } })],
    [403, "/status", { env: { STATUS_PASSWORD: "" } }],
    [403, "/resume", { method: "POST", headers: { Origin: "https://evil.example" } }],
    [404, "/"],
    [404, "/nothing"],
    [404, "/%73tatus"],
    [404, "/status/nothing"],
    [404, "/status/assets/nothing.js"],
    [404, "/orders/unknown"],
    [404, "/shops/uk/segment"],
    [404, "/trustpilot/reviews/0123456789abcdef", post()],
    [404, "/ledger/state", post()],
    [405, "/segment"],
    [405, "/segment", { method: "OPTIONS" }],
    [405, "/metrics", { method: "POST" }],
    [413, "/segment", post("{}", { headers: { "Content-Length": "99999999" } })],
    [415, "/segment", post("a=b", { headers: { "Content-Type": "application/x-www-form-urlencoded" } })],
    [503, "/segment", post("{}", { env: { HOLD_DAYS: "soon" } })],
    [503, "/ledger/state", post("{}", { env: { HOLD_DAYS: "soon" } })],
    [503, "/status", { env: { LEDGER: BROKEN, REGISTRY: BROKEN } }],
    [503, "/orders", { env: { LEDGER: BROKEN } }],
  ];
  const expectSafe = ({ headers }: Response) => {
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Strict-Transport-Security")).toMatch(/^max-age=\d{7,}/);
    expect(headers.get("Cache-Control")).toBe("no-store");
  };

  it.each(ANSWERS)(
    "%s of %s %o forbids sniffing and plain http, and is not stored",
    async (status, path, options) => {
      const response = await look(path, options);
      expect(response.status).toBe(status);
      expectSafe(response);
    },
  );

  it("to an event does the same, as to a blocked network and when something throws", async () => {
    expectSafe(await callWorker(signedRequest({ type: "page" })));
    const headers = { "CF-Connecting-IP": "192.0.2.77" };
    for (let index = 0; index < 20; index++) await look("/orders", { password: "wrong", headers });
    const blocked = await look("/orders", { headers });
    expect(blocked.status).toBe(429);
    expectSafe(blocked);
    const SHOPS = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("jane@example.com");
        },
      },
    );
    const thrown = await look("/segment", post("{}", { env: { SHOPS } }));
    expect(thrown.status).toBe(500);
    expect(await thrown.clone().text()).not.toContain("jane");
    expectSafe(thrown);
  });

  it.each(["page.css", "chart.js", "icon.svg"])(
    "with the asset %s forbids sniffing and plain http",
    async (name) => {
      const { headers } = await look(`/status/assets/${name}`, { password: null });
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("Strict-Transport-Security")).toMatch(/^max-age=\d{7,}/);
    },
  );

  it.each<[status: number, options: Look]>([
    [401, { password: null }],
    [401, { password: "wrong" }],
    [403, { env: { STATUS_PASSWORD: "" } }],
    [404, { env: { STATUS_PASSWORD: "" } }],
  ])("of %s to a stranger names neither the version nor a shop: %o", async (status, options) => {
    const SHOPS = { "shop-of-secrets": { affiliation: "Example UK" } };
    const paths =
      status === 404
        ? ["/nothing", "/shops/GUESS/health"]
        : ["/status", "/orders", "/metrics", "/status/nothing"];
    for (const path of paths) {
      const response = await look(path, { ...options, env: { SHOPS, ...options.env } });
      expect(response.status).toBe(status);
      const text = (await response.text()) + JSON.stringify([...response.headers]);
      expect(text).not.toMatch(/version|shop-of-secrets|Example UK/i);
      expect(text).not.toContain(VERSION);
    }
  });

  it("of /health tells strangers nothing but whether it works", async () => {
    const SHOPS = { uk: { HOLD_DAYS: "soon" } };
    expect(await (await look("/health", { password: null })).json()).toEqual({ status: "ok" });
    const broken = await look("/health", { password: null, env: { SHOPS } });
    expect(await broken.json()).toEqual({ status: "misconfigured" });
    expect((await look("/status/health", { password: null, env: { SHOPS } })).status).toBe(401);
    const details = await (await look("/status/health", { env: { SHOPS } })).text();
    expect(details).toContain("HOLD_DAYS must be a whole number");
  });
});

describe("what stays open", () => {
  it("is the way in for Segment, which has an authentication of its own", async () => {
    const response = await exports.default.fetch(
      new Request(`${ORIGIN}/segment`, { method: "POST", body: "{}" }),
    );
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining("X-Signature") });
  });

  it.each(["/health", "/status/assets/page.css", "/status/assets/chart.js"])("is %s", async (path) => {
    expect((await look(path, { password: null, env: { STATUS_PASSWORD: "" } })).status).toBe(200);
  });
});
