/**
 * Trustpilot's own list of invitations: Get reviews › Invitation status › Export, a CSV on every plan.
 *
 * Its columns are found by name, in the languages of Trustpilot's business pages and in any order. Only the reference
 * number, the status and the time of creation are read; times are UTC.
 */
import { isPlaceholder } from "../../src/lib/placeholder.ts";
import { readTime, type DateOrder } from "../../src/lib/time-reader.ts";
import { fold } from "../backfill/exports.ts";
import { openInput, readRows } from "../backfill/input.ts";
import { mangled } from "../backfill/mangled-id.ts";
import type { Input } from "../backfill/row.ts";
import { UserError } from "../lib/command.ts";
import { referenceKey } from "./reference-key.ts";

export interface InvitationList {
  /** By the key of the reference; the first spelling and status of each. */
  invitations: ReadonlyMap<string, { reference: string; status: string }>;
  /** When the first and the last invitation was created, in ms. */
  first: number;
  last: number;
  /** Rows without a reference: nothing here can be compared with them. */
  withoutReference: number;
  /** Lines whose reference a spreadsheet has changed. */
  mangled: number[];
}

const COLUMNS = {
  reference: [
    "Reference number", "Reference", "Reference ID", "Order reference", "Referenznummer", "Numéro de référence",
    "Número de referencia", "Numero di riferimento", "Referentienummer", "Referencenummer", "Referensnummer",
    "Referansenummer", "Viitenumero", "Número de referência", "Numer referencyjny", "Номер ссылки", "参照番号",
  ],
  created: [
    "Created", "Created at", "Date created", "Created date", "Creation date", "Erstellt", "Erstellt am",
    "Erstellungsdatum", "Créé", "Créée", "Créé le", "Créée le", "Date de création", "Creado", "Creada",
    "Fecha de creación", "Creato", "Creato il", "Data di creazione", "Gemaakt", "Aangemaakt", "Aanmaakdatum",
    "Oprettet", "Upprättad", "Skapad", "Opprettet", "Luotu", "Criado", "Criada", "Data de criação", "Utworzono",
    "Data utworzenia", "Создано", "作成日",
  ],
  status: [
    "Status", "Delivery status", "Invitation status", "Zustellstatus", "Statut", "Estado", "Stato", "Tila", "Статус",
    "ステータス",
  ],
}; // prettier-ignore

type Column = keyof typeof COLUMNS;
export const LIST_COLUMNS = Object.keys(COLUMNS) as Column[];

interface ListOptions {
  /** `reference=Order,created=Date`, as given. */
  maps: readonly string[];
  delimiter?: string | undefined;
  dateOrder?: DateOrder | undefined;
}

/** @throws UserError when the file cannot be read, or a time in it may mean two days */
export async function readInvitationList(path: string, options: ListOptions): Promise<InvitationList> {
  const input = await openInput(path, "csv", options.delimiter);
  const columns = findColumns(input, readMaps(options.maps));
  const invitations = new Map<string, { reference: string; status: string }>();
  const list = { first: Infinity, last: -Infinity, withoutReference: 0, mangled: [] as number[] };
  for await (const row of readRows(input)) {
    if (row.kind === "broken") throw new UserError(`${path}: line ${row.line} ${row.problem}.`);
    const read = (column: Column) => (row.record[columns[column] ?? ""] as string | undefined)?.trim() ?? "";
    const time = timeOf(read("created"), row.line, path, options.dateOrder);
    list.first = Math.min(list.first, time ?? list.first);
    list.last = Math.max(list.last, time ?? list.last);
    const reference = read("reference");
    if (mangled(reference) !== null) list.mangled.push(row.line);
    else if (isPlaceholder(reference)) list.withoutReference += 1;
    else if (!invitations.has(referenceKey(reference)))
      invitations.set(referenceKey(reference), { reference, status: read("status") });
  }
  if (invitations.size === 0 || list.last < list.first) throw new UserError(`${path} holds no invitations.`);
  return { ...list, invitations };
}

function timeOf(written: string, line: number, path: string, order: DateOrder | undefined): number | null {
  const reading = readTime(written, { order, now: Infinity });
  switch (reading.kind) {
    case "time":
      return reading.time;
    case "missing":
      return null;
    case "ambiguous":
      throw new UserError(
        `${path}: line ${line} has the time "${written}", which may be two days: say which with --date-format DD/MM/YYYY or MM/DD/YYYY.`,
      );
    case "implausible":
    case "unreadable":
      throw new UserError(`${path}: line ${line} has the time "${written}", which is not a date.`);
  }
}

function readMaps(maps: readonly string[]): Partial<Record<Column, string>> {
  const columns: Partial<Record<Column, string>> = {};
  for (const pair of maps.flatMap((map) => map.split(/(?<!\\),/))) {
    const [name = "", ...rest] = pair.split("=");
    const column = LIST_COLUMNS.find((known) => known === name.trim());
    const title = rest.join("=").replaceAll("\\,", ",").trim();
    if (column === undefined || title === "") {
      throw new UserError(`--map takes one of ${LIST_COLUMNS.join(", ")} and a column, not "${pair}".`);
    }
    columns[column] = title;
  }
  return columns;
}

function findColumns({ path, columns: names }: Input, mapped: Partial<Record<Column, string>>) {
  const found: Partial<Record<Column, string>> = {};
  for (const column of LIST_COLUMNS) {
    const wanted = mapped[column];
    const known = COLUMNS[column].map(fold);
    const name = names.find((each) => (wanted === undefined ? known.includes(fold(each)) : each === wanted));
    if (name !== undefined) found[column] = name;
    else if (wanted !== undefined || column !== "status") throw missing(path, column, wanted, names);
  }
  return found;
}

function missing(
  path: string,
  column: Column,
  wanted: string | undefined,
  names: readonly string[],
): UserError {
  const what = wanted === undefined ? `no column that is known as ${column}` : `no column "${wanted}"`;
  return new UserError(
    `${path} has ${what}. Its columns are: ${names.join(", ")}. Name the right one: --map ${column}="…"`,
  );
}
