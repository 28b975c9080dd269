import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findColumns, readMaps } from "../../scripts/backfill/columns.ts";
import { toOutgoing, type Outgoing } from "../../scripts/backfill/events.ts";
import { recognize, type ExportName } from "../../scripts/backfill/exports.ts";
import { openInput } from "../../scripts/backfill/input.ts";
import { mangled } from "../../scripts/backfill/mangled-id.ts";
import { readOrders } from "../../scripts/backfill/orders.ts";
import { SeenIds } from "../../scripts/backfill/seen-ids.ts";
import { invitedStatuses, leftOut } from "../../scripts/backfill/statuses.ts";
import type { DateOrder } from "../../src/lib/time-reader.ts";

const FIXTURES = join(import.meta.dirname, "fixtures/exports");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orders-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Reading {
  from?: ExportName | null;
  map?: string;
  statuses?: string;
  markOnly?: boolean;
  withoutDates?: boolean;
  dateOrder?: DateOrder;
}

async function readExport(path: string, reading: Reading = {}): Promise<Outgoing[]> {
  const { map, statuses, markOnly = false, withoutDates = false, dateOrder } = reading;
  const input = await openInput(path);
  const from = reading.from === undefined ? recognize(input.columns) : reading.from;
  const columns = findColumns(input, readMaps(map === undefined ? [] : [map]), from, ["order_id"]);
  const invited = invitedStatuses(statuses, from, columns.status !== undefined);
  const options = { event: "Order Completed", markOnly, withoutDates, dateOrder, invited };
  const outgoing: Outgoing[] = [];
  for await (const order of readOrders(input, columns)) outgoing.push(toOutgoing(order, options));
  return outgoing;
}

async function readText(
  content: string | Buffer,
  reading: Reading = {},
  name = "orders.csv",
): Promise<Outgoing[]> {
  const path = join(folder, name);
  await writeFile(path, content);
  return readExport(path, reading);
}

/** A fixture as text, to be changed. */
const textOf = (fixture: string) => readFile(join(FIXTURES, fixture), "utf8");

/** An order in a line: what is sent, or why it is not. */
function show(outgoing: Outgoing): string {
  if (outgoing.kind !== "event") return `${outgoing.orderId}: ${outgoing.kind}: ${outgoing.reason}`;
  const { timestamp, properties } = outgoing.event as {
    timestamp: string;
    properties: Record<string, unknown>;
  };
  const { order_id, email, name, surname, total, currency, products = [] } = properties;
  const names = (products as { name?: string; sku?: string; price?: string }[]).map((product) =>
    [product.name, product.sku, product.price].filter(Boolean).join(" "),
  );
  const who = [name, surname].filter(Boolean).join(" ");
  return `${String(order_id)}: ${who} <${String(email)}> ${String(total)} ${String(currency)} ${timestamp} [${names.join(" + ")}]`;
}

describe("a shop's own export", () => {
  const TEE = "Crew Tee - L TEE-L 9.99";
  const MUG = 'Mug, 5" wide MUG-1 10.00';

  it.each<[string, ExportName, string[]]>([
    [
      "shopify.csv",
      "shopify",
      [
        `#1001: Ann Example <ann@example.com> 34.98 EUR 2026-11-23T07:58:12.000Z [${TEE} + ${MUG}]`,
        '#1002: left out: status "refunded"',
        `#1003: Eve Example <eve@example.com> 24.98 EUR 2026-11-22T06:00:00.000Z [${TEE}]`,
        '#1004: left out: status "pending"',
        '#1005: left out: status "voided"',
        "#1006: left out: cancelled",
      ],
    ],
    [
      "woocommerce-advanced.csv",
      "woocommerce",
      [
        `2001: Ann Example <ann@example.com> 29.98 undefined 2026-11-24T10:23:00.000Z [${TEE} + ${MUG}]`,
        `2002: Bob Example <bob@example.com> 10 undefined 2026-11-24T09:10:00.000Z [${MUG}]`,
        '2003: left out: status "Refunded"',
        '2004: left out: status "On hold"',
        '2005: left out: status "Cancelled"',
        '2006: left out: status "Pending payment"',
      ],
    ],
    [
      "woocommerce-advanced-sparse.csv",
      "woocommerce",
      [
        `2001: Ann Example <ann@example.com> 29.98 undefined 2026-11-24T10:23:00.000Z [${TEE} + ${MUG}]`,
        `2002: Bob Example <bob@example.com> 10 undefined 2026-11-24T09:10:00.000Z [${MUG}]`,
        '2003: left out: status "Refunded"',
        '2004: left out: status "On hold"',
        '2005: left out: status "Cancelled"',
        '2006: left out: status "Pending payment"',
      ],
    ],
    [
      "woocommerce-customer-order.csv",
      "woocommerce",
      [
        'WC-3001: Ann Example <ann@example.com> 29.98 EUR 2026-11-24T10:23:45.000Z [Crew Tee; size: L TEE-L + Mug, 5" wide MUG-1]',
        "3102: Bob Example <bob@example.com> 10.00 EUR 2026-11-24T09:10:00.000Z [Old Mug]",
        '3103: left out: status "refunded"',
        '3104: left out: status "failed"',
      ],
    ],
    [
      "woocommerce-customer-order-items.csv",
      "woocommerce",
      [
        '3201: Ann Example <ann@example.com> 29.98 EUR 2026-11-24T10:23:45.000Z [Crew Tee; size: L TEE-L 19.98 + Mug, 5" wide MUG-1 10.00]',
        '3202: left out: status "on-hold"',
      ],
    ],
    [
      "woocommerce-customer-order-import.csv",
      "woocommerce",
      ['3301: Ann Example <ann@example.com> 10.00 EUR 2026-11-24T10:23:45.000Z [Mug, 5" wide MUG-1]'],
    ],
    [
      "magento.csv",
      "magento",
      [
        "000000101: Ann Example <ann@example.com> 34.9800 undefined 2026-11-24T20:00:00.000Z []",
        "000000102: Bob Example <bob@example.com> 15.0000 undefined 2026-11-24T09:05:00.000Z []",
        '000000103: left out: status "Closed"',
        '000000104: left out: status "Canceled"',
        '000000105: left out: status "Pending Payment"',
        '000000106: left out: status "On Hold"',
      ],
    ],
  ])("%s is recognised and read", async (file, shop, expected) => {
    const path = join(FIXTURES, file);
    expect(recognize((await openInput(path)).columns)).toBe(shop);
    expect((await readExport(path)).map(show)).toEqual(expected);
  });
});

describe("the rows of an order", () => {
  const HEADER = "order_id,email,timestamp,product_name,product_price\n";
  const row = (id: string, product: string, email = `${id}@example.com`) =>
    `${id},${email},2026-11-24,${product},1\n`;

  it("become one order with its products when they are adjacent", async () => {
    const read = await readText(HEADER + row("1", "Tee") + row("1", "Mug") + row("2", "Pen"));
    expect(read.map(show)).toEqual([
      "1:  <1@example.com> undefined undefined 2026-11-24T00:00:00.000Z [Tee 1 + Mug 1]",
      "2:  <2@example.com> undefined undefined 2026-11-24T00:00:00.000Z [Pen 1]",
    ]);
    expect(read.map(({ line, rows }) => [line, rows])).toEqual([
      [2, 2],
      [4, 1],
    ]);
  });

  it("stay apart when other orders stand between them: to the Worker the later ones are a duplicate", async () => {
    const read = await readText(HEADER + row("1", "Tee") + row("2", "Pen") + row("1", "Mug"));
    expect(read.map(({ orderId, kind }) => `${orderId} ${kind}`)).toEqual(["1 event", "2 event", "1 event"]);
  });

  it("are rejected when they hold a product alone and do not follow their order", async () => {
    const [header, order, product, another] = (await textOf("shopify.csv")).split("\n");
    const read = await readText(`${[header, product, another, order].join("\n")}\n`, { withoutDates: true });
    expect(read.map(show)[0]).toContain("#1001: rejected: The row has a product and nothing of its order");
  });

  it("give each field from the first row that has it", async () => {
    const read = await readText(`${HEADER}1,,2026-11-24,Tee,1\n1,1@example.com,2026-11-25,Mug,1\n`);
    expect(read.map(show)).toEqual([
      "1:  <1@example.com> undefined undefined 2026-11-24T00:00:00.000Z [Tee 1 + Mug 1]",
    ]);
  });

  it("keep no more products than an invitation can hold", async () => {
    const [order] = await readText(HEADER + row("1", "Tee").repeat(150));
    const event = (order as { event: { properties: { products: unknown[] } } }).event;
    expect(event.properties.products).toHaveLength(100);
    expect(order!.rows).toBe(150);
  });

  it("are no order when their ids are placeholders", async () => {
    const read = await readText(
      HEADER + row("null", "Tee", "a@example.com") + row("null", "Mug", "b@example.com"),
    );
    expect(read).toHaveLength(2);
  });
});

describe("columns", () => {
  it("that hold the order id do not also hold the name", async () => {
    const [order] = await readText("Name,Email,Created at\n#1001,ann@example.com,2026-11-24\n", {
      map: "order_id=Name,timestamp=Created at",
    });
    expect(show(order!)).toBe("#1001:  <ann@example.com> undefined undefined 2026-11-24T00:00:00.000Z []");
  });

  it.each([
    ["a separator line", "sep=;\norder_id;email;timestamp\n1;a@example.com;2026-11-24\n"],
    ["a byte order mark", "\uFEFForder_id,email,timestamp\n1,a@example.com,2026-11-24\n"],
    [
      "both, as Excel on Windows writes them",
      '\uFEFF"sep=;"\r\norder_id;email;timestamp\r\n1;a@example.com;2026-11-24\r\n',
    ],
    [
      "a separator line that names a tab",
      "sep=\t\norder_id\temail\ttimestamp\n1\ta@example.com\t2026-11-24\n",
    ],
    [
      "a separator that stands in names too",
      "sep=|\norder_id|email|timestamp,b\n1|a@example.com|2026-11-24\n",
      "timestamp=timestamp\\,b",
    ],
  ])("are found below %s", async (_what, content, map?: string) => {
    const read = await readText(content, map === undefined ? {} : { map });
    expect(read.map(({ line }) => line)).toEqual([content.includes("sep=") ? 3 : 2]);
    expect(show(read[0]!)).toMatch(/^1: {2}<a@example\.com>/);
  });

  it.each([
    [
      "of two shops at once",
      ["Name,Email,Financial Status,Created at,Lineitem name", "ID,Purchase Date,Bill-to Name,Status"].join(),
    ],
    ["of no shop", "order_id,email,timestamp,status"],
    ["of half a shop", "Name,Email,Created at"],
  ])("%s are not taken for a shop's export", (_what, header) => {
    expect(recognize(header.split(","))).toBe(null);
  });
});

describe("statuses", () => {
  const FILE =
    "order_id,email,timestamp,State\n1,a@example.com,2026-11-24,Abgeschlossen\n2,b@example.com,2026-11-24,Storniert\n3,c@example.com,2026-11-24,\n";

  it("of the shop's own language are invited when they are named", async () => {
    const read = await readText(FILE, { map: "status=State", statuses: "Abgeschlossen, In Bearbeitung" });
    expect(read.map(({ kind }) => kind)).toEqual(["event", "left out", "left out"]);
    expect(read.slice(1).map((order) => "reason" in order && order.reason)).toEqual([
      'status "Storniert"',
      "without a status",
    ]);
  });

  it("mean nothing without a shop's export or a list", async () => {
    expect((await readText(FILE)).map(({ kind }) => kind)).toEqual(["event", "event", "event"]);
  });

  it.each([
    ["partially_refunded", "shopify", null],
    ["Partially refunded", "shopify", null],
    ["wc-completed", "woocommerce", null],
    ["Processing", "woocommerce", null],
    ["Complete", "magento", null],
    ["partially_paid", "shopify", 'status "partially_paid"'],
    ["authorized", "shopify", 'status "authorized"'],
    ["checkout-draft", "woocommerce", 'status "checkout-draft"'],
    ["closed", "magento", 'status "closed"'],
    ["fraud", "magento", 'status "fraud"'],
  ] as const)("%s of %s: %s", (status, from, expected) => {
    expect(leftOut({ status }, invitedStatuses(undefined, from, true))).toBe(expected);
  });

  it("leave nothing out when orders are only marked as already invited", async () => {
    const read = await readText(await textOf("shopify.csv"), { markOnly: true });
    expect(read.map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => "event"));
    expect(JSON.stringify(read)).not.toMatch(/example\.com|Example|Tee/);
  });
});

describe("an order id that a spreadsheet has changed", () => {
  it.each([
    "1001.0",
    "1001.00",
    "1001,0",
    "4.50123E+12",
    "4,50123E+12",
    "4,5E+12",
    "4E+12",
    "4.5e+12",
    "4.5E-05",
    '="000123"',
    "=1001",
    "'000123",
    "’000123",
    "##",
    "########",
    "1,001",
    "1,234,567",
    "1’001",
    "12-Jan",
    "Jan-26",
  ])("%s is rejected, and shown", async (id) => {
    const cell = id.startsWith("=") ? id : JSON.stringify(id);
    const [order] = await readText(`order_id,email,timestamp\n${cell},a@example.com,2026-11-24\n`);
    expect(show(order!)).toContain(`: rejected: The row has the order id ${id}, which is`);
  });

  it.each([
    "1001",
    "000123",
    "#1001",
    "#DE1001",
    "A-1.5",
    "1001.5",
    "1E5",
    "4E12",
    "12E4",
    "2026.001",
    "1001-R1",
    "SO'12",
    "4-7-1",
    "MAR-ORDER",
    "1,5",
    "-",
  ])("%s is an order id", (id) => {
    expect(mangled(id)).toBe(null);
  });

  it("counts each row, and a formula in another column does no harm", async () => {
    const read = await readText(
      'order_id,email,timestamp,phone\n1.0,a@example.com,2026-11-24,\n1.0,b@example.com,2026-11-24,\n2,c@example.com,2026-11-24,="0123"\n',
    );
    expect(read.map(({ kind }) => kind)).toEqual(["rejected", "rejected", "event"]);
  });

  it("is kept when it is Segment's own event", async () => {
    const event = {
      type: "track",
      event: "Order Completed",
      timestamp: "2026-11-24",
      properties: { order_id: "1001.0" },
    };
    const read = await readText(`${JSON.stringify(event)}\n`, {}, "orders.ndjson");
    expect(read.map(({ kind }) => kind)).toEqual(["event"]);
  });
});

describe("a time", () => {
  it.each<[string, DateOrder | undefined, string]>([
    ["2026-11-24 10:23", undefined, "2026-11-24T10:23:00.000Z"],
    ["24.11.2026 10:23", undefined, "2026-11-24T10:23:00.000Z"],
    ["03.04.2026", undefined, "2026-04-03T00:00:00.000Z"],
    ["03/04/2026", undefined, 'has the timestamp "03/04/2026", which may be two days'],
    ["03/04/2026", "dmy", "2026-04-03T00:00:00.000Z"],
    ["03/04/2026", "mdy", "2026-03-04T00:00:00.000Z"],
    ["1761005012", undefined, "2025-10-21T00:03:32.000Z"],
    ["0000-00-00 00:00:00", undefined, 'has the timestamp "0000-00-00 00:00:00", which is before 2000'],
    ["1970-01-01 00:00:00", undefined, 'has the timestamp "1970-01-01 00:00:00", which is before 2000'],
    ["yesterday", undefined, 'has the timestamp "yesterday", which is not a date'],
    ["\\N", undefined, "has no timestamp"],
    ["", undefined, "has no timestamp"],
  ])("%s (%s): %s", async (time, dateOrder, expected) => {
    const [order] = await readText(`order_id,email,timestamp\n1,a@example.com,"${time}"\n`, {
      ...(dateOrder && { dateOrder }),
    });
    expect(show(order!)).toContain(expected);
  });

  it.each([
    [{ timestamp: "1761005012" }, "event"],
    [{ timestamp: "1970-01-01T00:00:00Z", originalTimestamp: "2026-11-24T10:00:00Z" }, "event"],
    [{ timestamp: "soon", sentAt: "2026-11-24T10:00:00Z" }, "event"],
    [{ timestamp: "1970-01-01T00:00:00Z" }, "rejected"],
    [{}, "rejected"],
  ])("of an event from Segment is looked for where the Worker looks: %j", async (times, kind) => {
    const event = { type: "track", event: "Order Completed", ...times, properties: { order_id: "1" } };
    const [order] = await readText(`${JSON.stringify(event)}\n`, {}, "orders.ndjson");
    expect(order!.kind).toBe(kind);
  });
});

it("a hundred thousand ids are counted once each", () => {
  const seen = new SeenIds();
  for (let round = 0; round < 2; round++) for (let id = 0; id < 100_000; id++) seen.add(`order-${id}`);
  expect(seen.size).toBe(100_000);
});
