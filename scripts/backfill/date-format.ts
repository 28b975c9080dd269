/**
 * Times as `--date-format` describes them, for dates that could be read in two ways: is 03.04.2026 in March or April?
 *
 * `YYYY` year · `MM` or `M` month · `MMM` its English name, three letters · `DD` or `D` day · `HH` or `H` hour ·
 * `hh` or `h` hour of twelve with `A` for AM or PM · `mm` minute · `ss` second · `Z` offset such as +02:00 or +0200.
 * Everything else stands for itself; without `Z` a time is UTC.
 */
import { UserError } from "../lib/command.ts";

/** @returns ms since 1970; `null` when it is not a time */
export type ReadTime = (value: unknown) => number | null;

const TOKENS: Record<string, string> = {
  YYYY: String.raw`(?<year>\d{4})`,
  MMM: String.raw`(?<name>[A-Za-z]{3})[a-z]*\.?`,
  MM: String.raw`(?<month>\d{2})`,
  M: String.raw`(?<month>\d{1,2})`,
  DD: String.raw`(?<day>\d{2})`,
  D: String.raw`(?<day>\d{1,2})`,
  HH: String.raw`(?<hour>\d{2})`,
  H: String.raw`(?<hour>\d{1,2})`,
  hh: String.raw`(?<hour>\d{2})`,
  h: String.raw`(?<hour>\d{1,2})`,
  mm: String.raw`(?<minute>\d{2})`,
  ss: String.raw`(?<second>\d{2})(?:\.\d+)?`,
  A: String.raw`(?<half>[AaPp])\.?[Mm]\.?`,
  Z: String.raw`(?<zone>Z|[+-]\d{2}:?\d{2})`,
};

const TOKEN = /YYYY|MMM|MM|M|DD|D|HH|H|hh|h|mm|ss|A|Z/g;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** @throws UserError when the format has no day, month and year, or has one twice */
export function dateFormat(format: string): ReadTime {
  const pattern = patternOf(format);
  return (value) => {
    const parts = typeof value === "string" ? pattern.exec(value.trim())?.groups : undefined;
    return parts === undefined ? null : timeOf(parts);
  };
}

function patternOf(format: string): RegExp {
  const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&").replace(/\s+/g, "\\s+");
  const names = format.match(TOKEN) ?? [];
  const texts = format.split(TOKEN);
  const source = texts.map((text, index) => escape(text) + (TOKENS[names[index] ?? ""] ?? "")).join("");
  const has = (name: string) => source.includes(`(?<${name}>`);
  try {
    if (has("year") && (has("month") || has("name")) && has("day")) return new RegExp(`^${source}$`);
  } catch {
    // A part of the date is there twice.
  }
  throw new UserError(
    `--date-format needs each of year, month and day once, such as "DD.MM.YYYY HH:mm", not "${format}".`,
  );
}

type Parts = Partial<Record<string, string>>;

function timeOf({
  year,
  month,
  name,
  day,
  hour = "0",
  minute = "0",
  second = "0",
  half,
  zone,
}: Parts): number | null {
  const monthNumber = month === undefined ? MONTHS.indexOf(name!.toLowerCase()) + 1 : Number(month);
  const hours =
    half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  const date = `${year}-${pad(monthNumber)}-${pad(Number(day))}`;
  const time = Date.parse(
    `${date}T${pad(hours)}:${pad(Number(minute))}:${pad(Number(second))}${offset(zone)}`,
  );
  return Number.isNaN(time) || !isDay(date) ? null : time;
}

/** `Date.parse` takes 31 February for 3 March. */
function isDay(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}

function offset(zone: string | undefined): string {
  if (zone === undefined || zone === "Z") return "Z";
  return zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
