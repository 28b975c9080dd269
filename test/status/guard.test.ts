import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { look, ORIGIN, PASSWORD, type Look } from "../support/status.ts";

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

  it("refuses a wrong password", async () => {
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
    ["somebody whom Access let through", { password: null, access }, 200],
    ["the same when no password is set", { password: null, access, env: { STATUS_PASSWORD: "" } }, 200],
    [
      "somebody who sends the headers of Access himself",
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

describe("tries from one address", () => {
  const from = (address: string, password = "wrong") =>
    look("/orders", { password, headers: { "CF-Connecting-IP": address } });

  /** More than fit into one minute, whenever it began. */
  const tryOften = async (address: (index: number) => string) => {
    for (let index = 0; index < 300; index++) {
      if ((await from(address(index))).status === 429) return index;
    }
    return Infinity;
  };

  it("end after a hundred in a minute, even with the right password, and go on elsewhere", async () => {
    expect(await tryOften(() => "192.0.2.1")).toBeGreaterThanOrEqual(100);
    const response = await from("192.0.2.1", PASSWORD);
    expect(response.status).toBe(429);
    expect(response.headers.get("Retry-After")).toBe("60");
    expect((await from("192.0.2.2", PASSWORD)).status).toBe(200);
  });

  it("count together for all addresses of one IPv6 network, however they are written", async () => {
    expect(await tryOften((index) => `2001:db8::${index.toString(16)}`)).toBeLessThan(300);
    expect((await from("2001:db8:0:0:ffff::1", PASSWORD)).status).toBe(429);
    expect((await from("2001:db8:0:1::1", PASSWORD)).status).toBe(200);
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
