/**
 * Texts that stand where a value is missing: what scripts, templates, spreadsheets and databases write for nothing.
 *
 * Judged by kind, not by a word list alone. A text with a digit is given the benefit of the doubt wherever it may be
 * a real value: `{3F2504E0-…}` is an id, `{order_id}` is none.
 */

import { INVISIBLE } from "./invisible.ts";

/** @param text in any form; an empty one is a placeholder too */
export function isPlaceholder(text: string): boolean {
  // No placeholder is longer; the limit keeps the patterns cheap.
  if (text.length > LONGEST) return text.trim() === "";
  const visible = text.replace(INVISIBLE, "").trim();
  const letters = visible.replace(/[^\p{L}\p{N}\uFFFD]+/gu, "").toLowerCase();
  // Punctuation only (damaged characters are none), and a word for nothing in any brackets, quotes or after a #.
  if (letters === "" || NOTHING.has(letters) || /^x{3,6}$/.test(letters)) return true;
  if (LEFTOVERS.some((leftover) => leftover.test(visible))) return true;
  if (/\p{N}/u.test(visible)) return false;
  const words = visible.toLowerCase().split(/[^\p{L}]+/u);
  return words.some((word) => NEVER_IN_A_VALUE.has(word)) || WRAPPED.some((wrapped) => wrapped.test(visible));
}

/** In characters. */
const LONGEST = 500;

/** Without white space and punctuation: `n/a`, `(not set)` and `<no value>` are here as well. */
const NOTHING: ReadonlySet<string> = new Set(
  `null nil none undefined undef unset nan nat na nothing void dbnull infinity inf true false nbsp
   notset novalue notavailable notapplicable notprovided notdefined unknown empty blank missing tbd tba todo
   id string orderid ordernumber orderno ordername yourorderid yourordernumber transactionid`.split(/\s+/),
);

/** In a text without digits: `ORD-undefined`, `[object Promise]`. */
const NEVER_IN_A_VALUE: ReadonlySet<string> = new Set(["null", "undefined", "nan", "none", "nil", "object"]);

/** Whatever else stands in the text. */
const LEFTOVERS = [
  // Templates: {{ order.name }}, {% … %}, <%= id %>, ${orderId}, #{id}, *|ORDER_ID|*, URL-encoded braces.
  /\{\{|\}\}|\{%|%\}|<%|%>|[$#@%]\{|\*\||%7B/i,
  // Format strings: %s, %1$s, %(id)s, {0}.
  /^%(\d+\$|\(.*\))?[sdiuf@]$|^\{\d{1,2}(:[^}]*)?\}$/,
  // Paths: {order.items[0].id}, <order->id>.
  /^[{<([]\s*[a-z_$][\w$]*(\.|\[|->|::)/i,
  // Objects and functions as text: {"id":1}, {id=1}, #<Order:0x1>, <Order: Order object (5)>, getId(), () => id.
  /^\{.*[:=].*\}$|^#<|^<[a-z]\w*[ :]|^symbol\(|\(\);?$|=>|\bfunction\s*\w*\(|\[native code\]/is,
  // Spreadsheets: #REF!, #DIV/0!, #NAME?, #¡VALOR!, #N/D, #NV.
  /^#*\s*[¡¿]?\p{L}[\p{L}_/ ]*0?[!?]$|^#+\s*(n\/?d|n\/?v|n\.?b\.?|getting_data|error)$/iu,
  // Databases: \N.
  /^\W*\\+N\W*$/i,
];

/** In a text without digits: brackets, %…%, __ID__, and the name of a variable. */
const WRAPPED = [/^#*[<({[].*[>)}\]]$/s, /^#*%.+%$/s, /^__[A-Z_]+__$/, /^[$@:][\p{L}_]/u];
