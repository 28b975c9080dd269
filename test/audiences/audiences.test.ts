import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import type { Customer } from "../../src/domain/order.ts";

afterEach(reset);

const audiences = () => env.AUDIENCES.getByName("v1");
const says = (at: number, customer: Customer, memberships: Record<string, boolean>) => ({
  customer,
  audiences: memberships,
  at,
});
const audiencesOf = async (customer: Customer) => (await audiences().audiencesOf([customer]))[0]!.toSorted();

const JANE = { userId: "jane-1", anonymousId: "browser-1", email: "jane@example.com" };

async function stored(): Promise<string> {
  return runInDurableObject(audiences(), (_, { storage }) =>
    JSON.stringify(storage.sql.exec("SELECT * FROM members").toArray()),
  );
}

describe("a customer is found in an audience", () => {
  it.each<[string, Customer, Customer]>([
    ["by the user id", { userId: "jane-1" }, JANE],
    ["by the anonymous id", { anonymousId: "browser-1" }, JANE],
    ["by the e-mail", { email: "jane@example.com" }, JANE],
    ["by the e-mail in another casing", { email: "Jane@Example.com" }, { email: "jane@example.COM" }],
    ["when more was known then than now", JANE, { email: "jane@example.com" }],
  ])("%s", async (_, then, now) => {
    await audiences().remember([says(1, then, { staff: true })]);
    expect(await audiencesOf(now)).toEqual(["staff"]);
  });

  it("not by an id of another kind", async () => {
    await audiences().remember([says(1, { userId: "x" }, { staff: true })]);
    expect(await audiencesOf({ anonymousId: "x", email: "x" })).toEqual([]);
  });

  it("each on their own when several are asked for", async () => {
    await audiences().remember([
      says(1, { userId: "a" }, { staff: true }),
      says(1, { userId: "b" }, { staff: false, vip: true }),
    ]);
    const answers = await audiences().audiencesOf([{ userId: "a" }, {}, { userId: "b" }, { userId: "c" }]);
    expect(answers).toEqual([["staff"], [], ["vip"], []]);
  });
});

describe("the newest word counts", () => {
  it("in whatever order the messages arrive", async () => {
    const messages = [
      says(1, JANE, { staff: true }),
      says(3, JANE, { staff: false }),
      says(2, JANE, { staff: true }),
    ];
    for (const message of messages) await audiences().remember([message]);
    expect(await audiencesOf(JANE)).toEqual([]);
  });

  it("also within one batch", async () => {
    await audiences().remember([says(2, JANE, { staff: true }), says(1, JANE, { staff: false })]);
    expect(await audiencesOf(JANE)).toEqual(["staff"]);
  });

  it("of two of the same time the later arrival", async () => {
    await audiences().remember([says(1, JANE, { staff: true }), says(1, JANE, { staff: false })]);
    expect(await audiencesOf(JANE)).toEqual([]);
  });

  it("on whichever identity: who has left by the user id is not in it by the e-mail", async () => {
    await audiences().remember([
      says(1, JANE, { consent: true }),
      says(2, { userId: JANE.userId }, { consent: false }),
    ]);
    expect(await audiencesOf(JANE)).toEqual([]);
    await audiences().remember([says(3, { email: JANE.email }, { consent: true })]);
    expect(await audiencesOf(JANE)).toEqual(["consent"]);
  });

  it("for each audience on its own", async () => {
    await audiences().remember([says(1, JANE, { staff: true, vip: true }), says(2, JANE, { vip: false })]);
    expect(await audiencesOf(JANE)).toEqual(["staff"]);
  });
});

describe("what is stored", () => {
  it("is hashes and audiences, and no identity", async () => {
    await audiences().remember([says(1, JANE, { staff: true })]);
    const rows = await stored();
    expect(rows).toContain("staff");
    for (const identity of Object.values(JANE)) expect(rows).not.toContain(identity);
    expect(rows).not.toMatch(/example|jane|browser/i);
  });

  it("differs from shop to shop, so that no list of hashes can be looked up in another's", async () => {
    await audiences().remember([says(1, JANE, { staff: true })]);
    const before = await stored();
    await reset();
    await audiences().remember([says(1, JANE, { staff: true })]);
    expect(await stored()).not.toBe(before);
  });

  it("is found again after the object was away", async () => {
    await audiences().remember([says(1, JANE, { staff: true })]);
    await evictDurableObject(audiences());
    expect(await audiencesOf(JANE)).toEqual(["staff"]);
  });
});

describe("a customer who is to be forgotten", () => {
  it.each<[string, Customer]>([
    ["by the user id", { userId: JANE.userId }],
    ["by the e-mail", { email: JANE.email }],
    ["by the anonymous id", { anonymousId: JANE.anonymousId }],
    ["by all of them", JANE],
  ])("%s is forgotten under every identity that came with it", async (_, customer) => {
    await audiences().remember([
      says(1, JANE, { staff: true, vip: true }),
      says(1, { userId: "joe" }, { staff: true }),
    ]);
    await audiences().forget([customer]);
    expect(await audiencesOf(JANE)).toEqual([]);
    expect(await audiencesOf({ userId: "joe" })).toEqual(["staff"]);
    expect((await stored()).match(/identity/g)).toHaveLength(1);
  });

  it("is no other customer when nothing is known", async () => {
    await audiences().remember([
      says(1, { userId: "joe" }, { staff: true }),
      says(1, { email: "j@example.com" }, { staff: true }),
    ]);
    await audiences().forget([{ userId: "stranger" }, {}]);
    expect((await stored()).match(/identity/g)).toHaveLength(2);
  });
});
