/**
 * A ledger that will not work until an operator acts. The message says what to do and is answered with the 503; it
 * holds settings, never data of an order.
 */
export class LedgerClosedError extends Error {
  override name = "LedgerClosedError";
  constructor(why: string) {
    super(PREFIX + why);
  }
}

/** What the ledger said; `null` for any other error. A Durable Object's caller gets the message, but not the class. */
export function whyClosed(error: unknown): string | null {
  const message = error instanceof Error ? error.message : "";
  return message.startsWith(PREFIX) ? message.slice(PREFIX.length) : null;
}

const PREFIX = "The ledger is closed: ";
