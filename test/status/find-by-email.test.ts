import { env } from "cloudflare:workers";
import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { ledgerNames } from "../support/shard.ts";
import type { Customer } from "../../src/domain/order.ts";
import { configure, ledgerOf, listen, orderIdsOfOneLedger, sql } from "../support/ledger.ts";
import { look, personalOf } from "../support/status.ts";

afterEach(reset);

const ON = { FIND_BY_EMAIL: "true" } as Partial<Env>;
const [FIRST, SECOND] = orderIdsOfOneLedger("by-email", 2) as [string, string];
const email = "Jane.Döe@Example.com";

const claim = (orderId: string, change: { email?: string; customer?: Customer } = {}) =>
  ledgerOf(orderId).record([
    {
      kind: "claim",
      order: { ...personalOf(orderId), email, customer: { userId: "jane-1", email }, ...change },
      skip: "too_old",
      due: 0,
    },
  ]);
const forget = (customer: Customer) => ledgerOf(FIRST).record([{ kind: "forget", customer }]);
const count = async () => Number((await sql(FIRST, "SELECT count(*) AS n FROM customers"))[0]!["n"]);

const find = (address: string, settings = ON) =>
  look("/orders/find", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: address }),
    env: settings,
  });
const found = async (address: string) =>
  (await (await find(address)).json<{ orders: { orderId: string }[] }>()).orders.map(
    ({ orderId }) => orderId,
  );

describe("with FIND_BY_EMAIL", () => {
  it("the orders of an address are found, however it is written, and are shown without it", async () => {
    await configure(FIRST, ON);
    await claim(FIRST);
    await claim(FIRST);
    await claim(SECOND, { email: "other@example.com", customer: {} });
    expect(await count()).toBe(3);
    expect(await found(" jane.dÖe@example.COM ")).toEqual([FIRST]);
    expect(await found("other@example.com")).toEqual([SECOND]);
    expect(await found("stranger@example.com")).toEqual([]);
    const lines = listen();
    const response = await look("/status/find", {
      method: "POST",
      body: new URLSearchParams({ email }),
      env: ON,
    });
    const page = await response.text();
    expect(page).toContain(`/status/orders/${FIRST}`);
    for (const text of [page, JSON.stringify(lines()), JSON.stringify([...response.headers])])
      expect(text.toLowerCase()).not.toContain("jane.d");
    // No hash that anyone could make of the address alone.
    const stored = JSON.stringify(await sql(FIRST, "SELECT * FROM customers"));
    const plain = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(email.toLowerCase()));
    expect(stored).not.toContain(new Uint8Array(plain).toBase64());
  });

  it.each<[by: string, customer: Customer]>([
    ["address", { email: email.toLowerCase() }],
    ["user id", { userId: "jane-1" }],
  ])("a deletion by the %s removes both hashes, also when the search is off by then", async (_, customer) => {
    await configure(FIRST, ON);
    await claim(FIRST);
    await claim(SECOND, { customer: { userId: "joe" }, email: "joe@example.com" });
    await configure(FIRST, { FIND_BY_EMAIL: "false" });
    await forget(customer);
    expect(await found(email)).toEqual([]);
    expect(await found("joe@example.com")).toEqual([SECOND]);
    expect(await count()).toBe(2);
  });

  it("all ledgers hash with one key", async () => {
    const keys = await Promise.all(
      ledgerNames()
        .slice(0, 3)
        .map(async (name) => {
          const ledger = env.LEDGER.getByName(name);
          await ledger.findByEmail(email);
          return runInDurableObject(ledger, (_, { storage }) =>
            storage.kv.get<Uint8Array>("customer-key")!.toHex(),
          );
        }),
    );
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("without it", () => {
  it("an order and a deletion write no row for it, no page offers it, and a search is not found", async () => {
    await claim(FIRST);
    await forget({ email });
    expect(await count()).toBe(0);
    expect(
      await runInDurableObject(ledgerOf(FIRST), (_, { storage }) => storage.kv.get("customer-key")),
    ).toBe(undefined);
    expect(await (await look("/status")).text()).not.toContain("/status/find");
    const answer = await find(email, {});
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain("Jane");
  });
});
