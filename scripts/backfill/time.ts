/** Times as the Worker reads them; one without a zone is UTC, wherever this runs. */
import { asTime } from "../../src/lib/json.ts";

/** @returns ms since 1970; `null` when it is not a time */
export function readTime(value: unknown): number | null {
  if (typeof value === "number") return asTime(value < 1e11 ? value * 1000 : value);
  if (typeof value !== "string") return null;
  if (/^\d{9,13}$/.test(value)) return readTime(Number(value));
  if (!/^\d{4}-\d\d-\d\d/.test(value)) return null;
  const iso = value.replace(" UTC", "Z").replace(/^(\S+) (?=\d)/, "$1T");
  const hasZone = /T.*(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(iso) || !iso.includes("T");
  return asTime(hasZone ? iso : `${iso}Z`);
}
