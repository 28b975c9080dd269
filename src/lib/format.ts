/**
 * How times and numbers are written: by the Worker in UTC and British English, by the page's script in the reader's
 * time zone and locale. Making a formatter costs more than using it a hundred times, so each is made once.
 */

const LOCALE = "en-GB";

/** `23 Nov 2026, 14:05`, or `…, 14:05:09`. @param time ms or ISO 8601 */
export function formatTime(
  time: number | string,
  timeZone: string,
  seconds = false,
  locale = LOCALE,
): string {
  const key = `${timeZone} ${seconds}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locale, {
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      ...(seconds && { second: "2-digit" }),
      timeZone,
    });
    formatters.set(key, formatter);
  }
  return formatter.format(new Date(time));
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** `23 Nov`. @param day `2026-11-23` */
export function formatDay(day: string, locale = LOCALE): string {
  days ??= new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
  return days.format(new Date(day));
}

let days: Intl.DateTimeFormat | undefined;

/** `1,234` */
export function formatNumber(number: number, locale = LOCALE): string {
  // Most numbers of a page: a formatter takes fifty times as long for the same.
  if (locale === LOCALE && number >= 0 && number < 1000 && Number.isInteger(number)) return String(number);
  numbers ??= new Intl.NumberFormat(locale);
  return numbers.format(number);
}

let numbers: Intl.NumberFormat | undefined;

/** `1 order`, `1,234 orders` */
export function quantity(number: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(number)} ${number === 1 ? noun : plural}`;
}

/** `Order too old` */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
