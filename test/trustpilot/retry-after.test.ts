import { expect, it } from "vitest";
import { readRetryAfter } from "../../src/trustpilot/retry-after.ts";

const NOW = Date.UTC(2026, 10, 24, 12);

it.each<[string, string | null, number | null]>([
  ["seconds", "120", 120_000],
  ["seconds with space around", "  120 ", 120_000],
  ["no seconds at all", "0", 0],
  ["a fraction of a second", "1.5", 1500],
  ["seconds beyond any sense, which the backoff bounds", "99999999999", 99_999_999_999_000],
  ["an HTTP date", "Tue, 24 Nov 2026 12:01:00 GMT", 60_000],
  ["an HTTP date in the obsolete form", "Tuesday, 24-Nov-26 12:01:00 GMT", 60_000],
  ["a date of the next century", "Mon, 24 Nov 2126 12:00:00 GMT", Date.UTC(2126, 10, 24, 12) - NOW],
  ["nothing", null, null],
  ["an empty value", "", null],
  ["a negative number", "-5", null],
  ["a past date", "Tue, 24 Nov 2026 11:59:59 GMT", null],
  ["the present moment as a date", "Tue, 24 Nov 2026 12:00:00 GMT", null],
  ["a number with too many digits", "9".repeat(400), null],
  ["an exponent", "1e3", null],
  ["hexadecimal digits", "0x10", null],
  ["a duration", "5m", null],
  ["a word", "soon", null],
  ["Infinity", "Infinity", null],
  ["NaN", "NaN", null],
  ["two values in one", "120, 240", null],
  ["a date that does not exist", "Tue, 99 Nov 2026 12:01:00 GMT", null],
])("Retry-After with %s", (_, value, wait) => {
  expect(readRetryAfter(value, NOW)).toBe(wait);
});
