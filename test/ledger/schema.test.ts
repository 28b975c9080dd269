/** A ledger lives for years and meets many versions of this code. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { MIGRATIONS, migrate } from "../../src/ledger/schema.ts";
import { Database } from "../../src/ledger/database.ts";
import { OrderTable } from "../../src/ledger/table.ts";
import { crash, ledgerOf, rowOf, runAlarm, useLedger } from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { PLAIN_ORDER } from "../support/events.ts";

useLedger();

/** Makes the ledger of `orderId` one that `version` of the schema has left behind, with one order in it. */
function makeOlder(orderId: string, version: number): Promise<void> {
  return runInDurableObject(ledgerOf(orderId), (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'")
      .toArray();
    for (const { name } of tables) storage.sql.exec(`DROP TABLE ${name}`);
    storage.kv.delete("schema");
    migrate(storage, MIGRATIONS.slice(0, version));
    storage.sql.exec(
      "INSERT INTO orders (order_id, state, received, updated, due, personal) VALUES (?, 'held', 1, 2, ?, ?)",
      orderId,
      Date.now(),
      JSON.stringify({ ...PLAIN_ORDER, orderId }),
    );
  });
}

const versions = Array.from({ length: MIGRATIONS.length }, (_, index) => index + 1);

describe("a ledger that was written by an older version", () => {
  it.each(versions)("%i is brought up to date at the start and keeps its orders", async (version) => {
    const orderId = `schema-${version}`;
    await makeOlder(orderId, version);
    await crash();
    expect(await rowOf(orderId)).toMatchObject({ state: "held", received: 1, attempts: 0, history: [] });
    expect((await sendEvent(orderCompleted({ order_id: orderId }))).answer.outcome).toBe("duplicate");
    await runAlarm(orderId);
    expect(await rowOf(orderId)).toMatchObject({ state: "invited", personal: null });
    const schema = await runInDurableObject(ledgerOf(orderId), (_, { storage }) => storage.kv.get("schema"));
    expect(schema).toBe(MIGRATIONS.length);
  });

  it("stays as it was when a step fails, and the step runs again at the next start", async () => {
    await sendEvent(orderCompleted({ order_id: "schema-fails" }));
    await runInDurableObject(ledgerOf("schema-fails"), (_, { storage }) => {
      const broken = [...MIGRATIONS, "ALTER TABLE orders ADD COLUMN extra TEXT; SELECT * FROM nothing"];
      expect(() => migrate(storage, broken)).toThrow(/nothing/);
      expect(storage.kv.get("schema")).toBe(MIGRATIONS.length);
      const longer = [...MIGRATIONS, "ALTER TABLE orders ADD COLUMN extra TEXT"];
      migrate(storage, longer);
      expect(storage.kv.get("schema")).toBe(MIGRATIONS.length + 1);
      migrate(storage, longer);
      expect(new OrderTable(new Database(storage)).find("schema-fails")).toMatchObject({ state: "held" });
    });
  });
});

describe("a ledger that was written by a newer version", () => {
  it("is not read by this one, so that Segment tries again", async () => {
    await sendEvent(orderCompleted({ order_id: "schema-newer" }));
    const setVersion = (version: number) =>
      runInDurableObject(ledgerOf("schema-newer"), (_, { storage }) => storage.kv.put("schema", version));
    await setVersion(MIGRATIONS.length + 1);
    await crash();
    const { status } = await sendEvent(orderCompleted({ order_id: "schema-newer" }));
    expect(status).toBe(503);
  });

  it("names the versions in its error, and no data", async () => {
    await runInDurableObject(ledgerOf("schema-message"), (_, { storage }) => {
      storage.kv.put("schema", 99);
      expect(() => migrate(storage)).toThrow(
        `The ledger has schema 99, this version knows ${MIGRATIONS.length}: deploy the newer version again.`,
      );
      storage.kv.put("schema", MIGRATIONS.length);
    });
  });
});

it("every table is guarded, so that a write that fails does not stop its object", async () => {
  const { tables, triggers } = await runInDurableObject(
    ledgerOf("schema-guards"),
    (_, { storage: { sql } }) => {
      const names = (type: string) =>
        sql
          .exec<{ name: string }>(
            "SELECT name FROM sqlite_master WHERE type = ? AND name NOT GLOB '_cf_*'",
            type,
          )
          .toArray()
          .map(({ name }) => name);
      return { tables: names("table"), triggers: names("trigger") };
    },
  );
  const guards = tables.flatMap((table) =>
    ["INSERT", "UPDATE", "DELETE"].map((write) => `${table}_${write}`),
  );
  expect(triggers.toSorted()).toEqual(guards.toSorted());
  expect(tables.length).toBeGreaterThan(7);
});
