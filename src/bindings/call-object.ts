/**
 * Calls a Durable Object, and once more if the first call failed in a way that a second may mend.
 *
 * A stub that has thrown may stay broken, so the second try takes a new one. An overloaded object is left alone:
 * more calls would make it worse, and who asked tries again anyway.
 *
 * @see https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
export async function callObject<Stub, Result>(
  stub: () => Stub,
  call: (stub: Stub) => Promise<Result>,
): Promise<Result> {
  try {
    return await call(stub());
  } catch (error) {
    const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
    if (retryable !== true || overloaded === true) throw error;
    return call(stub());
  }
}
