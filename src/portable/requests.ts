/** The bodies of the ledger routes. */
import * as v from "valibot";
import type { Order } from "../domain/order.ts";
import { BodyLine } from "./backup-format.ts";

const Shop = v.nullable(v.string());

/** One page of one part of an export. */
export const Part = v.object({
  shop: v.optional(Shop, null),
  ledger: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  after: v.optional(v.nullable(v.string()), null),
});

export const Fenced = v.object({ fenced: v.boolean() });

export const Import = v.object({ fenced: v.boolean(), lines: v.pipe(v.array(BodyLine), v.maxLength(1_000)) });

export const ImportEnd = v.object({
  fenced: v.boolean(),
  audiences: v.boolean(),
  /** Days (`2026-11-23`, UTC) with orders that may have been sent since the backup. */
  days: v.pipe(v.array(v.pipe(v.string(), v.isoDate())), v.maxLength(400)),
});

/** What open orders need was written by a ledger and encrypted: its shape is checked as far as it is relied on. */
export const PersonalImport = v.object({
  lines: v.pipe(
    v.array(
      v.variant("kind", [
        v.object({ kind: v.literal("audience-key"), key: v.pipe(v.string(), v.base64(), v.maxLength(64)) }),
        v.object({
          kind: v.literal("personal"),
          shop: Shop,
          due: v.nullable(v.number()),
          order: v.custom<Order>((order) => {
            const { orderId, email } = (order ?? {}) as Partial<Order>;
            return typeof orderId === "string" && typeof email === "string";
          }, "order is not an order"),
        }),
      ]),
    ),
    v.maxLength(1_000),
  ),
});
