import { INVISIBLE } from "../lib/invisible.ts";

/**
 * What makes an order the same order: its id in NFC, without invisible characters, trimmed, and without the `#` that
 * Shopify writes before its numbers; case is kept. Part of the stored format: see docs/storage.md before changing it.
 *
 * @param written the id as a sender, an export or a person wrote it
 */
export function orderIdentity(written: string): string {
  return written
    .replace(INVISIBLE, "")
    .normalize("NFC")
    .replace(/^[\s#]+/, "")
    .trimEnd();
}
