/** What an operator is alerted to: counts, and nothing that says whose. */
export interface Troubles {
  blocked: boolean;
  /** Orders whose time has come, as long as only the operator or the next month can let them go. */
  waiting: number;
  /** Of the last day, and not dealt with. */
  failed: number;
  unknown: number;
  /** What the ledger takes of its 10 GB, and whether it refuses new orders for want of space. */
  bytes: number;
  full: boolean;
  /** Whether it does not work at all until an operator acts. */
  refused: boolean;
}

/** In ms: how long a failed or unknown order counts. */
export const COUNTED_FOR = 24 * 60 * 60_000;
