/** Where a page of orders ended, as an opaque text for an address: `received` and the order id, in base64url. */
export interface Position {
  received: number;
  orderId: string;
}

export function writeCursor({ received, orderId }: Position): string {
  const bytes = new TextEncoder().encode(`${received}:${orderId}`);
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** `null` for what `writeCursor` has not written. */
export function readCursor(cursor: string): Position | null {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const [, received, orderId] = /^(\d{1,15}):(.+)$/s.exec(text) ?? [];
    return received === undefined || orderId === undefined ? null : { received: Number(received), orderId };
  } catch {
    return null;
  }
}
