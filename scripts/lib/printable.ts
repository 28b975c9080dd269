/**
 * What others wrote (a Worker's answer, a file, the name of a file) on its way to a terminal or into a file.
 *
 * A terminal obeys control characters: they can repaint what stands above, set a window's title, hide a link behind a
 * text; and bidirectional ones show a text in another order than it has. Each is written as JSON writes it, `\u001b`,
 * so that it is seen and does nothing. Inside JSON the meaning stays the same.
 */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** On one line. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (unsafe) => `\\u${unsafe.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Line breaks stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** As `JSON.parse`, with every string printable. @throws SyntaxError */
export function parsePrintable(json: string): unknown {
  return JSON.parse(json, (_, value: unknown) => (typeof value === "string" ? printable(value) : value));
}
