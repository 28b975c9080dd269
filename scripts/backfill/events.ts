/**
 * From an order of a file to the event that Segment would have sent.
 *
 * An order without a usable time is rejected: one of unknown age counts as new, and a shop's whole history would be
 * invited at once.
 */
import { fieldsOf } from "../../src/lib/json.ts";
import { readTime, type DateOrder, type TimeReading } from "../../src/lib/time-reader.ts";
import { mangled } from "./mangled-id.ts";
import type { Fields } from "./fields.ts";
import type { FileOrder } from "./orders.ts";
import { leftOut, type Invited } from "./statuses.ts";

export interface EventOptions {
  /** The name of the event, as in INVITE_ON. */
  event: string;
  /** Whether the orders are only recorded as already invited, whatever their status and time. */
  markOnly: boolean;
  /** Whether orders may come without a time, and count as new. */
  withoutDates: boolean;
  /** Of numeric dates, as `--date-format` says. */
  dateOrder: DateOrder | undefined;
  invited: Invited;
}

/** What happens with an order of the file. `line`: where it begins. `rows`: how many rows of the file it takes. */
export type Outgoing = { line: number; rows: number; orderId: string } & (
  | { kind: "event"; event: object }
  | { kind: "left out"; reason: string }
  /** `group`: the reason without the row's own value, to count by. */
  | { kind: "rejected"; reason: string; group: string }
);

export function toOutgoing(order: FileOrder, options: EventOptions): Outgoing {
  const { line, rows } = order;
  switch (order.kind) {
    case "broken":
      return { line, rows, ...rejected("", { what: order.problem }) };
    case "event":
      return { line, rows, ...fromEvent(order.event, options) };
    case "order":
      return { line, rows, ...fromFields(order, options) };
  }
}

type Result = Without<Outgoing, "line" | "rows">;
type Without<Each, Keys extends PropertyKey> = Each extends unknown ? Omit<Each, Keys> : never;

/** What is wrong with a row: `%` in `what` stands for the offending value. */
interface Problem {
  what: string;
  value?: string;
}

function rejected(orderId: string, { what, value = "" }: Problem): Result {
  const reason = `The row ${what.replace("%", () => value)}.`;
  return { kind: "rejected", orderId, reason, group: what };
}

function fromFields(order: FileOrder & { kind: "order" }, options: EventOptions): Result {
  const { fields, products, line } = order;
  const orderId = asId(fields.order_id);
  const idProblem = mangled(orderId);
  if (idProblem !== null) return rejected(orderId, idProblem);
  if (options.markOnly) return { kind: "event", orderId, event: marked(fields.order_id, options) };
  if (isStray(fields, options)) return rejected(orderId, { what: STRAY });
  const reason = leftOut(fields, options.invited);
  if (reason !== null) return { kind: "left out", orderId, reason };
  const reading = readTime(fields.timestamp, { order: options.dateOrder });
  const problem = problemOf(reading, fields.timestamp, options);
  if (problem !== null) return rejected(orderId, problem);
  const { email, name, surname, total, currency, affiliation } = fields;
  const event = {
    type: "track",
    event: options.event,
    messageId: `backfill-${line}-${orderId}`,
    ...(reading.kind === "time" && { timestamp: new Date(reading.time).toISOString() }),
    ...(fields.user_id !== undefined && { userId: fields.user_id }),
    properties: {
      ...{ order_id: fields.order_id, email, name, surname, total, currency, affiliation },
      ...(products.length > 0 && { products }),
    },
  };
  return { kind: "event", orderId, event };
}

/** An event of Segment's has the id that Segment sends, whatever it looks like. */
function fromEvent(event: Record<string, unknown>, options: EventOptions): Result {
  const field = fieldsOf(event);
  const id = fieldsOf(field("properties"))("order_id");
  const orderId = asId(id);
  if (options.markOnly) return { kind: "event", orderId, event: marked(id, options) };
  const times = ["timestamp", "originalTimestamp", "sentAt"].map(field);
  const written =
    times.find((time) => readTime(time).kind === "time") ?? times.find((time) => time !== undefined);
  const problem = problemOf(readTime(written), written, options);
  return problem === null ? { kind: "event", orderId, event } : rejected(orderId, problem);
}

/** Nothing but the order id leaves this machine. */
function marked(orderId: unknown, { event }: EventOptions): object {
  const integrations = { Trustpilot: { alreadyInvited: true } };
  return { type: "track", event, integrations, properties: { order_id: orderId } };
}

/** A product of a shop's export without its order: the rows of the order are not together. */
function isStray({ timestamp, status, product_name }: Fields, { invited }: EventOptions): boolean {
  return invited !== null && product_name !== undefined && timestamp === undefined && status === undefined;
}

const STRAY =
  "has a product and nothing of its order, whose first row stands elsewhere: sort the file by order id";

function problemOf({ kind }: TimeReading, written: unknown, { withoutDates }: EventOptions): Problem | null {
  const value = JSON.stringify(written)?.slice(0, 60) ?? "";
  switch (kind) {
    case "time":
      return null;
    case "missing":
      return withoutDates ? null : { what: "has no timestamp: an order of unknown age would count as new" };
    case "implausible":
      return { what: "has the timestamp %, which is before 2000 or in the future", value };
    case "ambiguous":
      return { what: `has the timestamp %, which may be two days: ${SAY_WHICH}`, value };
    case "unreadable":
      return {
        what: "has the timestamp %, which is not a date such as 2026-11-23 or 2026-11-23T10:00:00Z",
        value,
      };
  }
}

const SAY_WHICH = "say which with --date-format DD/MM/YYYY or MM/DD/YYYY";

function asId(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}
