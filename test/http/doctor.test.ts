import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../scripts/doctor/finding.ts";
import { checkEmail, type MailBinding } from "../../scripts/doctor/email.ts";
import { checkInvitationsApi } from "../../scripts/doctor/invitations-api.ts";
import { API_SECRET, TEMPLATES, type Behaviour } from "../../scripts/stand-in/behaviour.ts";
import { FIREWALL, MISSING_ROLE } from "../../scripts/stand-in/faults.ts";
import { checkConfig, type Config } from "../../src/config/config.ts";
import { checkFreePlan } from "../../scripts/doctor/free-plan.ts";
import { freePort } from "../../scripts/lib/workerd.ts";
import { runWith } from "./support/script.ts";
import { order, SECRET, SHOP_ORIGIN, standIn, TestWorker } from "./support/worker.ts";

/** Nothing listens there. */
const nowhere = `http://127.0.0.1:${await freePort()}`;

const KEY = "doctorTestsKey01";
const PASSWORD = "the password of the tests";

/** A variable that is empty says that there is none, in .dev.vars neither. */
const NO_SECRETS = {
  SEGMENT_SHARED_SECRET: "",
  SEGMENT_TOKEN: "",
  TRUSTPILOT_INTEGRATION_KEY: "",
  STATUS_PASSWORD: "",
};

interface Diagnosis {
  code: number | null;
  ok: boolean;
  findings: Finding[];
  verdict: (check: string) => string | undefined;
  remedy: (check: string) => string | undefined;
}

/** @param secrets what the environment has */
async function diagnose(
  origin: string,
  secrets: Record<string, string>,
  ...options: string[]
): Promise<Diagnosis> {
  const env = { TRUSTPILOT_API_URL: standIn.apiUrl, SHOP_ORIGIN, ...NO_SECRETS, ...secrets };
  const { code, output } = await runWith(env, "doctor", "--json", "--url", origin, ...options);
  const { ok, findings } = JSON.parse(output) as { ok: boolean; findings: Finding[] };
  const find = (check: string) => findings.find((finding) => finding.check === check);
  return {
    code,
    ok,
    findings,
    verdict: (check) => find(check)?.verdict,
    remedy: (check) => find(check)?.remedy,
  };
}

const CHECKS = [
  "reachable",
  "configuration",
  "version",
  "method",
  "signature",
  "forgery",
  "batches",
  "batches with key",
  "ledgers",
  "orders",
  "KV",
  "storage",
  "sending",
  "allowance",
  "Trustpilot",
];

const credentials = {
  SEGMENT_SHARED_SECRET: SECRET,
  TRUSTPILOT_INTEGRATION_KEY: KEY,
  STATUS_PASSWORD: PASSWORD,
};

describe("a deployment in order", () => {
  let worker: TestWorker;
  beforeAll(async () => {
    worker = await TestWorker.start(KEY, { STATUS_PASSWORD: PASSWORD, MONTHLY_LIMIT: "50" });
  });
  afterAll(() => worker.remove());

  it("has nothing wrong, and is left as it was", async () => {
    const { code, ok, findings } = await diagnose(worker.origin, credentials, "--trustpilot");
    expect(findings.filter(({ verdict }) => verdict === "ok").map(({ check }) => check)).toEqual(CHECKS);
    expect(findings.filter(({ verdict }) => verdict === "wrong")).toEqual([]);
    expect(ok).toBe(true);
    expect(code).toBe(0);
    expect(worker.stored()).toEqual([]);
    // What must not be accepted, and is sent for that reason, raises no alert.
    const headers = { Authorization: `Basic ${btoa(`operator:${PASSWORD}`)}` };
    const metrics = await (await fetch(`${worker.origin}/metrics`, { headers })).text();
    expect(metrics).toContain('rejections_total{kind="unauthenticated"} 0\n');
    expect(metrics).toContain('rejections_total{kind="rejected"} 0\n');
    expect((await standIn.requests(KEY)).filter(({ created }) => created)).toEqual([]);
  });

  it("is asked with the shop's origin and the report of a status, and only when it is wanted", async () => {
    const before = (await standIn.requests(KEY)).length;
    await diagnose(worker.origin, credentials);
    expect(await standIn.requests(KEY)).toHaveLength(before);
    await diagnose(worker.origin, credentials, "--trustpilot");
    const [request] = (await standIn.requests(KEY)).slice(before);
    expect(request).toMatchObject({
      origin: SHOP_ORIGIN,
      body: { payloadType: "OrderStatusUpdate", recipientEmail: "doctor@example.com" },
    });
  });

  it("with another secret than here is told apart, with the command that fixes it", async () => {
    const { code, verdict, remedy } = await diagnose(worker.origin, {
      ...credentials,
      SEGMENT_SHARED_SECRET: "another",
    });
    expect(verdict("signature")).toBe("wrong");
    expect(remedy("signature")).toContain("npx wrangler secret put SEGMENT_SHARED_SECRET");
    expect(code).toBe(1);
  });

  it("with another token than here is told apart", async () => {
    const { verdict, remedy } = await diagnose(worker.origin, { SEGMENT_TOKEN: "another-token-than-here" });
    expect(verdict("signature")).toBe("wrong");
    expect(remedy("signature")).toContain("npx wrangler secret put SEGMENT_TOKEN");
  });

  it("with another password than here is told apart", async () => {
    const { verdict, remedy } = await diagnose(worker.origin, {
      SEGMENT_SHARED_SECRET: SECRET,
      STATUS_PASSWORD: "another",
    });
    expect(verdict("orders")).toBe("wrong");
    expect(remedy("orders")).toContain("npx wrangler secret put STATUS_PASSWORD");
  });

  it("with an order that waits for a decision says so in the page's words", async () => {
    await standIn.behave(KEY, { references: { "doctor-failed": [{ status: 400 }] } });
    await worker.send(order("doctor-failed"));
    await expect.poll(() => worker.states("doctor-failed")).toEqual(["failed"]);
    const { code, findings } = await diagnose(worker.origin, credentials);
    const messages = findings.filter(({ check }) => check === "sending").map(({ message }) => message);
    // The tests before have sent requests without valid credentials.
    expect(messages.filter((message) => !message.includes("in the last hour"))).toEqual([
      "1 order failed: no invitation was created.",
    ]);
    expect(code).toBe(1);
  });

  it("with another Integration Key than here does not take batches", async () => {
    const { verdict, remedy } = await diagnose(worker.origin, {
      SEGMENT_SHARED_SECRET: SECRET,
      TRUSTPILOT_INTEGRATION_KEY: "anotherKey",
    });
    expect(verdict("batches with key")).toBe("wrong");
    expect(remedy("batches with key")).toContain("npx wrangler secret put TRUSTPILOT_INTEGRATION_KEY");
  });

  it.each([
    [{ status: 252, body: '["shop.example.com"]' }, "wrong", "switched off for shop.example.com (252)"],
    [{ status: 404 }, "wrong", "The request is refused: 404"],
    [{ status: 429 }, "note", "It has no time at the moment (429)"],
    [{ status: 200 }, "ok", "are accepted (200)"],
  ])("whose key Trustpilot answers with %j", async (always, verdict, message) => {
    const key = `doctorTestsKey${always.status}`;
    await standIn.behave(key, { always });
    const found = await diagnose(
      worker.origin,
      { SEGMENT_SHARED_SECRET: SECRET, TRUSTPILOT_INTEGRATION_KEY: key },
      "--trustpilot",
    );
    const finding = found.findings.find(({ check }) => check === "Trustpilot");
    expect(finding).toMatchObject({ verdict, message: expect.stringContaining(message) as string });
  });
});

describe("a deployment that is not set up", () => {
  it("is told each mistake with the command that fixes it", async () => {
    const worker = await TestWorker.start(" ", { HOLD_DAYS: "soon" });
    const { code, findings } = await diagnose(worker.origin, credentials);
    await worker.remove();
    const messages = findings.filter(({ check }) => check === "configuration").map(({ message }) => message);
    expect(messages.join(" ")).toContain("npx wrangler secret put TRUSTPILOT_INTEGRATION_KEY");
    expect(messages.join(" ")).toContain("HOLD_DAYS must be a whole number");
    expect(code).toBe(1);
  });

  it("without a shared secret is warned that the key is no secret", async () => {
    const worker = await TestWorker.start(KEY, {
      SEGMENT_SHARED_SECRET: "",
      AUTHENTICATE_BY: "integration-key",
    });
    const { verdict, remedy } = await diagnose(worker.origin, credentials);
    await worker.remove();
    expect(verdict("signature")).toBe("note");
    expect(verdict("forgery")).toBe("ok");
    expect(remedy("signature")).toContain("Set a shared secret");
  });
});

describe("an address that is not the Worker's", () => {
  let server: Server;
  let answer: { status: number; headers?: Record<string, string>; body?: string } = { status: 200 };
  let origin: string;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it.each([
    [
      "a redirect",
      { status: 301, headers: { Location: "https://elsewhere.example.com/" } },
      "Segment would lose every order",
    ],
    ["a web page", { status: 200, body: "<h1>Shop</h1>" }, "but not as this Worker: 200 <h1>Shop</h1>"],
    [
      "JSON of something else",
      { status: 404, body: '{"message":"no route"}' },
      "but not as this Worker: 404 no route",
    ],
  ])("is recognised by %s", async (_what, given, message) => {
    answer = given;
    const { code, findings } = await diagnose(origin, credentials);
    expect(findings[0]).toMatchObject({ check: "reachable", verdict: "wrong" });
    expect(findings[0]!.message).toContain(message);
    expect(code).toBe(1);
  });

  it("is recognised by silence", async () => {
    const { code, findings } = await diagnose(nowhere, credentials);
    expect(findings[0]!.message).toContain("nothing listens there");
    expect(code).toBe(1);
  });
});

describe("the free plan", () => {
  it.each([
    [1, 3, "ok", "1 orders a day fit; the first limit is KV writes, at 1,000 orders."],
    [1000, 3, "ok", "1,000 orders a day fit"],
    [1001, 3, "note", "KV writes (1,000 a day) run out after 1,000 orders. Nothing is lost"],
    [12_501, 3, "wrong", "Durable Object rows written (100,000 a day) run out after 12,500 orders."],
    [3000, 50, "wrong", "requests (100,000 a day) run out after 2,000 orders."],
  ])("with %i orders a day, each delivered %i times", (orders, deliveries, verdict, message) => {
    const found = checkFreePlan(orders, deliveries);
    const finding = found.find((one) => one.message.includes(message));
    expect(finding?.verdict).toBe(verdict);
  });

  it("names the limit that ends first, first", () => {
    const messages = checkFreePlan(50_000, 3).map(({ message }) => message.split(" (")[0]);
    expect(messages).toEqual(["KV writes", "Durable Object rows written", "requests"]);
    expect(checkFreePlan(50_001, 1).map(({ message }) => message.split(" (")[0])).toEqual([
      "KV writes",
      "Durable Object rows written",
      "Durable Object requests",
    ]);
  });
});

it("shows people a sign, the finding and what to do", async () => {
  const { code, output } = await runWith({}, "doctor", "--url", nowhere);
  expect(output).toContain(`✘ reachable: ${nowhere} cannot be reached`);
  expect(output).toContain("→ Start it with npm run dev.");
  expect(output).toContain("Wrong: 1");
  expect(code).toBe(1);
});

describe("with the Invitations API", () => {
  const check = async (behaviour: Behaviour, own: Partial<Settings> = {}) => {
    const key = `doctorApi${Math.random().toString(36).slice(2)}`;
    await standIn.behave(key, behaviour);
    const { readable } = checkConfig({}) as { readable: Config };
    const findings = await checkInvitationsApi({
      ...readable.trustpilot,
      authUrl: `${standIn.origin}/v1`,
      invitationsUrl: `${standIn.origin}/v1`,
      apiKey: key,
      apiSecret: API_SECRET,
      businessUnitId: "unit",
      businessUserId: "user",
      ...own,
    });
    return findings.map((finding) => `${finding.check}: ${finding.verdict}`);
  };
  type Settings = Config["trustpilot"];
  const ALL_OK = ["token: ok", "user role: ok", "business unit: ok", "template: ok", "product template: ok"];
  const [service, product] = TEMPLATES.map(({ id }) => id);

  it.each<[string, Behaviour, Partial<Settings>, string[]]>([
    [
      "everything in order",
      {},
      { templateId: service!, productTemplateId: product! },
      [...ALL_OK, "locale: ok"],
    ],
    ["a language that a template has", {}, { locale: "en-US" }, [...ALL_OK, "locale: ok"]],
    ["a language that none has", {}, { locale: "da-DK" }, [...ALL_OK, "locale: note"]],
    [
      "an unknown template",
      {},
      { templateId: "nowhere" },
      [
        "token: ok",
        "user role: ok",
        "business unit: ok",
        "template: wrong",
        "product template: ok",
        "locale: ok",
      ],
    ],
    [
      "an unknown product template",
      {},
      { productTemplateId: "nowhere" },
      [
        "token: ok",
        "user role: ok",
        "business unit: ok",
        "template: ok",
        "product template: wrong",
        "locale: ok",
      ],
    ],
    ["a wrong secret", {}, { apiSecret: "another" }, ["token: wrong"]],
    ["no user", {}, { businessUserId: null }, ["token: ok", "user role: wrong"]],
    [
      "a user without the role",
      { calls: { templates: [MISSING_ROLE] } },
      {},
      ["token: ok", "user role: wrong"],
    ],
    [
      "an unknown business unit",
      { calls: { templates: [{ status: 404 }] } },
      {},
      ["token: ok", "business unit: wrong"],
    ],
    [
      "the firewall at the templates",
      { calls: { templates: [FIREWALL] } },
      {},
      ["token: ok", "templates: note"],
    ],
    ["the firewall at the token", { calls: { token: [FIREWALL] } }, {}, ["token: note"]],
    ["a token asked for too early", { calls: { token: [{ status: 429 }] } }, {}, ["token: note"]],
    ["no token in the answer", { calls: { token: [{ status: 200 }] } }, {}, ["token: wrong"]],
    ["no server there", {}, { authUrl: nowhere }, ["Trustpilot: wrong"]],
  ])("%s", async (_, behaviour, own, expected) => {
    expect(await check(behaviour, own)).toEqual(expected);
  });

  it("is asked by the command when TRANSPORT says so", async () => {
    const env = {
      TRANSPORT: "invitations-api",
      TRUSTPILOT_AUTH_URL: `${standIn.origin}/v1`,
      TRUSTPILOT_INVITATIONS_URL: `${standIn.origin}/v1`,
      TRUSTPILOT_API_KEY: "doctorApi",
      TRUSTPILOT_API_SECRET: API_SECRET,
      TRUSTPILOT_BUSINESS_UNIT_ID: "unit",
      TRUSTPILOT_BUSINESS_USER_ID: "user",
    };
    const { output } = await runWith(env, "doctor", "--json", "--url", nowhere, "--trustpilot");
    const { findings } = JSON.parse(output) as { findings: Finding[] };
    expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(["token", "locale"]));
    expect(output).not.toContain(API_SECRET);
  });
});

it.each<[string, MailBinding[], string, string[]]>([
  [
    "in order",
    [{ name: "EMAIL", destination_address: "a@invite.trustpilot.com" }],
    "a@invite.trustpilot.com",
    ["ok", "ok", "note"],
  ],
  ["without a binding", [], "a@invite.trustpilot.com", ["wrong", "ok", "note"]],
  ["not pinned", [{ name: "EMAIL" }], "a@invite.trustpilot.com", ["wrong", "ok", "note"]],
  [
    "to another address",
    [{ name: "EMAIL", destination_address: "a@example.com" }],
    "a@example.com",
    ["ok", "wrong", "note"],
  ],
])("the feedback e-mail %s is judged by what is written down", (_, bindings, afsAddress, verdicts) => {
  const { readable } = checkConfig({}) as { readable: Config };
  const findings = checkEmail({ ...readable.trustpilot, afsAddress }, bindings);
  expect(findings.map(({ verdict }) => verdict)).toEqual(verdicts);
});
