import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readInvitationList } from "../../scripts/reconcile/invitation-list.ts";
import type { OrderHere, UnknownOrder } from "../../scripts/reconcile/orders-here.ts";
import { referenceKey } from "../../scripts/reconcile/reference-key.ts";
import { judge } from "../../scripts/reconcile/verdict.ts";
import { startProxy } from "./support/proxy.ts";
import { runWith } from "./support/script.ts";
import { order, SECRET, standIn, TestWorker } from "./support/worker.ts";

const DAY = 24 * 60 * 60 * 1000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reconcile-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(content: string): Promise<string> {
  const path = join(folder, "invitations.csv");
  await writeFile(path, content);
  return path;
}

const readList = async (content: string, maps: string[] = []) =>
  readInvitationList(await put(content), { maps });

describe("Trustpilot's list", () => {
  const EXPECTED = [{ reference: "1001", status: "Delivered" }];

  it.each([
    [
      "English",
      "Customer email,Status,Created,Sent,Type,Reference number\na@example.com,Delivered,2026-11-20 10:00,,Service,1001\n",
    ],
    [
      "English, semicolons, another order",
      "Reference Number;Created;Status\n1001;20/11/2026 10:00;Delivered\n",
    ],
    [
      "German",
      "E-Mail des Kunden;Status;Erstellt;Gesendet;Typ;Referenznummer\na@example.com;Delivered;20.11.2026 10:00;;;1001\n",
    ],
    ["French", "Statut,Créée le,Numéro de référence\nDelivered,2026-11-20T10:00:00Z,1001\n"],
    [
      "Swedish",
      "Kundens e-mail,Status,Upprättad,Skickad,Typ,Referensnummer\na@example.com,Delivered,2026-11-20 10:00,,,1001\n",
    ],
    ["Italian", "Stato,Creato il,Numero di riferimento\nDelivered,2026-11-20 10:00,1001\n"],
    ["Danish, byte order mark", "\uFEFFReferencenummer,Oprettet,Status\n1001,2026-11-20 10:00,Delivered\n"],
  ])("is read in %s", async (_language, content) => {
    const list = await readList(content);
    expect([...list.invitations.values()]).toEqual(EXPECTED);
    expect(new Date(list.first).toISOString()).toBe("2026-11-20T10:00:00.000Z");
  });

  it("is read by --map when its columns have other names", async () => {
    const list = await readList("No,When,What\n1001,2026-11-20,Delivered\n", [
      "reference=No,created=When,status=What",
    ]);
    expect([...list.invitations.values()]).toEqual(EXPECTED);
  });

  it("counts rows without a reference, and names those that a spreadsheet has changed", async () => {
    const list = await readList(
      "Reference number,Created\n1001,2026-11-20\n,2026-11-21\nN/A,2026-11-21\n4.5E+12,2026-11-22\n1001,2026-11-23\n",
    );
    expect(list).toMatchObject({ withoutReference: 2, mangled: [5] });
    expect(list.invitations.size).toBe(1);
  });

  it.each([
    [
      "no column of references",
      "Status,Created\nDelivered,2026-11-20\n",
      "no column that is known as reference",
    ],
    ["no column of times", "Reference number\n1\n", "no column that is known as created"],
    ["no invitation", "Reference number,Created\n", "holds no invitations"],
    [
      "a day that may be two",
      "Reference number,Created\n1,03/04/2026\n",
      'line 2 has the time "03/04/2026", which may be two days',
    ],
    ["no date", "Reference number,Created\n1,soon\n", 'line 2 has the time "soon", which is not a date'],
  ])("with %s is not taken", async (_what, content, message) => {
    await expect(readList(content)).rejects.toThrow(message);
  });
});

it.each([
  ["#1001", "1001"],
  ["A*1", "A-1"],
  ["1001\u200B", "1001"],
  [" 1001 ", "1001"],
])("%s is %s at Trustpilot", (orderId, reference) => {
  expect(referenceKey(orderId)).toBe(referenceKey(reference));
});

describe("the verdict", () => {
  const NOON = Date.parse("2026-11-20T12:00:00Z");
  const listOf = (references: string[], last = NOON + 2 * DAY, first = NOON - DAY) => ({
    invitations: new Map(references.map((reference) => [referenceKey(reference), { reference, status: "" }])),
    first,
    last,
    withoutReference: 0,
    mangled: [] as number[],
  });
  const here = (orderId: string, state: string, updated = NOON, reason: string | null = null): OrderHere => ({
    orderId,
    state,
    reason,
    updated,
  });
  const unknown = (orderId: string, from = NOON, to = from, canBeSent = true): UnknownOrder => ({
    ...here(orderId, "unknown", to),
    attempts: [{ from, to }],
    canBeSent,
  });
  const idsOf = (orders: { orderId: string }[]) => orders.map(({ orderId }) => orderId);
  const why = (list: ReturnType<typeof listOf>, orders: OrderHere[], order: UnknownOrder) => {
    const { notCreated, undecided } = judge(list, orders, [order]);
    return undecided[0]?.why ?? (notCreated.length === 1 ? "not created" : "created");
  };

  it("listed means created, whatever the state here was", () => {
    const orders = [here("#1", "held"), here("2", "failed"), here("3", "invited"), here("4", "sending")];
    const findings = judge(listOf(["1", "2", "3", "4", "A-5"]), orders, [unknown("A*5")]);
    expect(idsOf(findings.created).toSorted()).toEqual(["#1", "2", "A*5"]);
    expect(findings).toMatchObject({
      notCreated: [],
      undecided: [],
      listedOnly: [],
      hereOnly: [],
      endedHere: [],
    });
  });

  it.each<[string, string, ReturnType<typeof listOf>, OrderHere[], UnknownOrder]>([
    [
      "not created when the list holds all of that day",
      "not created",
      listOf(["1"]),
      [here("1", "invited")],
      unknown("9"),
    ],
    [
      "open when the list lacks one of that day",
      "The list is not complete for 2026-11-20: it lacks 1 of 2 orders",
      listOf(["1"]),
      [here("1", "invited"), here("2", "invited")],
      unknown("9"),
    ],
    [
      "not created when the list lacks one of another day",
      "not created",
      listOf(["1"]),
      [here("1", "invited"), here("2", "invited", NOON - DAY)],
      unknown("9"),
    ],
    [
      "not created when only an operator says that the missing one was invited",
      "not created",
      listOf(["1"]),
      [here("1", "invited"), here("2", "invited", NOON, "operator")],
      unknown("9"),
    ],
    [
      "open when the list is not a day newer",
      "The list ends 2026-11-21 11:59 UTC; it has to be a day newer",
      listOf(["1"], NOON + DAY - 60_000),
      [here("1", "invited")],
      unknown("9"),
    ],
    [
      "not created when the list is just a day newer",
      "not created",
      listOf(["1"], NOON + DAY),
      [here("1", "invited")],
      unknown("9"),
    ],
    [
      "open when the list begins later",
      "The list begins on 2026-11-21",
      listOf(["1"], NOON + 3 * DAY, NOON + DAY),
      [here("1", "invited", NOON + DAY)],
      unknown("9"),
    ],
    [
      "open when the list holds nothing that was invited here",
      "The list holds none of the orders",
      listOf(["other"]),
      [],
      unknown("9"),
    ],
    [
      "open when a spreadsheet has changed the list",
      "A spreadsheet has changed",
      { ...listOf(["1"]), mangled: [3] },
      [here("1", "invited")],
      unknown("9"),
    ],
    [
      "open when it may have been sent on a day that the list does not hold",
      "not complete for 2026-11-19",
      listOf(["1"]),
      [here("1", "invited"), here("2", "invited", NOON - DAY)],
      unknown("9", NOON - DAY, NOON),
    ],
    [
      "open when it cannot be told when it was sent",
      "Its history does not say",
      listOf(["1"]),
      [here("1", "invited")],
      { ...unknown("9"), attempts: [] },
    ],
    [
      "open when its data has been erased",
      "what a second try needs has been erased",
      listOf(["1"]),
      [here("1", "invited")],
      unknown("9", NOON, NOON, false),
    ],
    [
      "open when another order has its reference",
      "Another order has the same reference",
      listOf(["A-9"]),
      [here("A-9", "invited")],
      unknown("A*9"),
    ],
  ])("an unknown order is %s", (_what, expected, list, orders, order) => {
    expect(why(list, orders, order)).toContain(expected);
  });

  it("reports both directions, and no order that is older than the list", () => {
    const orders = [
      here("1", "invited"),
      here("2", "invited"),
      here("3", "invited", NOON - 5 * DAY),
      here("4", "cancelled"),
      here("5", "skipped", NOON, "already_invited"),
      here("6", "rejected"),
    ];
    const findings = judge(listOf(["1", "4", "5", "6", "7"]), orders, []);
    expect(idsOf(findings.hereOnly)).toEqual(["2"]);
    expect(idsOf(findings.endedHere)).toEqual(["4"]);
    expect(findings.listedOnly).toEqual(["6", "7"]);
  });
});

describe("npm run reconcile", () => {
  const KEY = "reconcileTestKey";
  const PASSWORD = "the password of the tests";
  let worker: TestWorker;
  beforeAll(async () => {
    worker = await TestWorker.start(KEY, { STATUS_PASSWORD: PASSWORD });
    const drop = [{ fault: "drop" as const }];
    await standIn.behave(KEY, { references: { listed: drop, "not-listed": drop } });
    for (const id of ["#invited", "#listed", "not-listed"]) await worker.send(order(id));
  });
  afterAll(() => worker.remove());

  const day = (days: number) => new Date(Date.now() + days * DAY).toISOString();
  const list = (...rows: [string, string][]) =>
    `Customer email,Status,Created,Reference number\n${rows.map(([id, time]) => `jane@example.com,Delivered,${time},${id}\n`).join("")}`;
  const reconcile = async (content: string, ...more: string[]) => {
    const proxy = await startProxy(worker.origin);
    const secrets = { SEGMENT_SHARED_SECRET: SECRET, STATUS_PASSWORD: PASSWORD };
    const path = await put(content);
    const result = await runWith(secrets, "reconcile", path, "--url", proxy.origin, ...more);
    proxy.close();
    return { ...result, sent: proxy.received.join() };
  };
  const stateOf = (id: string) => worker.stored().find(({ orderId }) => orderId === id)?.state;
  const COMPLETE = list(["invited", day(0)], ["listed", day(0)], ["elsewhere", day(2)]);

  it("only shows with --dry-run, and without a terminal does nothing until it is told --yes", async () => {
    const states = () => worker.stored().map(({ state }) => state);
    await expect
      .poll(() => states().toSorted(), { timeout: 20_000 })
      .toEqual(["invited", "unknown", "unknown"]);
    const shown = await reconcile(COMPLETE, "--dry-run");
    expect(shown.output).toMatch(/ 1 {2}created .*\n +#?listed/);
    expect(shown.output).toMatch(/ 1 {2}not created .*--send-missing\n +not-listed/);
    expect(shown.output).toMatch(/ 1 {2}listed only .*\n +elsewhere/);
    expect(shown.code).toBe(0);
    const unconfirmed = await reconcile(COMPLETE);
    expect(unconfirmed.output).toContain("Nothing was done: without a terminal, add --yes or --dry-run.");
    expect(unconfirmed.code).toBe(1);
    expect(shown.sent + unconfirmed.sent).toBe("");
    expect(worker.stored()).toHaveLength(3);
  });

  it("sends nothing for a day for which the list lacks an order", async () => {
    const { output } = await reconcile(
      list(["listed", day(0)], ["elsewhere", day(2)]),
      "--send-missing",
      "--dry-run",
    );
    expect(output).toMatch(/ 1 {2}unknown {2}The list is not complete for .*: it lacks 1 of 1 orders/);
    expect(output).not.toContain("not created");
  });

  it("marks what is listed, records what is not known here, and leaves the rest unknown", async () => {
    const { code, output, sent } = await reconcile(COMPLETE, "--yes");
    expect(output).toContain("1 marked as sent, 0 sent again.\n1 recorded as already invited");
    expect(code).toBe(0);
    expect(
      worker
        .stored()
        .map(({ orderId, state }) => `${orderId.replace("#", "")} ${state}`)
        .toSorted(),
    ).toEqual(["elsewhere skipped", "invited invited", "listed invited", "not-listed unknown"]);
    expect(sent).not.toContain("jane");
  });

  it("sends again what was not created when it is told to, and agrees afterwards", async () => {
    const { code, output } = await reconcile(COMPLETE, "--yes", "--send-missing");
    expect(output).toContain("0 marked as sent, 1 sent again.");
    expect(code).toBe(0);
    await expect.poll(() => stateOf("not-listed")).toBe("invited");
    const after = await reconcile(COMPLETE + `a@example.com,Queued,${day(2)},not-listed\n`, "--yes");
    expect(after.output).toContain("The list and the orders here agree.");
  });
});
