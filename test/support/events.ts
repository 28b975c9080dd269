/** What a shop's source sends to Segment. */

/** The smallest Order Completed that starts an invitation. @param properties overrides */
export function orderCompleted(properties: Record<string, unknown>, rest: Record<string, unknown> = {}) {
  return {
    type: "track",
    event: "Order Completed",
    properties: { email: "jane@example.com", ...properties },
    ...rest,
  };
}
