import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { waitAfter } from "../../scripts/backfill/deliver.ts";
import { startProxy, type Proxy } from "./support/proxy.ts";
import { runScript, runWith, startWith } from "./support/script.ts";
import { order, SECRET, standIn, TestWorker } from "./support/worker.ts";

const KEY = "backfillTestsKey";
const TODAY = new Date().toISOString();
const HEADER = "order_id,email,name,surname,total,currency,timestamp\n";

let worker: TestWorker;
let proxy: Proxy;
let folder: string;
beforeAll(async () => {
  worker = await TestWorker.start(KEY);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "backfill-"));
  proxy = await startProxy(worker.origin);
});
afterEach(async () => {
  proxy.close();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => worker.remove());

async function put(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** `count` orders of today, with ids that begin with `prefix`. */
function rows(prefix: string, count: number, from = 1): string {
  const row = (n: number) => `${prefix}-${n},customer${n}@example.com,Jane,Doe,${n}.50,EUR,${TODAY}\n`;
  return Array.from({ length: count }, (_, index) => row(from + index)).join("");
}

const ENV = { SEGMENT_SHARED_SECRET: SECRET };
const backfill = (path: string, ...options: string[]) =>
  runWith(ENV, "backfill", path, "--url", proxy.origin, ...options);
const receivedIds = async (prefix: string) =>
  (await standIn.requests(KEY))
    .map(({ body }) => String(body["referenceId"]))
    .filter((id) => id.startsWith(prefix));

describe("a CSV", () => {
  it("as Excel writes it (BOM, semicolons, CRLF, quotes, line breaks) becomes invitations", async () => {
    const path = await put(
      "orders.csv",
      "\uFEFFOrder Number;E-Mail;First;Last;Sum;Currency;Ordered\r\n" +
        `excel-1;jane@example.com;Jane;"Doe; the ""elder""";12.50;EUR;${TODAY}\r\n` +
        `excel-2;john@example.com;"John\r\nPaul";Smith;20;EUR;${TODAY}\r\n\r\n`,
    );
    const map = "order_id=Order Number,email=E-Mail,name=First,surname=Last,total=Sum,timestamp=Ordered";
    const { code, output } = await backfill(path, "--map", map);
    expect(output).toMatch(/ 2 {2}accepted/);
    expect(code).toBe(0);
    await expect.poll(() => receivedIds("excel")).toHaveLength(2);
    const bodies = (await standIn.requests(KEY)).map(({ body }) => body);
    expect(bodies.find(({ referenceId }) => referenceId === "excel-1")).toMatchObject({
      recipientEmail: "jane@example.com",
      recipientName: 'Jane Doe; the "elder"',
      totalCost: 12.5,
      currency: "EUR",
    });
  });

  it("gives back each row that cannot be taken, with its line and the reason, and takes the others", async () => {
    const path = await put(
      "orders.csv",
      Buffer.concat([
        Buffer.from(HEADER + rows("mixed", 1)),
        Buffer.from(`,stranger@example.com,,,,,${TODAY}\n`),
        Buffer.from(`mixed-4,,,,,,${TODAY}\n`),
        Buffer.from('mixed-5,a@example.com,"two\nlines",,,,31.02.2026\n'),
        Buffer.from("mixed-7,a@example.com,,,,,\n"),
        Buffer.from("mixed-8,a@example.com\n"),
        Buffer.from(`mixed-9,a@example.com,J\xf6rg,,,,${TODAY}\n`, "latin1"),
        Buffer.from(rows("mixed", 1, 10)),
      ]),
    );
    const { code, output } = await backfill(path);
    expect(output).toMatch(/ 2 {2}accepted/);
    expect(output).toMatch(/ 6 {2}rejected/);
    expect(code).toBe(1);
    const rejects = (await readFile(`${path}.rejects.csv`, "utf8")).trim().split("\n");
    expect(rejects[0]).toBe('"line","order_id","reason"');
    expect(rejects.slice(1)).toEqual([
      expect.stringMatching(/^"3","","Order Completed without an order_id/),
      expect.stringMatching(/^"4","mixed-4","Order Completed without an email/),
      expect.stringMatching(
        /^"5","mixed-5","The row has the timestamp ""31\.02\.2026"", which is not a date/,
      ),
      expect.stringMatching(/^"7","mixed-7","The row has no timestamp/),
      expect.stringMatching(/^"8","","The row has 2 fields, the header has 7/),
      expect.stringMatching(/^"9","","The row is not UTF-8/),
    ]);
    expect(rejects.join()).not.toContain("example.com");
  });

  it.each([
    ["is empty", "", "is empty."],
    ["is UTF-16", Buffer.from("\uFEFForder_id,email\n", "utf16le"), "is UTF-16. Save it as UTF-8"],
    ["is a workbook", Buffer.from("504b030414000600", "hex"), "is a workbook or an archive."],
    ["is compressed", Buffer.from("1f8b0800", "hex"), "is compressed."],
    [
      "has no order id",
      "id,email,timestamp\n",
      "has no column for order_id. Its columns are: id, email, timestamp.",
    ],
    ["has no e-mail", "order_id,timestamp\n", "has no column for email."],
    ["has no time", "order_id,email\n", "has no column for timestamp (without it every order counts as new"],
    ["has a column twice", "order_id,email,email,timestamp\n", 'has 2 columns "email".'],
    [
      "never closes a quote",
      `${HEADER}${rows("quote", 2)}"quote-3,a@b.c\nrest\n`,
      "line 4 opens a quote that is never closed.",
    ],
    [
      "has a quote in a field",
      `${HEADER}${rows("inch", 1)}inch-2,a@b.c,5" pipe,,,,\n`,
      "line 3 has a quote inside a field.",
    ],
    [
      "has a row without an end",
      `${HEADER}"${"x".repeat(2 * 1024 * 1024)}`,
      "line 2 begins a row of more than 1 MB",
    ],
  ])("that %s is named with its line, and nothing is sent", async (_what, content, message) => {
    const path = await put("orders.csv", content);
    const { code, output } = await backfill(path);
    expect(output).toContain(message);
    expect(output).not.toMatch(/^ +at /m);
    expect(code).toBe(1);
    expect(proxy.received).toEqual([]);
  });

  it("whose columns are named wrongly is told which there are", async () => {
    const path = await put("orders.csv", HEADER + rows("map", 1));
    const { code, output } = await backfill(path, "--map", "order_id=Number");
    expect(output).toContain('has no column "Number". Its columns are: order_id, email, name');
    expect(code).toBe(1);
  });
});

describe("a shop's export", () => {
  const ROWS =
    "Name,Email,Financial Status,Created at,Currency,Total,Lineitem name,Billing Name,Cancelled at\n" +
    `#shop-1,ann@example.com,paid,${TODAY},EUR,34.98,Tee,Ann Example,\n#shop-1,,,,,,Mug,,\n` +
    `#shop-2,bob@example.com,refunded,${TODAY},EUR,15.00,Mug,Bob Example,\n` +
    `#shop-3,eve@example.com,paid,${TODAY},EUR,15.00,Mug,Eve Example,${TODAY}\n`;

  it("becomes one invitation an order, and leaves out what was cancelled or refunded without being an error", async () => {
    const path = await put("orders.csv", ROWS);
    const { code, output } = await backfill(path);
    expect(output).toMatch(/ 1 {2}accepted/);
    expect(output).toMatch(/ 1 {2}left out {2}status "refunded"/);
    expect(output).toMatch(/ 1 {2}left out {2}cancelled/);
    expect(code).toBe(0);
    await expect.poll(() => receivedIds("shop-")).toEqual(["shop-1"]);
    const [invitation] = (await standIn.requests(KEY)).filter(({ body }) => body["referenceId"] === "shop-1");
    expect(invitation!.body).toMatchObject({
      recipientName: "Ann Example",
      totalCost: 34.98,
      products: [{ name: "Tee" }, { name: "Mug" }],
    });
  });

  it("needs its status, or cancelled orders would be invited", async () => {
    const path = await put("orders.csv", ROWS.replaceAll("Financial Status", "Money"));
    const { code, output } = await backfill(path, "--from", "shopify");
    expect(output).toContain("has no column for status (without it cancelled orders would be invited).");
    expect(code).toBe(1);
    expect(proxy.received).toEqual([]);
  });
});

describe("NDJSON", () => {
  it("may hold plain objects and events of Segment's, side by side", async () => {
    const lines = [
      { order_id: "nd-1", email: "a@example.com", timestamp: TODAY },
      {
        type: "track",
        event: "Order Completed",
        timestamp: TODAY,
        properties: { order_id: "nd-2", email: "b@example.com" },
      },
      { order_id: 3003, email: "c@example.com", timestamp: Date.now() },
    ].map((line) => JSON.stringify(line));
    const path = await put(
      "orders.ndjson",
      [...lines.slice(0, 2), "", "{broken", "[1]", lines[2], ""].join("\n"),
    );
    const { code, output } = await backfill(path);
    expect(output).toMatch(/ 3 {2}accepted/);
    expect(code).toBe(1);
    expect(await readFile(`${path}.rejects.csv`, "utf8")).toBe(
      '"line","order_id","reason"\n"4","","The row is not JSON."\n"5","","The row is not a JSON object."\n',
    );
  });
});

describe("--dry-run", () => {
  it("says how many would be invited, skipped and rejected, and why, and sends nothing", async () => {
    const old = rows("dry", 3, 100).replaceAll(TODAY, "2019-01-01");
    const path = await put("orders.csv", HEADER + rows("dry", 5) + old + `,x@example.com,,,,,${TODAY}\n`);
    const { code, output } = await runScript("backfill", path, "--dry-run");
    expect(output).toMatch(/ 5 {2}invited/);
    expect(output).toMatch(/ 3 {2}skipped {2}The order is older than 30 days \(MAX_ORDER_AGE_DAYS\)\./);
    expect(output).toMatch(/ 1 {2}rejected {2}Order Completed without an order_id.*\(first: line 10\)/);
    expect(code).toBe(1);
    expect(existsSync(`${path}.backfill.json`)).toBe(false);
  });

  it("counts each order once, and says when its rows are not together", async () => {
    const path = await put("orders.csv", HEADER + rows("twice", 3) + rows("twice", 2));
    const { code, output } = await runScript("backfill", path, "--dry-run");
    expect(output).toMatch(/ 3 {2}invited/);
    expect(output).toMatch(/ 2 {2}repeated {2}rows of orders that stand further up/);
    expect(code).toBe(0);
  });

  it("says what to do when the shop writes its statuses in another language", async () => {
    const path = await put(
      "orders.csv",
      `ID,Purchase Date,Bill-to Name,Customer Email,Status\n1,${TODAY},Ann,a@example.com,Abgeschlossen\n`,
    );
    const { code, output } = await runScript("backfill", path, "--dry-run");
    expect(output).toMatch(
      / 1 {2}left out {2}status "Abgeschlossen"\n\nEvery order is left out\. .*--statuses/,
    );
    expect(code).toBe(0);
  });

  it("goes by the settings that it is given", async () => {
    const config = await put(
      "wrangler.toml",
      'name = "x"\nmain = "index.ts"\n[vars]\nINVITE_ON = "Order Shipped"\nMAX_ORDER_AGE_DAYS = "10000"\n',
    );
    const path = await put("orders.csv", HEADER + rows("dry", 2).replaceAll(TODAY, "2019-01-01"));
    const other = await runScript("backfill", path, "--dry-run", "--config", config);
    expect(other.output).toMatch(/ 2 {2}ignored {2}Only Order Shipped starts an invitation\./);
    const { output } = await runScript(
      "backfill",
      path,
      "--dry-run",
      "--config",
      config,
      "--event",
      "Order Shipped",
    );
    expect(output).toMatch(/ 2 {2}invited/);
  });
});

describe("--dry-run by the settings of", () => {
  const API =
    'TRANSPORT = "invitations-api"\nTRUSTPILOT_BUSINESS_UNIT_ID = "507f191e810c19729de860ea"\nTRUSTPILOT_BUSINESS_USER_ID = "507f191e810c19729de860eb"\n';
  const UK = '[vars.SHOPS.uk]\ncurrency = "GBP"\nINVITE_ON = "Order Shipped"\n';
  it.each([
    ["the Invitations API", API, / 2 {2}invited/],
    ["a Worker that Segment reaches with the key", 'AUTHENTICATE_BY = "integration-key"\n', / 2 {2}invited/],
    ["a shop of its own for these orders", UK.replace("GBP", "EUR"), / 2 {2}ignored {2}Only Order Shipped/],
    ["a shop for other orders", UK, / 2 {2}invited/],
  ])("%s needs none of its secrets", async (_what, vars, expected) => {
    const config = await put("wrangler.toml", `name = "x"\nmain = "index.ts"\n[vars]\n${vars}`);
    const path = await put("orders.csv", HEADER + rows("dry", 2));
    const { code, output } = await runScript("backfill", path, "--dry-run", "--config", config);
    expect(output).toMatch(expected);
    expect(code).toBe(0);
  });
});

describe("--mark-only", () => {
  it("records the orders as invited before, and only their ids leave this machine", async () => {
    const path = await put("orders.csv", HEADER + rows("mark", 3));
    const { code, output } = await backfill(path, "--mark-only");
    expect(output).toMatch(/ 3 {2}skipped {2}The order was invited before, by another integration\./);
    expect(code).toBe(0);
    expect(worker.stored().filter(({ orderId }) => orderId.startsWith("mark-"))).toEqual(
      Array.from({ length: 3 }, () =>
        expect.objectContaining({ state: "skipped", reason: "already_invited" }),
      ),
    );
    expect(proxy.received.join()).not.toMatch(/example\.com|Jane/);
  });

  it("with the reference numbers of Trustpilot's own list protects orders that Segment sends with a #", async () => {
    const list =
      "Reference number;Status;Created\nlisted-1;Delivered;2026-11-20\nlisted-2;Delivered;2026-11-20\n";
    const path = await put("invitations.csv", list);
    const { output } = await backfill(path, "--mark-only", "--map", "order_id=Reference number");
    expect(output).toMatch(/ 2 {2}skipped/);
    for (const orderId of ["#listed-1", " #listed-2 "]) {
      expect((await worker.send(order(orderId))).answer).toMatchObject({ outcome: "duplicate" });
    }
    expect((await worker.send(order("#listed-3"))).answer).toMatchObject({ outcome: "accepted" });
    expect(await receivedIds("listed-1")).toEqual([]);
  });

  it("needs nothing but a column of order ids", async () => {
    const path = await put("orders.csv", "order_id\nmark-only-1\nmark-only-2\n");
    const { code, output } = await backfill(path, "--mark-only");
    expect(output).toMatch(/ 2 {2}skipped/);
    expect(code).toBe(0);
  });
});

describe("a Worker that has no time", () => {
  it("gets the orders again after 429, 503 and a broken connection, and loses none", async () => {
    const path = await put("orders.csv", HEADER + rows("busy", 40));
    proxy.faults = [{ status: 429, headers: { "Retry-After": "0" } }, { status: 503 }, "drop"];
    const { code, output } = await backfill(path, "--batch", "10", "--in-flight", "2");
    expect(output).toMatch(/ 40 {2}accepted/);
    expect(code).toBe(0);
    expect(proxy.received).toHaveLength(4 + 3);
  });

  it.each([
    [1, null, 0, 500],
    [1, null, 1, 1000],
    [4, null, 1, 8000],
    [30, null, 1, 60_000],
    [1, 30_000, 0, 30_000],
    [1, 86_400_000, 0, 600_000],
  ])(
    "is left alone before attempt %i + 1, when it asked for %s ms, by chance %d",
    (attempt, asked, random, wait) => {
      expect(waitAfter(attempt, asked, random)).toBe(wait);
    },
  );
});

describe("what cannot work is said at once", () => {
  it("a wrong secret", async () => {
    const path = await put("orders.csv", HEADER + rows("secret", 3));
    const { code, output } = await runWith(
      { SEGMENT_SHARED_SECRET: "wrong" },
      "backfill",
      path,
      "--url",
      proxy.origin,
    );
    expect(output).toContain("401 Not authenticated: X-Signature does not match.");
    expect(code).toBe(1);
  });

  it("no address", async () => {
    const path = await put("orders.csv", HEADER + rows("address", 1));
    const { code, output } = await runScript("backfill", path);
    expect(output).toContain("Name the deployment: --url https://");
    expect(code).toBe(1);
  });

  it("an address where something else answers", async () => {
    const path = await put("orders.csv", HEADER + rows("other", 1));
    const { code, output } = await runWith(ENV, "backfill", path, "--url", standIn.origin);
    expect(output).toContain("is not this Worker: /health answers 404");
    expect(code).toBe(1);
  });

  it("a deployment that is not set up", async () => {
    const misconfigured = await TestWorker.start(" ");
    const path = await put("orders.csv", HEADER + rows("setup", 1));
    const { code, output } = await runWith(ENV, "backfill", path, "--url", misconfigured.origin);
    await misconfigured.remove();
    expect(output).toContain("The deployment is not set up. What is missing: npm run doctor.");
    expect(code).toBe(1);
  });
});

describe("stopped and started again", () => {
  it("four hundred orders, killed four times, are each invited once", async () => {
    const path = await put("orders.csv", HEADER + rows("killed", 400));
    const options = [path, "--url", proxy.origin, "--batch", "8", "--in-flight", "3"];
    for (const batches of [2, 9, 21, 33]) {
      const script = startWith(ENV, "backfill", options);
      const before = proxy.received.length;
      proxy.onTaken = (number) => {
        if (number - before >= batches / 2) script.process.kill("SIGKILL");
      };
      await script.ended;
    }
    proxy.onTaken = () => {};
    const { code, output } = await runWith(ENV, "backfill", ...options);
    expect(output).toContain("Resuming after row");
    expect(code).toBe(0);

    const ids = () => receivedIds("killed");
    await expect.poll(async () => new Set(await ids()).size, { timeout: 60_000 }).toBe(400);
    expect(await ids()).toHaveLength(400);
    const { progress } = JSON.parse(await readFile(`${path}.backfill.json`, "utf8")) as {
      progress: { rows: number; totals: { accepted: number; duplicate: number } };
    };
    expect(progress.rows).toBe(400);
    expect(progress.totals.accepted + progress.totals.duplicate).toBe(400);
  }, 120_000);

  it("with Ctrl-C it finishes what is under way, says where it stands, and goes on from there", async () => {
    const path = await put(
      "orders.csv",
      `${HEADER}ctrl-c-broken,x
${rows("ctrl-c", 400)}`,
    );
    const options = [path, "--url", proxy.origin, "--batch", "20", "--in-flight", "2"];
    const script = startWith(ENV, "backfill", options);
    proxy.onTaken = (number) => number === 5 && script.process.kill("SIGINT");
    expect(await script.ended).toBe(130);
    const stoppedAt = Number(/Stopped after row (\d+)\./.exec(script.output())?.[1]);
    expect(stoppedAt).toBeGreaterThanOrEqual(80);
    expect(stoppedAt).toBeLessThan(401);

    // As a crash leaves it that comes after a reject was written down, and before the journal.
    await appendFile(`${path}.rejects.csv`, "999,ctrl-c-999,unaccounted for\n");

    const sentBefore = proxy.received.length;
    proxy.onTaken = () => {};
    const { output } = await runWith(ENV, "backfill", ...options);
    expect(output).toContain(`Resuming after row ${stoppedAt}.`);
    expect(output).toMatch(/ 400 {2}accepted/);
    expect(proxy.received.length).toBe(sentBefore + Math.ceil((401 - stoppedAt) / 20));
    expect(await readFile(`${path}.rejects.csv`, "utf8")).toBe(
      '"line","order_id","reason"\n"2","","The row has 2 fields, the header has 7."\n',
    );
  });

  it("sends nothing a second time when all is done", async () => {
    const path = await put("orders.csv", HEADER + rows("done", 5));
    await backfill(path);
    const sent = proxy.received.length;
    const { code, output } = await backfill(path);
    expect(output).toContain("All 5 rows were sent before");
    expect(code).toBe(0);
    expect(proxy.received).toHaveLength(sent);
  });

  it("remembers its options, and forgets all with --restart", async () => {
    const path = await put("orders.csv", (HEADER + rows("again", 3)).replace("order_id", "Number"));
    await backfill(path, "--map", "order_id=Number");
    const { output } = await backfill(path);
    expect(output).toContain("All 3 rows were sent before");
    const restarted = await backfill(path, "--map", "order_id=Number", "--restart");
    expect(restarted.output).toMatch(/ 3 {2}duplicate/);
  });

  it.each([
    ["the file has changed", { content: HEADER + rows("changed", 6) }, "of a file with other content"],
    ["it is another deployment", { url: true }, "to http"],
    ["it is only to be marked now", { options: ["--mark-only"] }, "without --mark-only"],
    ["the columns are others", { options: ["--map", "order_id=email"] }, "without --map"],
  ])("does not go on when %s", async (_what, { content, url, options = [] }: Change, message) => {
    const path = await put("orders.csv", HEADER + rows("changed", 5));
    await backfill(path);
    if (content !== undefined) await writeFile(path, content);
    const address = url === true ? worker.origin : proxy.origin;
    const { code, output } = await runWith(ENV, "backfill", path, "--url", address, ...options);
    expect(output).toContain(`belongs to a backfill ${message}`);
    expect(output).toContain("--restart begins again");
    expect(code).toBe(1);
  });

  interface Change {
    content?: string;
    url?: boolean;
    options?: string[];
  }
});
