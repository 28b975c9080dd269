/** Reads every ledger of every shop, page by page, into a backup. */
import { FORMAT } from "../../src/portable/backup-format.ts";
import { UserError } from "../lib/command.ts";
import { ProgressBar } from "../lib/progress.ts";
import { BackupWriter } from "./backup-writer.ts";
import type { ExportPage, LedgerClient, WorkerState } from "./client.ts";

/** One thing to read to its end: a ledger's orders, a ledger's counts, an allowance, the audiences. */
interface Part {
  path: "orders" | "counts" | "allowance" | "audiences";
  shop: string | null;
  ledger: number;
}

/** @param withAudiences only with their key are the hashes of any use @returns how many lines of each kind */
export async function exportLedger(
  client: LedgerClient,
  url: URL,
  path: string,
  withAudiences: boolean,
): Promise<Record<string, number>> {
  const state = await client.call<WorkerState & { orders: number }>("state");
  const earlier = await BackupWriter.unfinished(path);
  if (earlier !== null) expectSame(earlier, url, path);
  const header = earlier?.header ?? headerOf(state, withAudiences);
  const { fenced } = JSON.parse(header) as { fenced: boolean };
  const writer = await BackupWriter.open(path, { url: url.href, header });
  const parts = partsOf(state, withAudiences);
  const done = writer.checkpoint.lines["order"] ?? 0;
  if (done > 0) console.error(`Resuming after ${done.toLocaleString("en")} orders.`);
  const bar = new ProgressBar("orders", Math.max(state.orders, done), done);
  try {
    for (const [number, part] of parts.entries()) {
      if (number < writer.checkpoint.part) continue;
      await exportPart(client, writer, part, number, () => bar.update(writer.checkpoint.lines["order"] ?? 0));
    }
    await expectUnchanged(client, state, fenced);
    await writer.finish();
  } catch (error) {
    await writer.close();
    throw error;
  } finally {
    bar.stop();
  }
  await client.call("exported", { fenced });
  return writer.checkpoint.lines;
}

async function exportPart(
  client: LedgerClient,
  writer: BackupWriter,
  { path, shop, ledger }: Part,
  number: number,
  onPage: () => void,
): Promise<void> {
  let after = number === writer.checkpoint.part ? writer.checkpoint.after : null;
  let page = client.page(`export/${path}`, { shop, ledger, after });
  for (;;) {
    const { lines, next } = await page;
    after = next;
    // The next page is on its way while this one is written.
    if (next !== null) page = client.page(`export/${path}`, { shop, ledger, after });
    page.catch(() => {});
    const position = next === null ? { part: number + 1, after: null } : { part: number, after: next };
    await writer.append(lines, countKinds(lines), position);
    onPage();
    if (next === null) return;
  }
}

function partsOf({ shops }: WorkerState, withAudiences: boolean): Part[] {
  return [
    ...shops.flatMap(({ shop, ledgers }) => [
      ...Array.from({ length: ledgers }, (_, ledger): Part => ({ path: "orders", shop, ledger })),
      ...Array.from({ length: ledgers }, (_, ledger): Part => ({ path: "counts", shop, ledger })),
      { path: "allowance" as const, shop, ledger: 0 },
    ]),
    ...(withAudiences ? [{ path: "audiences" as const, shop: null, ledger: 0 }] : []),
  ];
}

function headerOf({ hash, shops }: WorkerState, audiences: boolean): string {
  return JSON.stringify({
    kind: "header",
    format: FORMAT,
    hash,
    written: new Date().toISOString(),
    fenced: shops.every(({ fenced, sending }) => fenced && sending === 0),
    audiences,
    shops: shops.map(({ shop, ledgers }) => ({ shop, ledgers })),
  });
}

function countKinds(lines: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of lines === "" ? [] : lines.split("\n")) {
    const kind = /^\{"kind":"(\w+)"/.exec(line)?.[1] ?? "unreadable";
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function expectSame({ url }: { url: string }, wanted: URL, path: string): void {
  if (url === wanted.href) return;
  throw new UserError(`${path} was begun for ${url}. Name another file for ${wanted.href}.`);
}

/** A file that says "fenced" must have been fenced to its last line. */
async function expectUnchanged(client: LedgerClient, before: WorkerState, wasFenced: boolean): Promise<void> {
  const after = await client.call<WorkerState>("state");
  if (wasFenced && !after.shops.every(({ fenced }) => fenced)) {
    throw new UserError("The Worker was unfenced during the export. Fence it, then export into a new file.");
  }
  if (after.shops.length !== before.shops.length) {
    throw new UserError("The Worker has other shops than at the start. Export into a new file.");
  }
}

/** What open orders need to be sent, and the audiences with the key of their hashes: JSON texts, one a line of the file. */
export async function* personalLines(client: LedgerClient): AsyncGenerator<string> {
  const { shops } = await client.call<WorkerState>("state");
  const { key } = await client.call<{ key: string | null }>("export/audience-key");
  if (key !== null) yield JSON.stringify({ kind: "audience-key", key });
  for (const { shop, ledgers } of shops) {
    for (let ledger = 0; ledger < ledgers; ledger++) {
      let after: string | null = null;
      do {
        const page: ExportPage = await client.page("export/personal", { shop, ledger, after });
        if (page.lines !== "") yield* page.lines.split("\n");
        after = page.next;
      } while (after !== null);
    }
  }
}
