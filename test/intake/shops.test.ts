import { env } from "cloudflare:workers";
import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { ledgerName } from "../support/shard.ts";
import { envOf, shopOfName } from "../../src/bindings/scope.ts";
import { readShops } from "../../src/bindings/shops.ts";
import { problemsOf } from "../../src/config/check-shops.ts";
import { readConfig, readLeniently } from "../../src/config/config.ts";
import { ALL_SETTINGS } from "../../src/config/settings.ts";
import { PER_SHOP_SETTINGS, settingsOfShop } from "../../src/config/shop-settings.ts";
import { routeEvent } from "../../src/segment/routing.ts";
import { requestsFor } from "../support/stand-in.ts";
import { PLAIN_ORDER } from "../support/events.ts";

afterEach(reset);

const KEY = "shopsTestKey0001";
const uk = { affiliation: "Example UK" };
const withShops = (SHOPS: unknown, rest: object = {}): Env => ({
  ...env,
  TRUSTPILOT_INTEGRATION_KEY: KEY,
  ...{ TRUSTPILOT_INTEGRATION_KEY_UK: "shopsTestKeyUk01", ...rest },
  SHOPS,
});

describe("SHOPS", () => {
  it.each([
    ["a table", { uk }],
    ["a table as JSON, as the dashboard has it", JSON.stringify({ uk })],
  ])("is %s", (_, table) => {
    const result = readShops(withShops(table));
    expect(result.ok && result.shops.map(({ name }) => name)).toEqual([null, "uk"]);
  });

  it.each([undefined, "", "{}", {}])("that is %j leaves one shop, with the bindings untouched", (table) => {
    const given = withShops(table);
    const result = readShops(given);
    expect(result.ok && result.shops.map((shop) => [shop.name, shop.env === given])).toEqual([[null, true]]);
  });

  it("gives a shop its own settings, and else those of the Worker", () => {
    const result = readShops(
      withShops({ uk: { ...uk, HOLD_DAYS: 3 } }, { HOLD_DAYS: "7", INVITE_ONE_IN: "2" }),
    );
    const rules = result.ok ? result.shops.map(({ config }) => config.rules) : [];
    expect(rules.map(({ holdDays, inviteOneIn }) => [holdDays, inviteOneIn])).toEqual([
      [7, 2],
      [3, 2],
    ]);
  });

  it("lets the default shop note the audiences of all", () => {
    const result = readShops(withShops({ uk: { ...uk, EXCLUDE_AUDIENCES: "staff" } }));
    expect(result.ok && [...result.shops[0].config.segment.audiences]).toEqual(["staff"]);
  });

  it.each([
    ["no table", "uk", /SHOPS must be a table of shops/],
    ["broken JSON", "{", /SHOPS must be a table of shops/],
    ["a list", ["uk"], /SHOPS must be a table of shops/],
    ["a shop that is no table", { uk: "Example UK" }, /SHOPS must be a table of shops/],
    ["a name with capitals", { UK: uk }, /SHOPS\.UK: a shop's name/],
    ["a name with a colon", { "u:k": uk }, /a shop's name has/],
    ["a name whose secret is another's", { previous: uk }, /does not end in "previous"/],
    ["a name whose secret is another shop's", { "uk-previous": uk }, /does not end in "previous"/],
    [
      "a setting that is none of a shop",
      { uk: { ...uk, STATUS_PASSWORD: "x" } },
      /SHOPS\.uk\.STATUS_PASSWORD cannot be set/,
    ],
    ["an affiliation that is no text", { uk: { affiliation: {} } }, /affiliation and currency are strings/],
    ["a currency that is none", { uk: { currency: "€" } }, /a currency has three letters/],
    [
      "a setting with a wrong value",
      { uk: { ...uk, HOLD_DAYS: "soon" } },
      /Shop uk: HOLD_DAYS must be a whole number/,
    ],
    ["no key", { nl: uk }, /TRUSTPILOT_INTEGRATION_KEY_NL is missing/],
  ])("with %s is invalid, with a reason", (_, table, message) => {
    const result = readShops(withShops(table));
    expect(result.ok).toBe(false);
    expect(result.ok ? "" : result.problems.map((problem) => problem.message).join(" ")).toMatch(message);
  });

  it("with one secret for two shops is invalid, with a reason", () => {
    const given = withShops({ uk }, { SEGMENT_SHARED_SECRET_UK: env.SEGMENT_SHARED_SECRET });
    expect(problemsOf(given).map(({ message }) => message)).toEqual([
      expect.stringContaining("SEGMENT_SHARED_SECRET_UK and the other secrets must differ"),
    ]);
  });

  it("tells a mistake of the Worker's own settings once, and not for each shop again", () => {
    expect(problemsOf(withShops({ uk }, { HOLD_DAYS: "soon" }))).toHaveLength(1);
  });
});

describe("a shop sees", () => {
  it("only the settings that a shop may have, though the others are reported", () => {
    const given = withShops({ uk: { ...uk, STATUS_PASSWORD: "x", LEDGER: "x", HOLD_DAYS: "3" } });
    const own = envOf(given, "uk");
    expect(own.STATUS_PASSWORD).toBe(given.STATUS_PASSWORD);
    expect(own.LEDGER).not.toBe("x");
    expect(own.HOLD_DAYS).toBe("3");
  });

  const NOT_OF_A_SHOP = [
    ...ALL_SETTINGS.filter(({ perShop, secret }) => perShop === undefined || secret).map(({ name }) => name),
    // What the code sets, the bindings, and what every object has.
    ...["SHOP", "SHOPS", "OTHER_SHOPS", "ORDERS", "LEDGER", "AUDIENCES", "REGISTRY", "ATTEMPTS", "EMAIL"],
    ...[
      "constructor",
      "toString",
      "__proto__",
      "shop_origin",
      "SHOP_ORIGIN ",
      "TRUSTPILOT_INTEGRATION_KEY_UK",
    ],
  ];

  it.each(NOT_OF_A_SHOP)("%s of SHOPS not at all, and it stops the Worker with a reason", (name) => {
    const value = "https://a-value-that-is.example/valid-for-most";
    const table = JSON.parse(`{"affiliation":"Example UK","${name}":"${value}"}`) as object;
    const given = withShops({ uk: table });
    expect(JSON.stringify(settingsOfShop(given, "uk"))).toBe(
      JSON.stringify(settingsOfShop(withShops({ uk }), "uk")),
    );
    expect(Object.getPrototypeOf(settingsOfShop(given, "uk"))).toBe(Object.prototype);
    expect(problemsOf(given)).toContainEqual({
      name: "SHOPS",
      shop: "uk",
      message: expect.stringContaining(`SHOPS.uk.${name} cannot be set for a shop.`),
    });
  });

  const OF_A_SHOP = ALL_SETTINGS.filter(({ name }) => PER_SHOP_SETTINGS.includes(name));
  /** What is valid nowhere, or in few settings. */
  const WRONG = ["-1", "ftp://example.com", "a, b c", "x y", "?", "é".repeat(200), "§"];

  it.each(OF_A_SHOP.map((setting) => [setting.name, setting] as const))(
    "its own %s only when that is valid; else the Worker stops with a reason",
    (name, setting) => {
      const wrong = WRONG.filter((text) => setting.read(text) === undefined);
      for (const value of [...wrong, ["a list"], { a: "table" }]) {
        const given = withShops({ uk: { ...uk, [name]: value } });
        const named = problemsOf(given).filter((problem) => problem.name === name);
        expect(named, JSON.stringify(value)).toEqual([
          { name, shop: "uk", message: expect.stringContaining(`Shop uk: ${name} must be`) },
        ]);
        expect(readShops(given).ok).toBe(false);
        const without = { ...settingsOfShop(withShops({ uk }), "uk"), [name]: "" };
        expect(readLeniently(settingsOfShop(given, "uk"))).toEqual(readLeniently(without));
      }
    },
  );

  it.each(["UK", "u:k", "previous"])("nothing of SHOPS under a name that no shop may have: %s", (name) => {
    expect(envOf(withShops({ [name]: { HOLD_DAYS: "3" } }), name).HOLD_DAYS).toBeUndefined();
  });
});

describe("a shop's bindings", () => {
  it("are ledgers, an allowance and keys of its own", async () => {
    const own = envOf(withShops({ uk }), "uk");
    const nameOf = (ledger: DurableObjectStub) => runInDurableObject(ledger, (_, { id }) => id.name);
    const name = await nameOf(own.LEDGER.getByName(ledgerName("1001")));
    expect(name).toBe(`shop:uk:${ledgerName("1001")}`);
    expect(shopOfName(name!)).toBe("uk");
    expect(await nameOf(own.AUDIENCES.getByName("v1"))).toBe("v1");
    await own.ORDERS.put("order:1001", "invited");
    expect(await own.ORDERS.get("order:1001")).toBe("invited");
    expect(await own.ORDERS.get(["order:1001", "order:1002"])).toEqual(
      new Map([
        ["order:1001", "invited"],
        ["order:1002", null],
      ]),
    );
    expect(await env.ORDERS.get("order:1001")).toBeNull();
    expect(await env.ORDERS.get("shop:uk:order:1001")).toBe("invited");
  });

  it.each<[transport: string, settings: Record<string, string>]>([
    ["integration-key", {}],
    [
      "invitations-api",
      {
        TRUSTPILOT_API_KEY: "key",
        TRUSTPILOT_API_SECRET: "secret",
        TRUSTPILOT_BUSINESS_UNIT_ID: "unit",
        TRUSTPILOT_BUSINESS_USER_ID: "user",
      },
    ],
    [
      "email",
      {
        TRUSTPILOT_AFS_ADDRESS: "shop@invite.trustpilot.com",
        TRUSTPILOT_AFS_FROM: "orders@shop.example.com",
      },
    ],
  ])(
    "of a shop that is no longer in SHOPS cannot send by %s, whatever the Worker's own may",
    (TRANSPORT, settings) => {
      const worker = withShops({}, { TRANSPORT, ...settings });
      expect(readConfig(worker)).toMatchObject({ ok: true });
      expect(readConfig(envOf(worker, "uk"))).toMatchObject({ ok: false });
    },
  );

  it("of a shop that is no longer in SHOPS have no key, not even the one that is still a secret", () => {
    expect(envOf(withShops({}), "uk").TRUSTPILOT_INTEGRATION_KEY).toBe("");
    expect(envOf(withShops({}), "constructor").TRUSTPILOT_INTEGRATION_KEY).toBe("");
  });
});

describe("an event that names no shop", () => {
  const shopsFor = (event: string) => {
    const result = readShops(withShops({ uk: { ...uk, CANCEL_ON: "Saleor Order Cancelled" } }));
    if (!result.ok) throw new Error("the settings are valid");
    const raw = { type: "track", event, properties: { order_id: "1", email: "jane@example.com" } };
    return routeEvent(raw, result.shops, Date.now()).map(({ shop }) => shop.name);
  };

  it.each([
    ["Order Completed", "the default shop", [null]],
    ["Product Viewed", "the default shop", [null]],
    ["Order Cancelled", "all shops", [null, "uk"]],
    ["Saleor Order Cancelled", "the shop whose setting names it", ["uk"]],
  ])("%s is for %s", (event, _, shops) => expect(shopsFor(event)).toEqual(shops));
});

it("an order that waits in a shop which is no longer in SHOPS is kept, and not sent with another shop's key", async () => {
  const ledger = env.LEDGER.getByName("shop:gone:v1-0");
  const order = { ...PLAIN_ORDER, orderId: "shop-gone-1" };
  await ledger.record([{ kind: "claim", order, skip: null, due: Date.now() }]);
  await runDurableObjectAlarm(ledger);
  expect(await ledger.find("shop-gone-1")).toMatchObject({ state: "held", attempts: 0 });
  expect((await ledger.look("shop-gone-1"))?.pause).toMatchObject({ kind: "misconfigured" });
  expect(await requestsFor("shop-gone-1")).toEqual([]);
});

describe("JURISDICTION", () => {
  /** workerd has no jurisdictions on this machine: what would be asked of the platform is written down. */
  function namespaceThatNotes(asked: string[]): never {
    const named = (where: string) => ({ getByName: (name: string) => asked.push(`${where}${name}`) });
    return { ...named("anywhere "), jurisdiction: (name: string) => named(`${name} `) } as never;
  }

  it.each(["eu", "EU", "fedramp"])("%s is where every object is, of every shop", (JURISDICTION) => {
    const asked: string[] = [];
    const all = namespaceThatNotes(asked);
    const given = withShops(
      { uk },
      { JURISDICTION, LEDGER: all, AUDIENCES: all, ALLOWANCE: all, ALERTS: all },
    );
    for (const own of [envOf(given, null), envOf(given, "uk")]) {
      for (const namespace of [own.LEDGER, own.AUDIENCES, own.ALLOWANCE, own.ALERTS])
        namespace.getByName("v1");
    }
    const where = JURISDICTION.toLowerCase();
    const names = ["v1", "v1", "v1", "v1", "shop:uk:v1", "v1", "shop:uk:v1", "v1"];
    expect(asked).toEqual(names.map((name) => `${where} ${name}`));
  });

  it("is not asked for when it is not set", () => {
    const asked: string[] = [];
    envOf(withShops({ uk }, { LEDGER: namespaceThatNotes(asked) }), "uk").LEDGER.getByName("v1");
    expect(asked).toEqual(["anywhere shop:uk:v1"]);
  });

  it("that does not exist is invalid", () => {
    const [problem] = problemsOf(withShops({}, { JURISDICTION: "mars" }));
    expect(problem?.message).toMatch(/JURISDICTION must be one of eu, fedramp/);
  });
});
