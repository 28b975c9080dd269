/** From a URL's query to the filter of a list, for the pages and the JSON interface. */
import type { InferOutput } from "valibot";
import { orderIdentity } from "../domain/order-identity.ts";
import { readCursor } from "../ledger/cursor.ts";
import { DAY } from "../lib/time.ts";
import type { ListFilter } from "../ledger/order-list.ts";
import type { ListQuery } from "./schemas.ts";

const PAGE = 25;
/** Later than any date, and still exact in SQLite. */
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/** @returns `null` when the cursor is invalid */
export function toFilter(query: InferOutput<typeof ListQuery>): ListFilter | null {
  const before = query.cursor ? readCursor(query.cursor) : null;
  const after = query.newer ? readCursor(query.newer) : null;
  if ((query.cursor && before === null) || (query.newer && after === null)) return null;
  return {
    state: query.state || null,
    reason: query.reason || null,
    from: startOf(query.from),
    to: endOf(query.to),
    prefix: orderIdentity(query.id ?? ""),
    before,
    after,
    limit: Number(query.limit || PAGE),
  };
}

/** @param moment a day or a time, ISO 8601. @returns ms; the beginning of time without one */
export function startOf(moment: string | undefined): number {
  return moment ? Date.parse(moment) : 0;
}

/** @param moment a day or a time, ISO 8601. @returns ms, the last one of a day; the end of time without one */
export function endOf(moment: string | undefined): number {
  if (!moment) return END_OF_TIME;
  return Date.parse(moment) + (/^[\d-]+$/.test(moment) ? DAY - 1 : 0);
}
