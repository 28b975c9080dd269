/** Requests and events that no order comes of: counts, and the latest reason in our own words. */
export const REJECTION_KINDS = ["unauthenticated", "rejected"] as const;
/** `unauthenticated`: wrong or missing credentials. `rejected`: a request or an event without a usable order. */
export type RejectionKind = (typeof REJECTION_KINDS)[number];

/** How many since the start. */
export type RejectionTotals = Record<RejectionKind, number>;

export type Rejections = Record<RejectionKind, { count: number; reason: string | null }>;

/** Of the last hour. */
export interface RecentRejections extends Rejections {
  /** Orders that arrived meanwhile; `null` when that is not known. */
  orders: number | null;
}

/** Fewer within an hour are ordinary. */
export const FEW_REJECTIONS = 12;

export const NO_REJECTIONS: RecentRejections = {
  unauthenticated: { count: 0, reason: null },
  rejected: { count: 0, reason: null },
  orders: null,
};

/** @param some the oldest first */
export function mergeRejections(some: readonly Rejections[]): Rejections {
  const merge = (kind: RejectionKind) => ({
    count: some.reduce((sum, each) => sum + each[kind].count, 0),
    reason: some.findLast((each) => each[kind].reason !== null)?.[kind].reason ?? null,
  });
  return { unauthenticated: merge("unauthenticated"), rejected: merge("rejected") };
}

/** Of both kinds. */
export function countOf({ unauthenticated, rejected }: Rejections): number {
  return unauthenticated.count + rejected.count;
}
