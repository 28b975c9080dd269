/**
 * From a row of a file to the event that Segment would have sent.
 *
 * A row without a usable time is refused: an order of unknown age counts as new, and a shop's whole history would
 * be invited at once.
 */
import { asTime } from "../../src/lib/json.ts";
import { UserError } from "../lib/command.ts";
import type { Input, Row } from "./rows.ts";

/** What a column can be; the same names that Segment uses. */
export const FIELDS = [
  "order_id",
  "email",
  "name",
  "surname",
  "total",
  "currency",
  "timestamp",
  "user_id",
  "affiliation",
] as const;

export type Field = (typeof FIELDS)[number];
export type Columns = Partial<Record<Field, string>>;

export interface EventOptions {
  columns: Columns;
  /** The name of the event, as in INVITE_ON. */
  event: string;
  /** Whether the orders are only recorded as already invited. */
  markOnly: boolean;
  /** Whether orders may come without a time, and count as new. */
  withoutDates: boolean;
}

export type BackfillRow = { line: number; orderId: string } & (
  { kind: "event"; event: object } | { kind: "broken"; problem: string }
);

/** @param maps `field=Column,field=Column`; a comma inside a name is written `\,` @throws UserError */
export function readMaps(maps: readonly string[]): Columns {
  const columns: Columns = {};
  for (const pair of maps.flatMap((map) => map.split(/(?<!\\),/))) {
    const [field = "", ...rest] = pair.split("=");
    const column = rest.join("=").replaceAll("\\,", ",").trim();
    if (!isField(field.trim()) || column === "") {
      throw new UserError(`--map takes field=Column with a field of ${FIELDS.join(", ")}, not "${pair}".`);
    }
    columns[field.trim() as Field] = column;
  }
  return columns;
}

/** The columns of `input`: those that were named, and those whose own name is a field's. @throws UserError */
export function findColumns(
  { path, format, columns: names }: Input,
  mapped: Columns,
  needed: Field[],
): Columns {
  if (format === "ndjson") return { ...Object.fromEntries(FIELDS.map((field) => [field, field])), ...mapped };
  const columns: Columns = {};
  for (const field of FIELDS) {
    const wanted = mapped[field];
    const found = names.filter((name) =>
      wanted === undefined ? fold(name) === fold(field) : name === wanted,
    );
    if (found.length > 1) throw new UserError(`${path} has ${found.length} columns "${found[0]}".`);
    if (found[0] !== undefined) columns[field] = found[0];
    else if (wanted !== undefined) throw new UserError(`${path} has no column "${wanted}". ${listOf(names)}`);
  }
  for (const field of needed) {
    if (columns[field] !== undefined) continue;
    const age =
      field === "timestamp"
        ? " (without it every order counts as new; --without-dates says that they are)"
        : "";
    throw new UserError(
      `${path} has no column for ${field}${age}. ${listOf(names)} Name the right one: --map ${field}="…"`,
    );
  }
  return columns;
}

/** @returns the event, or what is wrong with the row */
export function toEvent(row: Row, options: EventOptions): BackfillRow {
  const { line } = row;
  if (row.kind === "broken") return { kind: "broken", line, orderId: "", problem: row.problem };
  const { record } = row;
  if (typeof record["type"] === "string") return fromEvent(line, record, options);

  const read = (field: Field): unknown => {
    const column = options.columns[field];
    const value = column !== undefined && Object.hasOwn(record, column) ? record[column] : undefined;
    return typeof value === "string" ? value.trim() || undefined : (value ?? undefined);
  };
  const orderId = asId(read("order_id"));
  if (options.markOnly) return marked(line, orderId, { properties: { order_id: read("order_id") } }, options);

  const time = readTime(read("timestamp"));
  const problem = problemOf(read("timestamp"), time, options);
  if (problem !== null) return { kind: "broken", line, orderId, problem };
  const properties: Record<string, unknown> = {};
  for (const field of FIELDS) {
    if (field !== "timestamp" && field !== "user_id") properties[field] = read(field);
  }
  const event = {
    type: "track",
    event: options.event,
    messageId: `backfill-${line}-${orderId}`,
    ...(time !== null && { timestamp: new Date(time).toISOString() }),
    ...(read("user_id") !== undefined && { userId: read("user_id") }),
    properties,
  };
  return { kind: "event", line, orderId, event };
}

/** A line that is an event of Segment's already, as from a warehouse or an archive. */
function fromEvent(line: number, record: Record<string, unknown>, options: EventOptions): BackfillRow {
  const properties = record["properties"] as Record<string, unknown> | null | undefined;
  const orderId = asId(properties?.["order_id"] ?? properties?.["orderId"]);
  if (options.markOnly) {
    const id = properties?.["order_id"] ?? properties?.["orderId"];
    return marked(line, orderId, { properties: { order_id: id } }, options);
  }
  const written = record["timestamp"] ?? record["originalTimestamp"];
  const problem = problemOf(written, readTime(written), options);
  if (problem !== null) return { kind: "broken", line, orderId, problem };
  return { kind: "event", line, orderId, event: record };
}

/** Nothing but the order id leaves this machine. */
function marked(line: number, orderId: string, rest: object, { event }: EventOptions): BackfillRow {
  const integrations = { Trustpilot: { alreadyInvited: true } };
  return { kind: "event", line, orderId, event: { type: "track", event, integrations, ...rest } };
}

/** In ms; a time without a zone is taken as UTC, wherever this runs. */
function readTime(value: unknown): number | null {
  if (typeof value === "number") return asTime(value < 1e11 ? value * 1000 : value);
  if (typeof value !== "string") return null;
  if (/^\d{9,13}$/.test(value)) return readTime(Number(value));
  if (!/^\d{4}-\d\d-\d\d/.test(value)) return null;
  const iso = value.replace(" UTC", "Z").replace(/^(\S+) (?=\d)/, "$1T");
  const hasZone = /T.*(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(iso) || !iso.includes("T");
  return asTime(hasZone ? iso : `${iso}Z`);
}

function problemOf(written: unknown, time: number | null, { withoutDates }: EventOptions): string | null {
  if (time !== null) return null;
  if (written === undefined || written === null || written === "") {
    return withoutDates ? null : "has no timestamp: an order of unknown age would count as new";
  }
  return "has a timestamp that is no date such as 2026-11-23 or 2026-11-23T10:00:00Z";
}

function isField(name: string): name is Field {
  return FIELDS.some((field) => field === name);
}

function asId(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function listOf(names: readonly string[]): string {
  return `Its columns are: ${names.join(", ")}.`;
}
