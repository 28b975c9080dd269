/**
 * Calls a Durable Object, and once more if the first call failed in a way that a second may not.
 *
 * A stub that has thrown may stay broken, so the second try takes a new one. An overloaded object is left alone: more
 * calls would make it worse, and the sender tries again anyway.
 *
 * @param timeout in ms, for both tries together
 * @see https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
import { within } from "../lib/within.ts";

export async function callObject<Stub, Result>(
  stub: () => Stub,
  call: (stub: Stub) => Promise<Result>,
  timeout?: number,
): Promise<Result> {
  const result = callTwice(stub, call);
  return timeout === undefined ? result : within(timeout, result);
}

async function callTwice<Stub, Result>(
  stub: () => Stub,
  call: (stub: Stub) => Promise<Result>,
): Promise<Result> {
  try {
    return await call(stub());
  } catch (error) {
    if (!isErrorRetryable(error)) throw error;
    return call(stub());
  }
}

/** The property is missing from some errors that say so in their message. @see cloudflare/agents, `isErrorRetryable` */
function isErrorRetryable(error: unknown): boolean {
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true && overloaded !== true && !String(error).includes("Durable Object is overloaded");
}
