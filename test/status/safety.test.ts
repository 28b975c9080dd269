import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { ORDER_STATES } from "../../src/domain/order.ts";
import { TRANSPORT_CASES } from "../support/transports.ts";
import { CUSTOMER, look, lookJson, ORIGIN, personalOf, putOrder } from "../support/status.ts";

afterEach(reset);

const FAR = Date.parse("2099-01-01");

describe("a request that another site makes the browser send", () => {
  const POSTS = [
    "/status/orders/csrf-1/cancel",
    "/status/send-again-failed",
    "/status/resume",
    "/orders/csrf-1/cancel",
    "/orders/send-again-failed",
    "/resume",
  ];

  it.each(
    POSTS.flatMap((path) =>
      [
        { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" },
        { "Sec-Fetch-Site": "same-site", Origin: "https://other.example.com" },
        { "Sec-Fetch-Site": "cross-site" },
        { Origin: "https://evil.example" },
        { Origin: "http://worker.example.com" },
        { Origin: "https://worker.example.com.evil.example" },
        { Origin: "null" },
        // The word of the browser counts, whatever else is sent.
        { "Sec-Fetch-Site": "cross-site", Origin: ORIGIN },
      ].map((headers) => [path, headers] as const),
    ),
  )("is answered 403: %s %o", async (path, headers) => {
    await putOrder({ orderId: "csrf-1", state: "held", due: FAR, personal: personalOf("csrf-1") });
    const response = await look(path, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers },
      body: "from=2026-01-01&to=2026-12-31",
    });
    expect(response.status).toBe(403);
    expect(await lookJson("/orders/csrf-1")).toMatchObject({ state: "held" });
  });

  it("is answered 403 as JSON too", async () => {
    const response = await look("/orders/csrf-1/cancel", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Sec-Fetch-Site": "cross-site" },
      body: "{}",
    });
    expect(response.status).toBe(403);
  });

  it("gets no permission to read answers or to ask for it", async () => {
    const response = await look("/orders", {
      method: "OPTIONS",
      headers: { Origin: "https://evil.example" },
    });
    expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
    expect(
      (await look("/orders", { headers: { Origin: "https://evil.example" } })).headers.get(
        "Access-Control-Allow-Origin",
      ),
    ).toBeNull();
  });

  it.each([
    ["the page itself", { "Sec-Fetch-Site": "same-origin", Origin: ORIGIN }],
    ["the page itself in a browser that sends only Origin", { Origin: ORIGIN }],
    ["a program, which sends neither", {}],
  ])("is not one of %s", async (_, headers) => {
    await putOrder({ orderId: "csrf-2", state: "held", due: FAR, personal: personalOf("csrf-2") });
    expect((await look("/orders/csrf-2/cancel", { method: "POST", headers })).status).toBe(200);
  });

  it("may be a link to a page, which changes nothing", async () => {
    expect((await look("/status", { headers: { "Sec-Fetch-Site": "cross-site" } })).status).toBe(200);
  });
});

describe("the headers", () => {
  const ANSWERS: [what: string, path: string, options?: Parameters<typeof look>[1]][] = [
    ["of the overview", "/status"],
    ["of an order", "/status/orders/headers-1"],
    ["of an unknown order", "/status/orders/4711"],
    ["of a wrong address", "/status/nothing"],
    ["of the JSON list", "/orders"],
    ["of an order as JSON", "/orders/headers-1"],
    ["of the OpenAPI document", "/openapi.json"],
    ["of an error", "/status", { password: "wrong" }],
    ["of an error as JSON", "/orders", { password: null }],
    ["of a cross-site request", "/resume", { method: "POST", headers: { Origin: "https://evil.example" } }],
  ];

  it.each(ANSWERS)("%s keep others out and nothing behind", async (_, path, options) => {
    await putOrder({ orderId: "headers-1" });
    const { headers } = await look(path, options);
    const policy = headers.get("Content-Security-Policy")!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("X-Frame-Options")).toBe("DENY");
    expect(headers.get("Referrer-Policy")).toBe("same-origin");
    expect(headers.get("Cross-Origin-Resource-Policy")).toBe("same-origin");
    expect(headers.get("Strict-Transport-Security")).toBe("max-age=31536000");
    expect(headers.get("Set-Cookie")).toBeNull();
  });

  it("let a browser keep an asset for ever under the address that names its content, and no other", async () => {
    const page = await (await look("/status")).text();
    const urls = [...page.matchAll(/(?:src|href)="(\/status\/assets\/[^"]+)"/g)].map(([, url]) => url!);
    expect(urls).toHaveLength(3);
    for (const url of urls) {
      const { headers } = await look(url, { password: null });
      expect(headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    }
    expect((await look("/status/assets/page.css?v=old")).headers.get("Cache-Control")).toBe("no-cache");
    expect((await look("/status/assets/other.js")).status).toBe(404);
    expect((await look("/status/assets/constructor")).status).toBe(404);
  });

  it("are backed by pages that load nothing from elsewhere and hold no script or style of their own", async () => {
    await putOrder({
      orderId: "inline-1",
      state: "unknown",
      reason: "no_answer",
      due: FAR,
      personal: personalOf("inline-1"),
    });
    for (const path of ["/status", "/status/orders/inline-1", "/status/orders/4711", "/status/nothing"]) {
      const page = await (await look(path)).text();
      for (const [, url] of page.matchAll(/(?:src|href|action)="([^"]*)"/g)) expect(url).toMatch(/^[/#]/);
      expect(page).not.toMatch(/<style|<script(?![^>]*src=)|\sstyle=|\son\w+=|javascript:/i);
    }
  });
});

describe("personal data", () => {
  const SECRETS = [CUSTOMER.email, "Secretname", "Secretsurname", "secret-user", "secret-anonymous"];

  it.each(ORDER_STATES)("is in no page and in no answer about an order that is %s", async (state) => {
    const orderId = `private-${state}`;
    await putOrder({ orderId, state, reason: "operator", due: FAR, personal: personalOf(orderId) });
    for (const path of ["/status", "/orders", `/orders/${orderId}`, `/status/orders/${orderId}`]) {
      const text = await (await look(path)).text();
      expect(text).toContain(orderId);
      for (const secret of SECRETS) expect(text).not.toContain(secret);
    }
    for (const action of ["send-now", "send-again", "mark-sent", "cancel"]) {
      for (const path of [`/orders/${orderId}/${action}`, `/status/orders/${orderId}/${action}`]) {
        const text = await (await look(path, { method: "POST" })).text();
        for (const secret of SECRETS) expect(text).not.toContain(secret);
      }
    }
  });

  it.each(TRANSPORT_CASES)("is in no URL of what $name sends, as it is shown", async (transport) => {
    const products = [
      {
        productId: "mug-1",
        name: "Mug",
        productUrl: "https://shop.example.com/mug?token=secret-token",
        imageUrl: "https://shop.example.com/mug.jpg#secret-token",
        description: "see https://shop.example.com/?session=secret-token for more",
      },
    ];
    const personal = { ...personalOf("private-url"), products };
    await putOrder({ orderId: "private-url", state: "failed", due: FAR, personal });
    const env = { ...transport.env("key"), TRUSTPILOT_PRODUCT_TEMPLATE_ID: "507f191e810c19729de860eb" };
    for (const path of ["/orders/private-url", "/status/orders/private-url"]) {
      const text = await (await look(path, { env })).text();
      expect(text).toContain("https://shop.example.com/mug.jpg");
      expect(text).not.toContain("secret-token");
    }
  });

  it("in an order id is on the order's page with the warning", async () => {
    const orderId = "jane@example.com";
    await putOrder({ orderId, history: [{ at: Date.now(), what: "address-in-id" }] });
    const page = await (await look(`/status/orders/${encodeURIComponent(orderId)}`)).text();
    expect(page).toContain("The order id contains an e-mail address");
  });

  it("would be found if it were there", async () => {
    await putOrder({ orderId: "Secretname-1" });
    expect(await (await look("/orders")).text()).toContain("Secretname");
  });
});

describe("what an event brings in", () => {
  it("is shown as text and never becomes a part of the page", async () => {
    const orderId = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;
    const personal = { ...personalOf(orderId), products: [{ name: "</code><script>alert(2)</script>" }] };
    await putOrder({ orderId, state: "failed", reason: "trustpilot_refused", due: FAR, personal });
    const id = encodeURIComponent(orderId);
    for (const path of ["/status", `/status/orders/${id}`, `/status/orders/${id}x`, `/status?cursor=${id}`]) {
      const page = await (await look(path)).text();
      expect(page).not.toMatch(/<script>|<img/);
    }
  });
});
