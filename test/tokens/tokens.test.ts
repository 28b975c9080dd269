import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FIREWALL, WRONG_CREDENTIALS } from "../../scripts/stand-in/faults.ts";
import type { Step } from "../../scripts/stand-in/behaviour.ts";
import { callTokens } from "../../src/bindings/objects.ts";
import { openTransport } from "../../src/bindings/open-transport.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Order } from "../../src/domain/order.ts";
import { spyOnConsole } from "../support/console.ts";
import { HOUR, MINUTE, SECOND, advance, crash, stopClock } from "../support/ledger.ts";
import { StandInAccount, TRANSPORT_CASES } from "../support/transports.ts";

const written = spyOnConsole();
const API = TRANSPORT_CASES[1]!;
const ORDER: Order = {
  orderId: "1",
  email: "jane@example.com",
  name: "Jane",
  total: null,
  currency: null,
  products: [],
  customer: {},
  orderedAt: null,
};

let account: StandInAccount;
beforeEach(() => {
  account = new StandInAccount();
  stopClock();
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

function configured() {
  const own = account.env(API);
  const checked = readConfig(own);
  if (!checked.ok) throw new Error("the test's settings are wrong");
  return { own, config: checked.config };
}

/** The token as a ledger asks for it. */
function ask(refused: string | null = null) {
  const { own, config } = configured();
  const { authUrl, apiKey, apiSecret } = config.trustpilot;
  const account = { authUrl, key: apiKey!, secret: apiSecret! };
  return callTokens(own, account, (tokens): Promise<unknown> => tokens.get(account, refused));
}

/** One order, as another ledger would send it. */
function send() {
  const { own, config } = configured();
  return openTransport(config, own).prepare(ORDER).send();
}

const calls = async () => (await account.account()).tokens.calls;

describe("the access token", () => {
  it("is fetched once for all ledgers, one request at a time", async () => {
    const answers = await Promise.all(Array.from({ length: 16 }, () => ask()));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ ok: true });
    expect(await calls()).toBe(1);
  });

  it("outlives a restart, and is replaced shortly before it ends", async () => {
    await ask();
    await crash();
    advance(99 * HOUR);
    await ask();
    expect(await calls()).toBe(1);
    advance(HOUR - MINUTE);
    await ask();
    expect(await calls()).toBe(2);
  });

  it.each<[string, number | string | undefined, number]>([
    ["that lives 100 hours by a string", "360000", 99 * HOUR],
    ["that does not say how long it lives", "soon", 50 * MINUTE - SECOND],
    ["that lives for seconds", 60, 29 * SECOND],
  ])("%s is kept for as long as it surely lives", async (_, tokenLife, kept) => {
    await account.behave({ tokenLife: tokenLife! });
    await ask();
    advance(kept);
    await ask();
    expect(await calls()).toBe(1);
    advance(HOUR);
    await ask();
    expect(await calls()).toBe(2);
  });

  it("is renewed once when Trustpilot refuses it, for all who were refused", async () => {
    await ask();
    advance(2 * MINUTE);
    await account.behave({ revokeTokens: true });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ kind }) => kind)).toEqual(["created", "created", "created"]);
    expect((await account.account()).tokens.issued).toBe(2);
  });

  it("is not renewed again and again when Trustpilot refuses every one: the account is refused", async () => {
    await ask();
    const token = await ask();
    expect(await ask((token as { token: string }).token)).toEqual({
      ok: false,
      judged: { kind: "accountRefused", status: 401, problem: "credentials" },
    });
    expect(await calls()).toBe(1);
  });

  it("is removed from storage when it ends", async () => {
    await ask();
    const [id] = await listTokens();
    const object = env.TOKENS.get(id!);
    advance(100 * HOUR);
    await runDurableObjectAlarm(object);
    await runInDurableObject(object, (_, { storage }) => {
      expect([...storage.kv.list()]).toEqual([]);
    });
  });

  it("is in no log, and neither is the key or its secret", async () => {
    await send();
    await account.behave({ calls: { token: [WRONG_CREDENTIALS] } });
    advance(100 * HOUR);
    await send();
    expect(written().filter((line) => line.includes(account.key) || line.includes("API secret"))).toEqual([]);
  });
});

describe("an order whose token cannot be had", () => {
  it.each<[string, Step, object]>([
    [
      "for wrong credentials is held, and the reason is named",
      WRONG_CREDENTIALS,
      { kind: "accountRefused", problem: "credentials" },
    ],
    ["for the firewall is tried again", FIREWALL, { kind: "transient", retryAfter: null }],
    [
      "for asking too often waits as long as asked",
      { status: 429, headers: { "Retry-After": "60" } },
      { kind: "transient", retryAfter: MINUTE },
    ],
    ["for an outage is tried again", { status: 500 }, { kind: "transient" }],
    ["for a lost answer was not sent", { fault: "drop" }, { kind: "notReached" }],
    ["for a gateway was not sent", { status: 504 }, { kind: "notReached" }],
    ["for an answer that is no token is tried again", { status: 200, body: "<html>" }, { kind: "transient" }],
  ])("%s", async (_, step, answer) => {
    await account.behave({ calls: { token: [step] } });
    expect(await send()).toMatchObject(answer);
    expect(await account.requests()).toEqual([]);
  });

  it("does not make each of the others ask again at once", async () => {
    await account.behave({ calls: { token: [{ status: 500 }] } });
    await Promise.all([send(), send(), send()]);
    expect(await calls()).toBe(1);
    advance(5 * SECOND);
    expect(await send()).toMatchObject({ kind: "created" });
    expect(await calls()).toBe(2);
  });
});

async function listTokens(): Promise<DurableObjectId[]> {
  const { listDurableObjectIds } = await import("cloudflare:test");
  return listDurableObjectIds(env.TOKENS);
}
