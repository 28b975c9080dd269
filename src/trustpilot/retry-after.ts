/**
 * `Retry-After` in ms from `now`: seconds or an HTTP date. `null` when it is absent, negative, past or unreadable.
 * How far it is believed is for the backoff to say.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function readRetryAfter(value: string | null, now: number): number | null {
  const text = value?.trim() ?? "";
  if (/^\d{1,12}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Za-z]/.test(text)) return null;
  const wait = Date.parse(text) - now;
  return wait > 0 ? wait : null;
}
