import isEmail from "validator/lib/isEmail.js";
import { INVISIBLE_FORMAT } from "../lib/invisible.ts";

/**
 * The first of `candidates` that is an e-mail address, cleaned. Callers list them in the order of trust; those after
 * the first usable one are not read. `validator` knows apostrophes, plus signs and international domains. It also
 * accepts a line break in a quoted local part; an address that could write a mail header is not used.
 */
export function firstEmail(candidates: Iterable<unknown>): string | null {
  for (const candidate of candidates) {
    if (typeof candidate !== "string" || candidate.length > 1000) continue;
    const email = clean(candidate);
    // Checked first: validator throws on a lone surrogate.
    if (email.isWellFormed() && isEmail(email) && !/[\p{Cc}\u2028\u2029\uFFFD]/u.test(email)) return email;
  }
  return null;
}

/** Without invisible characters, and the address alone of `Jane <jane@example.com>` and `mailto:jane@example.com`. */
function clean(text: string): string {
  const visible = text.replace(INVISIBLE_FORMAT, "").normalize("NFC").trim();
  const address = /^[^<>\p{Cc}]*<([^<>]*)>$/u.exec(visible)?.[1] ?? visible;
  return address.replace(/^mailto:/i, "").trim();
}
