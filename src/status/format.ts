/**
 * How moments and numbers are written: moments in UTC by the Worker, in the reader's time zone by the page's script.
 * Making a formatter costs more than using it a hundred times, so each is made once.
 */

/** `23 Nov 2026, 14:05`, or `…, 14:05:09`. @param time ms or ISO 8601 */
export function formatTime(time: number | string, timeZone: string, seconds = false): string {
  const key = `${timeZone} ${seconds}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-GB", {
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
export function formatDay(day: string): string {
  return days.format(new Date(day));
}

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** `1,234` */
export function formatNumber(number: number): string {
  return numbers.format(number);
}

/** `1 order`, `1,234 orders` */
export function quantity(number: number, noun: string): string {
  return `${formatNumber(number)} ${noun}${number === 1 ? "" : "s"}`;
}

const numbers = new Intl.NumberFormat("en");
