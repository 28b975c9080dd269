/** `text` as a part of a pattern that matches it alone, as `RegExp.escape` would, which Node 22 does not have. */
export function escapeRegExp(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}
