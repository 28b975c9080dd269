/** What the Ledger relies on, for every transport: one table. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openTransport } from "../../src/bindings/open-transport.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Order } from "../../src/domain/order.ts";
import type { Answer } from "../../src/trustpilot/answer.ts";
import type { Transport } from "../../src/trustpilot/transport.ts";
import { HOUR, MINUTE } from "../../src/lib/time.ts";
import {
  StandInAccount,
  TRANSPORT_CASES,
  type Situation,
  type TransportCase,
} from "../support/transports.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const ORDER: Order = {
  orderId: "A-1</script><b>\u2028",
  email: "jané@example.com",
  name: "Jané <!-- Doe",
  total: 20,
  currency: "EUR",
  products: [{ productId: "1", name: "Cup </SCRIPT>", price: 5 }],
  locale: "da-DK",
  customer: { userId: "user-42", email: "jané@example.com" },
  orderedAt: null,
};

function open(account: StandInAccount, transport: TransportCase): Transport {
  const env = account.env(transport);
  const checked = readConfig(env);
  if (!checked.ok) throw new Error(checked.problems.map(({ message }) => message).join(" "));
  return openTransport(checked.config, env);
}

/** With the binding of the local runtime instead of the stand-in's. */
describe("the transport email on the runtime's own binding", () => {
  const PINNED = {
    TRANSPORT: "email",
    TRUSTPILOT_AFS_ADDRESS: "shop@invite.trustpilot.com",
    TRUSTPILOT_AFS_FROM: "orders@shop.example.com",
  };
  const send = (settings: Partial<Env>) => {
    const own = { ...env, ...PINNED, ...settings };
    const checked = readConfig(own);
    if (!checked.ok) throw new Error(checked.problems.map(({ message }) => message).join(" "));
    return openTransport(checked.config, own).prepare(ORDER).send();
  };

  it("counts as sent when the runtime gives the mail an id", async () => {
    const ids: string[] = [];
    const EMAIL = {
      async send(mail: EmailMessageBuilder) {
        const { messageId } = await env.EMAIL!.send(mail);
        ids.push(messageId);
        return { messageId };
      },
    } as SendEmail;
    expect(await send({ EMAIL })).toMatchObject({ kind: "created", reason: "sent_by_email", status: null });
    expect(ids).toEqual([expect.stringMatching(/@shop\.example\.com>$/)]);
  });

  it.each<[string, Partial<Env>]>([
    ["another address", { TRUSTPILOT_AFS_ADDRESS: "else@invite.trustpilot.com" }],
    ["another sender", { TRUSTPILOT_AFS_FROM: "orders@elsewhere.example.com" }],
    ["a missing binding", { EMAIL: undefined } as unknown as Partial<Env>],
  ])("is refused for all orders with %s", async (_, settings) => {
    expect(await send(settings)).toMatchObject({ kind: "accountRefused", problem: "sender" });
  });
});

type Expected = [situation: Situation, kinds: Answer["kind"][], created: number];

describe.each(TRANSPORT_CASES)("the transport $name", (transport) => {
  it.each<Expected>([
    ["created", ["created"], 1],
    ["refused", ["refused"], 0],
    ["transient", ["transient"], 0],
    ["later", ["transient"], 0],
    ["unanswered", ["noResponse"], 0],
    // An Integration Key that is refused cannot be told from an order that is.
    ["accountRefused", ["accountRefused", "accessRefused"], 0],
  ])("classifies an answer that is %s", async (situation, kinds, created) => {
    const account = new StandInAccount();
    await account.behave({ next: [transport.steps[situation]] });
    const answer = await open(account, transport).prepare(ORDER).send();
    expect(kinds).toContain(answer.kind);
    expect(answer.milliseconds).toBeGreaterThanOrEqual(0);
    const requests = await account.requests();
    expect(requests, "one request for one attempt").toHaveLength(1);
    expect(requests.filter((request) => request.created)).toHaveLength(created);
  });

  it.each(transport.answers)("takes %j as %s", async (step, kind, requests = 1) => {
    const account = new StandInAccount();
    await account.behave({ next: [step] });
    const answer = await open(account, transport).prepare(ORDER).send();
    expect(answer.kind).toBe(kind);
    expect(await account.requests()).toHaveLength(requests);
    expect(JSON.stringify(answer)).not.toContain("@example.com");
  });

  it("erases addresses at Trustpilot, or says that only a person can", async () => {
    const account = new StandInAccount();
    const { erase } = open(account, transport);
    const answer = await erase?.(["jane@example.com", "joe@example.com"]);
    if (transport.name !== "invitations-api") expect(answer).toBeUndefined();
    else {
      expect(answer).toMatchObject({ kind: "created", status: 202 });
      expect((await account.account()).erased).toEqual(["jane@example.com", "joe@example.com"]);
    }
    expect(await account.requests()).toEqual([]);
  });

  it("cannot know that a template does not exist: Trustpilot accepts it and drops the invitation", async () => {
    const account = new StandInAccount();
    const own = {
      ...transport,
      env: (key: string) => ({ ...transport.env(key), TRUSTPILOT_TEMPLATE_ID: "none" }),
    };
    const answer = await open(account, own).prepare(ORDER).send();
    expect(answer.kind).toBe("created");
    const [request] = await account.requests();
    expect(request!.created).toBe(transport.name === "integration-key");
  });

  it("passes on how long the other side wants it to wait", async () => {
    const account = new StandInAccount();
    await account.behave({ next: [transport.steps.later] });
    const answer = await open(account, transport).prepare(ORDER).send();
    expect(answer).toMatchObject({ retryAfter: transport.name === "email" ? HOUR : 2 * MINUTE });
  });

  it("sends the order's own reference, recipient and language, whatever they hold", async () => {
    const account = new StandInAccount();
    const { products: _, ...order } = ORDER;
    await open(account, transport)
      .prepare({ ...order, products: [] })
      .send();
    const [request] = await account.requests();
    expect(request).toMatchObject({ referenceId: "A-1</script><b>", created: true });
    const sent = JSON.stringify(request!.body);
    for (const text of ["jané@example.com", "Jané <!-- Doe"]) expect(sent).toContain(text);
    expect(sent).not.toContain("user-42");
  });

  it("shows what it sends, but not to whom", () => {
    const shown = JSON.stringify(open(new StandInAccount(), transport).prepare(ORDER).shown);
    expect(shown).toContain("A-1");
    for (const personal of ["jan", "Doe", "user-42"]) expect(shown).not.toContain(personal);
  });

  it("says the same of an order however often it is asked, and sends nothing for that", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const account = new StandInAccount();
    const opened = open(account, transport);
    expect(opened.prepare(ORDER).shown).toEqual(opened.prepare(ORDER).shown);
    await opened.probe();
    vi.useRealTimers();
    expect(await account.requests()).toEqual([]);
  });

  it("finds the other side there", async () => {
    expect(await open(new StandInAccount(), transport).probe()).toBe(true);
  });

  it("never throws, and writes nothing to the log", async () => {
    const written = (["log", "warn", "error"] as const).map((level) => vi.spyOn(console, level));
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("to jané@example.com"));
    const answer = await open(new StandInAccount(), transport).prepare(ORDER).send();
    expect(["noResponse", "notReached"]).toContain(answer.kind);
    for (const spy of written) expect(spy).not.toHaveBeenCalled();
  });
});
