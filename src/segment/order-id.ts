/**
 * Order ids as shops really send them. The id is what is deduplicated by, so the danger is an id that is not one:
 * every order whose id is the text "undefined" would look like a duplicate of the first and never be invited.
 */

export type OrderIdReading = { ok: true; orderId: string; warning?: string } | { ok: false; problem: string };

const MAX_CHARACTERS = 255;
/** With its prefix the id must fit into a KV key, which holds 512 bytes. */
const MAX_BYTES = 480;

/** What scripts leave behind when there was no value to put in. */
const PLACEHOLDERS = new Set(["nan", "undefined", "null", "none", "nil", "infinity", "[object object]"]);

/** `1001`, `"1001"` and `" 1001 "` are one order. @param field how the field is called in the message */
export function readOrderId(value: unknown, field = "order_id"): OrderIdReading {
  if (value === undefined || value === null) return problem(`without an ${field}`);
  if (typeof value === "number") return fromNumber(value, field);
  if (typeof value !== "string") return problem(`whose ${field} is neither a text nor a number`);

  const orderId = value.trim();
  if (orderId === "") return problem(`with an empty ${field}`);
  if (PLACEHOLDERS.has(orderId.toLowerCase()))
    return problem(`whose ${field} is the word "${orderId}", which a script wrote in place of a number`);
  // A lone surrogate cannot be stored as UTF-8; U+FFFD is what it, or a broken byte, has become on the way.
  if (!orderId.isWellFormed() || orderId.includes("\uFFFD"))
    return problem(`whose ${field} is damaged text (broken Unicode)`);
  if (orderId.length > MAX_CHARACTERS || new TextEncoder().encode(orderId).length > MAX_BYTES)
    return problem(`whose ${field} is longer than ${MAX_CHARACTERS} characters`);
  return { ok: true, orderId };
}

function fromNumber(value: number, field: string): OrderIdReading {
  if (!Number.isFinite(value)) return problem(`whose ${field} is too large a number: send it as a text`);
  const orderId = Number.isInteger(value) ? BigInt(value).toString() : String(value);
  if (orderId.length > MAX_CHARACTERS)
    return problem(`whose ${field} is too large a number: send it as a text`);
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return { ok: true, orderId };
  return {
    ok: true,
    orderId,
    warning: `${field} is a number above 2^53 and has been rounded before it arrived, so two orders may look like one: send it as a text.`,
  };
}

function problem(text: string): OrderIdReading {
  return { ok: false, problem: text };
}
