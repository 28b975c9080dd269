/**
 * Times as real senders and exports write them. Used for events and for files of past orders alike, because an order
 * whose age is misread is either lost as too old or invited years later.
 *
 * A text is read only if it can mean one time. A time without a zone is taken as UTC; a date is its midnight.
 */
import { INVISIBLE } from "./invisible.ts";
import { isPlaceholder } from "./placeholder.ts";
import { DAY } from "./time.ts";

export type TimeReading =
  /** In ms since 1970. */
  | { kind: "time"; time: number }
  /** Nothing, or a word for nothing. */
  | { kind: "missing" }
  /** Not the time of an order: before 2000, or more than two days ahead. */
  | { kind: "implausible" }
  /** `03/04/2026`: the 3rd of April or the 4th of March. */
  | { kind: "ambiguous" }
  | { kind: "unreadable" };

export type DateOrder = "dmy" | "mdy" | "ymd";

interface TimeOptions {
  /** In ms; by default the clock. */
  now?: number;
  /** The order of numeric dates. Without it, only a date that can be read in one order is read. */
  order?: DateOrder | undefined;
}

/** @param value an ISO 8601 or RFC 2822 text, another common form, or seconds, ms, µs or ns since 1970 */
export function readTime(value: unknown, { now = Date.now(), order }: TimeOptions = {}): TimeReading {
  if (value === undefined || value === null) return { kind: "missing" };
  const isNumber = typeof value === "number" && Number.isFinite(value);
  if (typeof value !== "string" && !isNumber) return { kind: "unreadable" };
  const text = clean(String(value));
  // No time is longer; the limit keeps the patterns cheap.
  if (text.length > 100) return { kind: "unreadable" };
  if (isPlaceholder(text)) return { kind: "missing" };
  const reading = readNumber(text) ?? readText(text, order);
  if (typeof reading === "string") return { kind: reading };
  const plausible = reading >= EARLIEST && reading <= now + 2 * DAY;
  return plausible ? { kind: "time", time: reading } : { kind: "implausible" };
}

/** The order in a pattern such as `DD.MM.YYYY HH:mm`, `%m/%d/%Y` or `d.m.y`; `null` when it has none. */
export function dateOrderOf(pattern: string): DateOrder | null {
  const letters = pattern
    .replaceAll("%", "")
    .replace(/h+\W*m+(\W*s+)?/i, "")
    .toLowerCase();
  const order = [...new Set(letters.replace(/[^dmy]/g, ""))].join("");
  return order === "dmy" || order === "mdy" || order === "ymd" ? order : null;
}

const EARLIEST = Date.UTC(2000, 0);

/** Ms since 1970, or why there are none. */
type Reading = number | "implausible" | "ambiguous" | "unreadable";

/** `Tue Oct 21 00:01:15 CEST 2025` (ctime, Java) in the usual order. */
const CTIME = /^([a-z]{3} \d{1,2}) (\d\d:\d\d:\d\d)( [a-z]{2,5}| [+-]\d{4})? (\d{4})$/i;

function clean(text: string): string {
  return text
    .slice(0, 500)
    .replace(/\s+/g, " ")
    .replace(INVISIBLE, "")
    .replaceAll("\u2212", "-")
    .trim()
    .replace(/^["'](.*)["']$/, "$1")
    .replace(/^\/?Date\((-?\d+)([+-]\d{4})?\)\/?$/, "$1")
    .replace(/^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +/i, "")
    .replace(/ ?(\([^()]*\)|\[[^[\]]*\])$/, "")
    .replace(/,(?= )| at(?= \d)/gi, "")
    .replace(CTIME, "$1 $4 $2$3");
}

/** Digits: `20251021`, `20251021000115`, or a span since 1970 in the unit that its size tells. */
function readNumber(text: string): Reading | null {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return null;
  const compact = /^((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(?:(\d\d)(\d{3})?)?)?$/.exec(text);
  if (compact) return toTime(compact.slice(1).map((part) => Number(part ?? 0)) as Parts);
  const span = Number(text);
  if (span < 0) return "implausible";
  const unit = [1e11, 1e14, 1e17].findIndex((limit) => span < limit);
  return Math.round(span * ([1000, 1, 1e-3][unit] ?? 1e-6));
}

type Parts = [
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
];

function readText(text: string, order: DateOrder | undefined): Reading {
  for (const pattern of DATES) {
    const groups = pattern.exec(text)?.groups as DateGroups | undefined;
    if (groups === undefined) continue;
    const date = readDate(groups, order);
    if (typeof date === "string") return date;
    return readClock(groups.rest, date);
  }
  return "unreadable";
}

interface DateGroups {
  y: string;
  m?: string;
  d?: string;
  month?: string;
  one?: string;
  two?: string;
  separator?: string;
  rest: string;
}

const REST = String.raw`(?<rest>$|[t :_].*$)`;
const MONTH = String.raw`(?<month>[a-z]{3,9})\.?`;
const DATES = [
  String.raw`^(?<y>\d{4})(?<separator>[-/.])(?<m>\d{1,2})\k<separator>(?<d>\d{1,2})${REST}`,
  String.raw`^(?<y>\d{4})(?<m>\d\d)(?<d>\d\d)${REST}`,
  String.raw`^(?<d>\d{1,2})(?:st|nd|rd|th)?[-/ .]+${MONTH}[-/ .]+(?<y>\d{4}|\d\d)${REST}`,
  String.raw`^${MONTH}[- ](?<d>\d{1,2})(?:st|nd|rd|th)?[- ](?<y>\d{4})${REST}`,
  String.raw`^(?<y>\d{4})[- ]${MONTH}[- ](?<d>\d{1,2})${REST}`,
  String.raw`^(?<one>\d{1,2})(?<separator>[-/.])(?<two>\d{1,2})\k<separator>(?<y>\d{4}|\d\d)${REST}`,
].map((pattern) => new RegExp(pattern, "i"));

type DateParts = [year: number, month: number, day: number];

function readDate(groups: DateGroups, order: DateOrder | undefined): DateParts | "ambiguous" | "unreadable" {
  const year = Number(groups.y) + (groups.y.length === 2 ? 2000 : 0);
  if (groups.month !== undefined) {
    const month = MONTHS.findIndex((name) =>
      name.startsWith(groups.month!.toLowerCase().replace("sept", "sep")),
    );
    return month < 0 ? "unreadable" : [year, month + 1, Number(groups.d)];
  }
  if (groups.m !== undefined) return [year, Number(groups.m), Number(groups.d)];
  const [one, two] = [Number(groups.one), Number(groups.two)];
  const wanted = order ?? orderOf(one, two, groups);
  if (wanted === null) return "ambiguous";
  if (wanted !== "ymd") return wanted === "dmy" ? [year, two, one] : [year, one, two];
  // 26-11-24
  return groups.y.length === 2 ? [2000 + one, two, Number(groups.y)] : "unreadable";
}

/** Dates with dots begin with the day everywhere; others only tell when one number is no month. */
function orderOf(one: number, two: number, { separator, y }: DateGroups): DateOrder | null {
  if (y.length === 2) return null;
  if (separator === "." || one === two || one > 12) return "dmy";
  return two > 12 ? "mdy" : null;
}

const MONTHS = "january february march april may june july august september october november december".split(
  " ",
);

const CLOCK =
  /^[t :_]+(\d{1,2})(?:[:.h]?(\d\d)(?:[:.]?(\d\d)(?:[.,](\d{1,9}))?)?)? ?(?:([ap])\.?m\.?)? ?(.*)$/i;

/** @param rest what follows the date: nothing, or a time with or without a zone */
function readClock(rest: string, date: DateParts): Reading {
  if (rest.trim() === "") return toTime([...date, 0, 0, 0, 0]);
  const match = CLOCK.exec(rest);
  if (!match) return "unreadable";
  const [, hours, minutes = "0", seconds = "0", fraction = "0", half, zone] = match;
  const offset = readZone(zone!);
  let hour = Number(hours);
  if (half !== undefined && hour <= 12) hour = (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  else if (half?.toLowerCase() === "a") return "unreadable";
  if (offset === null) return "unreadable";
  const ms = Math.floor(Number(`0.${fraction}`) * 1000);
  const time = toTime([...date, hour, Number(minutes), Number(seconds), ms]);
  return typeof time === "number" ? time - offset * 60_000 : time;
}

/** Minutes ahead of UTC of `Z`, `+0200`, ` +02`, `GMT+2`, `-05:00 EST` or `CET`; `null` when it is no zone. */
function readZone(zone: string): number | null {
  const match =
    /^(?:z|utc|gmt|ut)? ?(?:([+-])(\d{1,2}):?(\d\d)?(?::?\d\d)?)? ?([a-z]{3,5})?(?: m=.*)?$/i.exec(zone);
  if (!match) return null;
  const [, sign, hours, minutes = "0", name] = match;
  if (sign !== undefined) {
    const offset = Number(hours) * 60 + Number(minutes);
    return offset <= 15 * 60 ? (sign === "-" ? -offset : offset) : null;
  }
  return name === undefined ? 0 : (ZONES[name.toUpperCase()] ?? null);
}

/** In minutes: those of RFC 2822, and what exports of shops in Europe, Asia and Oceania hold. */
const ZONES: Record<string, number> = Object.fromEntries(
  `UTC 0 GMT 0 EST -5 EDT -4 CST -6 CDT -5 MST -7 MDT -6 PST -8 PDT -7 AKST -9 AKDT -8 HST -10 AST -4 ADT -3
   BRT -3 WET 0 WEST 1 BST 1 CET 1 CEST 2 MEZ 1 MESZ 2 MET 1 MEST 2 EET 2 EEST 3 SAST 2 MSK 3 TRT 3 GST 4 IST 5.5
   SGT 8 HKT 8 AWST 8 JST 9 KST 9 ACST 9.5 ACDT 10.5 AEST 10 AEDT 11 NZST 12 NZDT 13`
    .split(/\s+/)
    .flatMap((word, index, words) => (index % 2 === 0 ? [[word, Number(words[index + 1]) * 60]] : [])),
);

/** Only what the calendar and the clock have; of a year before 2000 nothing else matters. */
function toTime([year, month, day, hour, minute, second, ms]: Parts): Reading {
  if (year < 2000) return "implausible";
  const daysOfMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth;
  // 24:00 ends a day, and a leap second is written :60.
  const isClock = (hour < 24 || (hour === 24 && minute + second === 0)) && minute < 60 && second <= 60;
  return isDate && isClock ? Date.UTC(year, month - 1, day, hour, minute, second, ms) : "unreadable";
}
