/**
 * Order ids as shops really send them. Orders are deduplicated by id, so the danger is an id that is none: every
 * order whose id is the text "undefined" would look like a duplicate of the first and never be invited.
 */
import { orderIdentity } from "../domain/order-identity.ts";
import { isPlaceholder } from "../lib/placeholder.ts";

type OrderIdReading =
  /** `sentOrderId`: as the sender wrote it, when that differs from the order's identity. */
  { ok: true; orderId: string; sentOrderId?: string; warning?: string } | { ok: false; problem: string };

const MAX_CHARACTERS = 255;
/** With its prefix the id must fit into a KV key, which holds 512 bytes. */
const MAX_BYTES = 480;

/** `1001`, `"1001"`, `" 1001 "` and `"#1001"` are one order. */
export function readOrderId(value: unknown): OrderIdReading {
  if (value === undefined || value === null) return problem(`without an order_id`);
  if (typeof value === "number") return fromNumber(value);
  if (typeof value !== "string") return problem(`whose order_id is neither a text nor a number`);

  const sent = value.trim();
  const orderId = orderIdentity(sent);
  if (orderId === "" && !sent.includes("#")) return problem(`with an empty order_id`);
  if (sent.length > MAX_CHARACTERS || new TextEncoder().encode(sent).length > MAX_BYTES)
    return problem(`whose order_id is longer than ${MAX_CHARACTERS} characters`);
  // A lone surrogate cannot be stored as UTF-8; U+FFFD is what it, or a broken byte, has become on the way.
  if (!sent.isWellFormed() || sent.includes("\uFFFD"))
    return problem(`whose order_id is damaged text (broken Unicode)`);
  // In a URL they would be steps between folders: no page could show the order.
  if ([sent, orderId].some((id) => id === "." || id === "..")) return problem(`whose order_id is only dots`);
  if (isPlaceholder(sent)) return problem(`whose order_id ${quoted(sent)} stands for a missing value`);
  return { ok: true, orderId, ...(sent !== orderId && { sentOrderId: sent }) };
}

/** Objects as text may hold personal data and are not quoted. */
function quoted(placeholder: string): string {
  return placeholder.length <= 40 && !/[:=@]/.test(placeholder)
    ? `"${placeholder}"`
    : "is a template or an object, and";
}

function fromNumber(value: number): OrderIdReading {
  if (!Number.isFinite(value)) return problem(`whose order_id is too large a number: send it as a text`);
  const orderId = Number.isInteger(value) ? BigInt(value).toString() : String(value);
  if (orderId.length > MAX_CHARACTERS)
    return problem(`whose order_id is too large a number: send it as a text`);
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return { ok: true, orderId };
  return {
    ok: true,
    orderId,
    warning: `order_id is a number above 2^53 and has been rounded before it arrived, so two orders may look like one: send it as a text.`,
  };
}

function problem(text: string): OrderIdReading {
  return { ok: false, problem: text };
}
