/** Which column of a file holds what. */
import { UserError } from "../lib/command.ts";
import { EXPORTS, fold, type ExportName, type ShopExport } from "./exports.ts";
import { FIELDS, type Field } from "./fields.ts";
import type { Input } from "./row.ts";

/** The columns of each field; the first one that holds a value counts. */
export type Columns = Partial<Record<Field, readonly string[]>>;

/** @param maps `field=Column,field=Column`; a comma inside a name is written `\,` @throws UserError */
export function readMaps(maps: readonly string[]): Partial<Record<Field, string>> {
  const columns: Partial<Record<Field, string>> = {};
  for (const pair of maps.flatMap((map) => map.split(/(?<!\\),/))) {
    const [name = "", ...rest] = pair.split("=");
    const column = rest.join("=").replaceAll("\\,", ",").trim();
    const field = FIELDS.find((known) => known === name.trim());
    if (field === undefined || column === "") {
      throw new UserError(`--map takes field=Column with a field of ${FIELDS.join(", ")}, not "${pair}".`);
    }
    columns[field] = column;
  }
  return columns;
}

/**
 * The columns of `input`: those that were named, then those of the shop's export, or without one those that have a
 * field's own name. A column that was named for one field is not taken for another. @throws UserError
 */
export function findColumns(
  input: Input,
  mapped: Partial<Record<Field, string>>,
  from: ExportName | null,
  needed: Field[],
): Columns {
  if (input.format === "ndjson") return columnsOfNdjson(mapped);
  const { path, columns: names } = input;
  const taken = new Set(Object.values(mapped));
  const candidates: ShopExport["columns"] = from === null ? OWN_NAMES : EXPORTS[from].columns;
  const columns: Columns = {};
  for (const [field, wanted] of Object.entries(mapped) as [Field, string][]) {
    columns[field] = only(path, names, (name) => name === wanted, wanted);
  }
  for (const [field, wanted] of Object.entries(candidates) as [Field, string[]][]) {
    if (mapped[field] !== undefined) continue;
    const found = wanted.flatMap((name) => matching(path, names, taken, name));
    if (found.length > 0) columns[field] = found;
  }
  const missing = needed.find((field) => columns[field] === undefined);
  if (missing === undefined) return columns;
  const advice =
    (from && (EXPORTS[from] as ShopExport).advice?.[missing]) ?? `Name the right one: --map ${missing}="…"`;
  throw new UserError(
    `${path} has no column for ${missing}${CONSEQUENCES[missing] ?? ""}. ${listOf(names)} ${advice}`,
  );
}

/** A status is never taken by its name alone: what its words mean is known only for shop exports. */
const OWN_NAMES: ShopExport["columns"] = Object.fromEntries(
  FIELDS.filter((field) => field !== "status").map((field) => [field, [field]]),
);

const CONSEQUENCES: Partial<Record<Field, string>> = {
  timestamp: " (without it every order counts as new; --without-dates says that they are)",
  status: " (without it cancelled orders would be invited)",
};

function columnsOfNdjson(mapped: Partial<Record<Field, string>>): Columns {
  const named = Object.entries(mapped).map(([field, column]) => [field, [column]]);
  return { ...OWN_NAMES, ...(Object.fromEntries(named) as Columns) };
}

function only(
  path: string,
  names: readonly string[],
  is: (name: string) => boolean,
  wanted: string,
): string[] {
  const found = names.filter(is);
  if (found.length === 0) throw new UserError(`${path} has no column "${wanted}". ${listOf(names)}`);
  if (found.length > 1) throw new UserError(`${path} has ${found.length} columns "${wanted}".`);
  return found;
}

function matching(
  path: string,
  names: readonly string[],
  taken: ReadonlySet<string>,
  wanted: string,
): string[] {
  const found = names.filter((name) => fold(name) === fold(wanted) && !taken.has(name));
  return found.length === 0 ? [] : only(path, found, () => true, found[0]!);
}

function listOf(names: readonly string[]): string {
  return `Its columns are: ${names.join(", ")}.`;
}
