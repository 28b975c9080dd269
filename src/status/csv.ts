/** A list of orders as CSV (RFC 4180), safe to open in a spreadsheet. */
import type { Config } from "../config/config.ts";
import type { ListFilter } from "../ledger/order-list.ts";
import { allOrders } from "./order-listing.ts";
import { toSummary } from "./view.ts";

const COLUMNS = [
  "orderId",
  "state",
  "reason",
  "explanation",
  "received",
  "updated",
  "heldUntil",
  "attempts",
] as const;

/** All orders that match, on whatever page of the list. */
export function csvOf(env: Env, filter: ListFilter, rules: Config["rules"]): Response {
  const lines = linesOf(env, filter, rules);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const line = await lines.next();
      if (line.done) controller.close();
      else controller.enqueue(encoder.encode(line.value));
    },
    async cancel() {
      await lines.return();
    },
  });
  return new Response(body, {
    headers: {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": 'attachment; filename="orders.csv"',
    },
  });
}

async function* linesOf(env: Env, filter: ListFilter, rules: Config["rules"]): AsyncGenerator<string, void> {
  // The byte-order mark tells Excel that this is UTF-8.
  yield `\u{FEFF}${toRow(COLUMNS)}`;
  for await (const order of allOrders(env, { ...filter, before: null, after: null })) {
    const summary = toSummary(order, rules);
    yield toRow(COLUMNS.map((column) => summary[column]));
  }
}

/** @param cells of one line */
export function toRow(cells: readonly (string | number | null)[]): string {
  return `${cells.map(toCell).join(",")}\r\n`;
}

function toCell(value: string | number | null): string {
  if (typeof value !== "string") return String(value ?? "");
  // The sender chooses the order id: a spreadsheet must not take it for a formula.
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  // Where a semicolon separates cells, one must not begin a cell of its own.
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
