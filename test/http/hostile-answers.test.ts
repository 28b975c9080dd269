/** What commands send to an address that cannot be trusted, and what they show of its answers. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json as readJson } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Rejects } from "../../scripts/backfill/rejects.ts";
import { Deployment, messageOf, readUrl, request } from "../../scripts/lib/deployment.ts";
import { parsePrintable, printable, printableLines } from "../../scripts/lib/printable.ts";
import { readAccessToken, secretHeaders } from "../../scripts/lib/secret-headers.ts";
import { startWith } from "./support/script.ts";

/** All but line breaks: C0, DEL, C1, what turns the direction of a text, and separators of lines. */
const UNSAFE = /[\0-\t\v-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
/** Clears the screen, hides a link behind a word, names the window, and turns a text around. */
const EVIL =
  "\u001b[2J\u001b]8;;https://evil.example\u0007click\u001b]8;;\u001b\\\u001b]0;title\u0007\r\b\u009b31m\u0085\u007f\u202e\u2066\u200f\u2028end";

describe("text of others", () => {
  it.each([
    ["a colour", "\u001b[31mred", "\\u001b[31mred"],
    ["a link", "\u001b]8;;https://x\u0007y", "\\u001b]8;;https://x\\u0007y"],
    ["the one-byte form of an escape sequence", "\u009b2J", "\\u009b2J"],
    ["a line break", "a\nb\r", "a\\u000ab\\u000d"],
    ["delete and backspace", "\u007f\b", "\\u007f\\u0008"],
    ["a text that is turned around", "\u202egnp.exe\u202c", "\\u202egnp.exe\\u202c"],
    ["isolates and marks of direction", "\u2066\u2069\u200e\u061c", "\\u2066\\u2069\\u200e\\u061c"],
    ["separators of lines", "\u2028\u2029", "\\u2028\\u2029"],
    ["letters, accents, emoji and a tilde", "Ünïcode 注文 👩‍👧 ~", "Ünïcode 注文 👩‍👧 ~"],
  ])("does nothing, and is seen: %s", (_, text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(printableLines(`${text}\nx`.replace(/^a\nb/, "ab"))).not.toMatch(UNSAFE);
  });

  it("means the same inside JSON", () => {
    expect(JSON.parse(printable(JSON.stringify({ EVIL })))).toEqual({ EVIL });
    expect(JSON.stringify(parsePrintable(JSON.stringify([{ deep: [EVIL] }, 1, null])))).not.toMatch(UNSAFE);
  });
});

const ACCESS = { id: "the-id.access", secret: "the secret of the service token" };
const OPENERS = { password: "the password", ledgerSecret: "the ledger secret", access: ACCESS };

describe("a password and a service token", () => {
  const operator = {
    "CF-Access-Client-Id": ACCESS.id,
    "CF-Access-Client-Secret": ACCESS.secret,
    Authorization: `Basic ${btoa("operator:the password")}`,
  };
  it.each([
    "/status", "/status/overview", "/status/health", "/orders?limit=1", "/orders/1001", "/orders/a%2Fb/mark-sent",
    "/resume", "/pause", "/openapi.json", "/shops/uk/status", "/shops/uk/orders/1001",
  ])("go to %s", (path) => {
    expect(secretHeaders(new URL(path, "https://worker.example"), OPENERS)).toEqual(operator);
    for (const here of ["http://localhost:8787", "http://127.0.0.1:1", "http://[::1]:8787"])
      expect(secretHeaders(new URL(path, here), OPENERS)).toEqual(operator);
  }); // prettier-ignore

  it("LEDGER_SECRET goes to /ledger alone, with the service token", () => {
    const { Authorization, ...access } = operator;
    expect(Authorization).toContain("Basic");
    expect(secretHeaders(new URL("https://worker.example/ledger/state"), OPENERS)).toEqual({
      ...access,
      Authorization: "Bearer the ledger secret",
    });
  });

  it.each([
    "https://worker.example/health", "https://worker.example/segment", "https://worker.example/",
    "https://worker.example/shops/uk/segment", "https://worker.example/shops/uk/health",
    "https://worker.example/trustpilot/reviews", "https://worker.example/statuses", "https://worker.example/%73tatus",
    "https://worker.example/x/status", "https://worker.example/orders/..", "http://worker.example/status",
    "http://localhost.example/status", "http://127.0.0.1.example/orders", "http://10.0.0.1/ledger/state",
  ])("do not go to %s", (url) => expect(secretHeaders(new URL(url), OPENERS)).toEqual({})); // prettier-ignore

  it.each([
    [
      "both",
      { CF_ACCESS_CLIENT_ID: "id", CF_ACCESS_CLIENT_SECRET: "secret" },
      { id: "id", secret: "secret" },
    ],
    ["neither", {}, null],
    ["empty ones", { CF_ACCESS_CLIENT_ID: "", CF_ACCESS_CLIENT_SECRET: "" }, null],
  ])("the token comes from the environment: %s", (_, env, token) => {
    expect(readAccessToken(env)).toEqual(token);
  });

  it.each([
    [{ CF_ACCESS_CLIENT_ID: "id" }, "CF_ACCESS_CLIENT_ID is set, but CF_ACCESS_CLIENT_SECRET is not"],
    [{ CF_ACCESS_CLIENT_SECRET: "x" }, "CF_ACCESS_CLIENT_SECRET is set, but CF_ACCESS_CLIENT_ID is not"],
  ])("half a token is an error: %j", (env, message) => expect(() => readAccessToken(env)).toThrow(message));

  it("a Bearer token of a sender does not go out in plain text", () => {
    const credentials = { secret: null, token: "t", key: null, password: null, access: null };
    const proof = (url: string) => new Deployment(new URL(url), credentials).proof("{}");
    expect(proof("https://worker.example")).toEqual({ Authorization: "Bearer t" });
    expect(proof("http://worker.example")).toEqual({});
  });

  it.each([
    ["http://worker.example", "http://worker.example is not encrypted: use https."],
    ["https://operator:hunter2@worker.example", "without a password."],
    ["worker.example", 'not "worker.example".'],
  ])("%s is no address for them", (url, message) => {
    expect(() => readUrl(url)).toThrow(message);
    expect(() => readUrl(url)).not.toThrow("hunter2");
  });
});

interface Received {
  path: string;
  headers: IncomingMessage["headers"];
}

let server: Server;
let origin: string;
let received: Received[] = [];
beforeAll(async () => {
  server = createServer((incoming, response) => {
    void (async () => {
      const { method, url = "" } = incoming;
      received.push({ path: url, headers: incoming.headers });
      const body = method === "POST" ? await readJson(incoming).catch(() => null) : null;
      if (url.startsWith("/elsewhere"))
        return response.writeHead(302, { Location: new URL(url.slice(10), "http://127.0.0.2:1").href }).end();
      if (url === "/segment" && method === "GET") return response.writeHead(405).end(EVIL);
      const status = url === "/status/broken" ? 500 : 200;
      response.writeHead(status, { "X-Evil": Buffer.from("\u009b31m", "latin1").toString("latin1") });
      response.end(url === "/status/broken" ? EVIL : JSON.stringify(answerTo(url, body)));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => (received = []));

/** As the Worker answers, with something evil wherever there is a text. */
function answerTo(url: string, body: unknown): object {
  const order = { orderId: EVIL, state: EVIL, reason: EVIL, updated: new Date().toISOString() };
  if (url === "/health") return { status: "ok" };
  if (url === "/segment") {
    const answer = { outcome: "rejected", orderId: EVIL, message: EVIL };
    return Array.isArray(body) ? { events: body.map(() => answer) } : { ...answer, outcome: "accepted", orderId: "1001" };
  }
  if (url === "/orders/1001") {
    const history = [{ at: EVIL, what: EVIL, reason: EVIL, status: EVIL }];
    return { ...order, orderId: "1001", explanation: EVIL, heldUntil: EVIL, history };
  }
  if (url.startsWith("/orders")) return { orders: [{ ...order, state: "invited" }], next: null };
  if (url === "/status/health") return { version: EVIL, problems: [{ message: EVIL }] };
  if (url === "/status/overview") {
    const problem = { level: "act", title: EVIL, next: EVIL, details: [EVIL], until: EVIL };
    return { attention: [problem], allowance: { used: EVIL, limit: EVIL }, kv: EVIL, dryRun: true, backup: { at: EVIL } };
  }
  if (url === "/ledger/state")
    return { hash: "fnv1a32-murmur3", orders: 1, shops: [{ shop: EVIL, ledgers: 1, fenced: true, sending: 0 }] };
  if (url === "/ledger/export/orders") return { lines: JSON.stringify({ kind: "order", orderId: EVIL }), next: null };
  return { lines: "", next: null, message: EVIL };
} // prettier-ignore

it("an answer can act on nothing: its message, its JSON, its headers", async () => {
  const broken = await request(`${origin}/status/broken`, {});
  expect(messageOf(broken)).toContain("click");
  expect(messageOf(broken)).not.toMatch(/[\n]/);
  expect(messageOf(broken)).not.toMatch(UNSAFE);
  expect(broken.header("X-Evil")).toBe("\\u009b31m");
  expect(JSON.stringify((await request(`${origin}/orders/1001`, {})).json)).not.toMatch(UNSAFE);
});

it("a redirect is not followed, so that nothing is sent on to another address", async () => {
  const { status, header } = await request(`${origin}/elsewhere/status`, { headers: { Authorization: "x" } });
  expect(status).toBe(302);
  expect(header("Location")).toBe("http://127.0.0.2:1/status");
  expect(received).toHaveLength(1);
});

it("the login page of Cloudflare Access is told as what it is", () => {
  const header = () => "https://shop.cloudflareaccess.com/cdn-cgi/access/login/x";
  expect(messageOf({ status: 302, header, text: "", json: null })).toContain("set CF_ACCESS_CLIENT_ID");
});

it("rejects.csv quotes every field, and none is a formula", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rejects-"));
  const rejects = await Rejects.open(join(folder, "orders.csv"), 0);
  const ids = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", 'a"b', "plain;", EVIL];
  await rejects.add(ids.map((orderId, index) => ({ line: index + 2, orderId, reason: "=reason\n" })));
  await rejects.close();
  const text = await readFile(rejects.path, "utf8");
  await rm(folder, { recursive: true });
  expect(text).not.toMatch(UNSAFE);
  const lines = text.trimEnd().split("\n");
  expect(lines[0]).toBe('"line","order_id","reason"');
  for (const line of lines) expect(line).toMatch(/^"(?:[^"]|"")*"(?:,"(?:[^"]|"")*"){2}$/);
  expect(lines.slice(1, 9).map((line) => line.split(/(?<="),/)[1])).toEqual([
    `"'=cmd|' /C calc'!A0"`, `"'+1"`, `"'-1"`, `"'@SUM(A1)"`, '"\\u0009=1"', `"' =1"`, `"'＝1"`, '"a""b"',
  ]); // prettier-ignore
  expect(lines[1]).toContain(`"'=reason\\u000a"`);
});

describe("a command", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "hostile-"));
    await writeFile(join(folder, "orders.csv"), `order_id,email,timestamp\n1001,a@example.com,${new Date().toISOString()}\n`);
    await writeFile(join(folder, `\u001b[31m${"list"}.csv`), "Reference number,Created\n\u202e1002,2026-01-01\n");
  }); // prettier-ignore
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const SECRETS = {
    SEGMENT_SHARED_SECRET: "the shared secret of the tests",
    TRUSTPILOT_INTEGRATION_KEY: "hostileTestsKey1",
    STATUS_PASSWORD: "the password of the tests",
    LEDGER_SECRET: "the ledger secret of the tests, long",
    CF_ACCESS_CLIENT_ID: ACCESS.id,
    CF_ACCESS_CLIENT_SECRET: ACCESS.secret,
  };

  it.each([
    ["send", () => ["examples/page.json"], "/orders/1001", "click"],
    ["doctor", () => [], "/status/overview", "click"],
    ["backfill", () => [join(folder, "orders.csv"), "--yes"], "/health", "orders.csv.rejects.csv"],
    ["reconcile", () => [join(folder, "\u001b[31mlist.csv"), "--dry-run"], "/orders?state=unknown&limit=100", "\\u202e1002"],
    ["ledger", () => ["export", "--out", join(folder, "backup.ndjson")], "/ledger/export/orders", "1 order in"],
    ["ledger", () => ["state"], "/ledger/state", "click"],
  ])("%s opens guarded paths alone with its secrets, and shows nothing that acts", async (name, options, path, shown) => {
    const script = startWith({ ...SECRETS, NO_COLOR: "1" }, name, [...options(), "--url", origin]);
    let raw = "";
    for (const stream of [script.process.stdout!, script.process.stderr!]) stream.on("data", (chunk) => (raw += String(chunk)));
    await script.ended;
    expect(raw).toContain(shown);
    expect(raw).not.toMatch(UNSAFE);
    expect(raw).not.toMatch(/^ +at /m);
    for (const { path, headers } of received) {
      const isGuarded = /^\/(status|orders|ledger)/.test(path);
      expect(headers["cf-access-client-secret"], path).toBe(isGuarded ? ACCESS.secret : undefined);
      expect(/^Basic /.test(headers.authorization ?? ""), path).toBe(/^\/(status|orders)/.test(path));
    }
    expect(received.map((request) => request.path)).toContain(path);
  }); // prettier-ignore

  it("writes nothing that acts into a file, and a backup to the letter", async () => {
    const backup = await readFile(join(folder, "backup.ndjson"), "utf8");
    expect(backup).not.toMatch(UNSAFE);
    expect(backup.split("\n").filter(Boolean).map((line) => JSON.parse(line) as object)).toContainEqual({ kind: "order", orderId: EVIL });
    expect(await readFile(join(folder, "orders.csv.rejects.csv"), "utf8")).not.toMatch(UNSAFE);
    expect(await readFile(join(folder, "orders.csv.backfill.json"), "utf8")).not.toMatch(UNSAFE);
  }); // prettier-ignore
});
