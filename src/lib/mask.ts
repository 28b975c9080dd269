/**
 * What is removed from texts that others wrote before they are logged or shown: e-mail addresses, wherever they stand,
 * and of URLs what may open something. The only place that knows how either is written.
 */

/** An @, its wide and small form, and all of them encoded for a URL, also more than once. */
const AT = /(?<=\S)(?:[@\uFF20\uFE6B]|%(?:25)*(?:40|EF%(?:25)*B[C9]%(?:25)*A[0B]))(?=\S)/i;

/** A word, with the quoted part of an address such as `"jane roe"@example.com`. */
const WORD = /(?:"[^"]*"(?=@)|[^\s"<>])+/g;

/** Whether `text` may contain an e-mail address. */
export function holdsAddress(text: string): boolean {
  return AT.test(text);
}

/** `order of jane@example.com` becomes `order of …@…`: each word that may contain an address goes as a whole. */
export function maskAddresses(text: string): string {
  return holdsAddress(text) ? text.replace(WORD, (word) => (AT.test(word) ? "…@…" : word)) : text;
}

/** `https://user@example.com/a?token=1#b` becomes `https://example.com/a`, anywhere in `text`. */
export function withoutQueries(text: string): string {
  return text.replace(/\b([a-z][a-z\d+.-]{0,20}:\/\/)(?:[^\s"'<>/?#]*@)?([^\s"'<>?#]*)[^\s"'<>]*/gi, "$1$2");
}
