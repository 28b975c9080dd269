/**
 * The lines of a backup, one JSON object each. docs/storage.md describes the format; a change of it needs a new
 * number, and every number ever written stays readable.
 */
import * as v from "valibot";
import type { PortableOrder } from "../domain/merge.ts";
import { ORDER_STATES, REASONS, type Order } from "../domain/order.ts";

export const FORMAT = 1;
/** How an order id chooses its ledger: src/domain/shard.ts. */
export const HASH = "fnv1a32-murmur3";

const Shop = v.nullable(v.string());
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Time = v.pipe(v.number(), v.integer());

export const Header = v.object({
  kind: v.literal("header"),
  format: v.literal(FORMAT),
  hash: v.literal(HASH),
  /** ISO 8601. */
  written: v.pipe(v.string(), v.isoTimestamp()),
  /** Whether the Worker could send nothing and accept nothing while it was read. */
  fenced: v.boolean(),
  /** Whether the audiences are in the file: their hashes need the key, which is in the file of personal data. */
  audiences: v.boolean(),
  shops: v.array(v.object({ shop: Shop, ledgers: v.pipe(v.number(), v.integer(), v.minValue(1)) })),
});

const HistoryEntry = v.looseObject({ at: Time, what: v.string() });

export const OrderLine = v.object({
  kind: v.literal("order"),
  shop: Shop,
  orderId: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  /** As the sender wrote it, where that differs. */
  sentOrderId: v.nullable(v.string()),
  state: v.picklist(ORDER_STATES),
  reason: v.nullable(v.picklist(REASONS)),
  received: v.nullable(Time),
  updated: Time,
  attempts: Count,
  resends: Count,
  /** What was refunded so far; `null` for nothing, or for all of it when the order was only cancelled. */
  refunds: v.nullable(v.array(v.object({ amount: v.number(), key: v.number() }))),
  /** Only of a cancellation noted before its order: whose order it is meant for. */
  notedFor: v.nullable(v.array(v.number())),
  /** When the customer was deleted. */
  erased: v.nullable(Time),
  /** `null`, or left out, when there are none. `stars` is `null` once a review is deleted. */
  reviews: v.optional(
    v.nullable(
      v.array(
        v.object({ id: v.string(), stars: v.nullable(Count), language: v.nullable(v.string()), at: Time }),
      ),
    ),
  ),
  history: v.array(HistoryEntry),
});

const AudienceLine = v.object({
  kind: v.literal("audience"),
  identity: v.string(),
  audience: v.string(),
  member: v.boolean(),
  at: Time,
  owner: v.nullable(v.string()),
});

/** Invitations of a month, as `origin` (one allowance object, for ever) has counted them. */
const AllowanceLine = v.object({
  kind: v.literal("allowance"),
  shop: Shop,
  origin: v.string(),
  month: v.pipe(v.string(), v.regex(/^\d{4}-\d\d$/)),
  used: Count,
});

/** What no order tells, such as duplicates, as `origin` (one ledger, for ever) has counted it. */
const CountLine = v.object({
  kind: v.literal("count"),
  shop: Shop,
  origin: v.string(),
  day: v.pipe(v.string(), v.isoDate()),
  what: v.string(),
  count: Count,
});

export const Trailer = v.object({
  kind: v.literal("trailer"),
  orders: Count,
  audiences: Count,
  allowances: Count,
  counts: Count,
  /** Of every byte before this line, in hexadecimal digits. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

/** A line between the header and the trailer. */
export const BodyLine = v.variant("kind", [OrderLine, AudienceLine, AllowanceLine, CountLine]);
export type BodyLine = v.InferOutput<typeof BodyLine>;
export type Header = v.InferOutput<typeof Header>;
export type Trailer = v.InferOutput<typeof Trailer>;

/** A line of the second, encrypted file. */
export type PersonalLine =
  | { kind: "personal"; shop: string | null; due: number | null; order: Order }
  | { kind: "audience-key"; key: string };

export type OrderLine = { kind: "order"; shop: string | null } & PortableOrder;
