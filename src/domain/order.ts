/**
 * The words that all three sides share: what an order is once Segment's shapes are left behind and before
 * Trustpilot's begin, and the states that it goes through.
 */

/** An order that asks for an invitation. Everything but `orderId` is personal data and leaves at the end. */
export interface Order {
  /** The identity that is deduplicated by, 1 to 255 characters: see order-identity.ts. */
  orderId: string;
  /** The id as the sender wrote it, when it differs: what people and Trustpilot see. */
  sentOrderId?: string;
  email: string;
  /** "First Last"; empty when the event has no name. */
  name: string;
  total: number | null;
  currency: string | null;
  products: Product[];
  /** The customer's language, such as `en-US`, when the event says it. */
  locale?: string;
  /** Who ordered, to be matched with audiences and with requests to delete. */
  customer: Customer;
  /** When the customer ordered, in ms since 1970; `null` when the event does not say. */
  orderedAt: number | null;
}

export interface Customer {
  userId?: string;
  anonymousId?: string;
  email?: string;
}

/** Only what was present and usable. Prices in units of `currency`. */
export interface Product {
  productId?: string;
  sku?: string;
  gtin?: string;
  mpn?: string;
  name?: string;
  brand?: string;
  manufacturer?: string;
  productUrl?: string;
  imageUrl?: string;
  price?: number;
  currency?: string;
  category?: string;
  description?: string;
}

/**
 * - `held`: waits for its time (the hold, a retry, next month's allowance)
 * - `sending`: leased; the request may be on its way
 * - `invited`, `skipped`, `cancelled`: ends
 * - `rejected`: cannot be invited as it came; an event that can takes over
 * - `failed`, `unknown`: over unless the operator acts; what a second try needs is kept for 30 days
 */
export type OrderState = (typeof ORDER_STATES)[number];

export const ORDER_STATES = [
  "held",
  "sending",
  "invited",
  "failed",
  "unknown",
  "cancelled",
  "skipped",
  "rejected",
] as const;

/** Why an order is not invited: stored, logged and shown, so each is a word that stays. */
export type Reason = (typeof REASONS)[number];

export const REASONS = [
  "too_old",
  "waited_too_long",
  "not_sampled",
  "excluded_audience",
  "audience_missing",
  "consent_missing",
  "already_invited",
  "email_missing",
  "email_invalid",
  "dry_run",
  "order_cancelled",
  "order_refunded",
  "customer_deleted",
  "operator",
  "trustpilot_refused",
  "trustpilot_redirect",
  "trustpilot_second_202",
  "trustpilot_unconfirmed",
  "sent_by_email",
  "mail_refused",
  "no_answer",
  "interrupted",
  "damaged",
  "moved",
  "data_missing",
  "reviewed",
] as const;

/** One line of an order's life: what happened, with Trustpilot's status and the time it took. */
export interface HistoryEntry {
  at: number;
  /**
   * `undated`: none of the event's times can be used, so the time of its arrival counts. `address-in-id`: the order id
   * contains an e-mail address, and is kept all the same.
   */
  what: "received" | "undated" | "address-in-id" | "duplicate" | "attempt" | "cancel-noted" | OrderState;
  reason?: Reason;
  status?: number | null;
  milliseconds?: number;
  /** What Trustpilot said, without personal data. */
  message?: string;
  /** Who acted: as Cloudflare Access knows them, or the user name of Basic authentication. */
  by?: string;
}
