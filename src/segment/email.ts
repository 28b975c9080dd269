import isEmail from "validator/es/lib/isEmail.js";

/**
 * The first of `candidates` that is an e-mail address, trimmed. Callers list them in the order of trust.
 * What is an address is for `validator` to say: it knows apostrophes, plus signs and international domains.
 */
export function firstEmail(...candidates: unknown[]): string | null {
  for (const candidate of candidates) {
    if (typeof candidate !== "string" || candidate.length > 1000) continue;
    const email = candidate.trim();
    if (isEmail(email) && !email.includes("\uFFFD")) return email;
  }
  return null;
}
