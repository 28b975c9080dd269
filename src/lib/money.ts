/**
 * Amounts of money as shops write them: `1234.5`, `"1,234.50"`, `"€ 12"`, `"12,50"`, `{amount: "12.50", currency: "EUR"}`.
 *
 * Only what can mean one amount is read: `"1,234"` may be a thousand or one and a bit. Amounts in minor units
 * (`centAmount`) are not read, because nothing says so reliably.
 */
import { asCurrency, fieldsOf, isObject } from "./json.ts";
import { INVISIBLE_FORMAT } from "./invisible.ts";

export interface Money {
  amount: number;
  /** ISO 4217; `null` when it is not written beside the amount. */
  currency: string | null;
}

/** `null` when `value` is no amount, or could mean two. */
export function readMoney(value: unknown): Money | null {
  if (typeof value === "number") return Number.isFinite(value) ? { amount: value, currency: null } : null;
  if (typeof value === "string") return readText(value);
  if (!isObject(value)) return null;
  const field = fieldsOf(value);
  if (MINOR_UNITS.some((name) => field(name) !== undefined)) return null;
  const amount = field("amount") ?? field("value");
  const money = isObject(amount) ? null : readMoney(amount);
  const currency = asCurrency(field("currency")) ?? asCurrency(field("currency_code"));
  return money && { ...money, ...(currency !== undefined && { currency }) };
}

/** They say how many digits of the amount are decimals. */
const MINOR_UNITS = ["fraction_digits", "precision", "scale", "exponent", "divisor", "minor_units"];

/** A sign, a currency before or after the number, `(12.50)` and `12.50-` for less than nothing, `12.-` for no cents. */
const AMOUNT =
  /^(?<open>\()? ?(?<sign>[-+])? ?(?<before>[\p{L}\p{Sc}.]{0,6}?)\.? ?(?<inner>[-+])? ?(?<number>\d[\d., ']*?)(?<cents>[.,][-–—]+)? ?(?<trailing>-)? ?(?<after>[\p{L}\p{Sc}.]{0,6}) ?(?<close>\))?$/u;

function readText(text: string): Money | null {
  if (text.length > 60) return null;
  // NFKC turns wide digits, thin spaces and the like into plain ones.
  const plain = text
    .normalize("NFKC")
    .replace(INVISIBLE_FORMAT, "")
    .replace(/[’‘´`]/g, "'")
    .replaceAll("\u2212", "-")
    .replace(/\s+/g, " ")
    .trim();
  const groups = AMOUNT.exec(plain)?.groups;
  if (!groups || (groups["open"] === undefined) !== (groups["close"] === undefined)) return null;
  const number = readDigits(groups["number"]!.trim());
  if (number === null) return null;
  const minus = (groups["sign"] === "-" || groups["inner"] === "-" || groups["open"]) ?? groups["trailing"];
  return {
    amount: minus ? -number : number,
    currency: currencyOf(groups["before"]!) ?? currencyOf(groups["after"]!),
  };
}

/** Other signs stand for several currencies. */
const SIGNS: Record<string, string> = {
  "€": "EUR",
  "£": "GBP",
  "₹": "INR",
  "₺": "TRY",
  "₴": "UAH",
  "₪": "ILS",
};

function currencyOf(word: string): string | null {
  return SIGNS[word] ?? (/^[A-Z]{3}$/.test(word) ? word : null);
}

/** `1.234,50` → 1234.5; `null` when the separators could mean two numbers, or none. */
function readDigits(digits: string): number | null {
  const separators = [...digits.replace(/\d/g, "")];
  const last = separators.at(-1);
  if (last === undefined) return Number(digits);
  const at = digits.lastIndexOf(last);
  const [whole, decimals] = [digits.slice(0, at), digits.slice(at + 1)];
  const others = new Set(separators.slice(0, -1));
  if (others.size > 1) return null;
  const [other] = others;
  if (other === last || last === " " || last === "'") return readGroups(digits, last);
  if (other !== undefined) return withDecimals(readGroups(whole, other), decimals);
  // One point or comma. Three digits after it may be thousands, unless what stands before it cannot be.
  if (decimals.length === 3 && whole.length <= 3 && whole !== "0") return null;
  return withDecimals(Number(whole), decimals);
}

function withDecimals(whole: number | null, decimals: string): number | null {
  return whole === null || decimals === "" ? whole : Number(`${whole}.${decimals}`);
}

/** Thousands, or lakhs with a comma (`1,23,456`). */
function readGroups(digits: string, separator: string): number | null {
  const [first = "", ...groups] = digits.split(separator);
  const isGrouped =
    /^\d{1,3}$/.test(first) &&
    groups.at(-1)?.length === 3 &&
    groups.every(({ length }) => length === 3 || (separator === "," && length === 2));
  return isGrouped ? Number(digits.replaceAll(separator, "")) : null;
}
