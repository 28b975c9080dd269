/** Which orders are invited, as the operator has set it. The configuration has these fields. */
export interface Rules {
  holdDays: number;
  maxOrderAgeDays: number;
  /** How long an order may wait once it is due. */
  maxWaitDays: number;
  /** One order in this many. */
  inviteOneIn: number;
  /** Audiences in snake case. */
  excludeAudiences: readonly string[];
  requireAudience: string | null;
  /** A category of consent. */
  requireConsent: string | null;
}
