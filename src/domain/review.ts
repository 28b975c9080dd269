/** A review at Trustpilot, as far as it is kept: never its text or its author. */
export interface Review {
  /** Trustpilot's, after what is reviewed: `service:53bffd36…`. */
  id: string;
  /** 1 to 5. */
  stars: number;
  /** `en`; `null` when it is not said. */
  language: string | null;
  /** When it was written, in ms. */
  at: number;
}

/** As it is stored and moved. `stars`: `null` once it is deleted, so that it does not come back. */
export type StoredReview = Omit<Review, "stars"> & { stars: number | null };

export type ReviewEvent =
  | { kind: "created" | "updated"; reference: string; review: Review }
  /** `reference`: `null` when the event does not name it. */
  | { kind: "deleted"; reference: string | null; id: string };
