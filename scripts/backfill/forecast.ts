/** What would become of the rows of a file: the Worker's own reading of each, without the Worker. */
import type { Fate, Rules, Vars } from "../lib/rules.ts";
import { toEvent, type EventOptions } from "./events.ts";
import { readRows, type Input } from "./rows.ts";

/** How many rows would have each fate, with the line of the first. */
export type Forecast = (Fate & { rows: number; firstLine: number })[];

const ORDER = ["invited", "skipped", "ignored", "rejected"];

/** @param settings without problems @param now in ms @param onRows is told the number of rows now and then */
export async function forecast(
  input: Input,
  options: EventOptions,
  rules: Rules,
  settings: Vars,
  now: number,
  onRows: (rows: number) => void,
): Promise<Forecast> {
  const fates = new Map<string, Forecast[number]>();
  let rows = 0;
  for await (const row of readRows(input)) {
    rows += 1;
    if (rows % 5000 === 0) onRows(rows);
    const read = toEvent(row, options);
    const fate: Fate =
      read.kind === "broken"
        ? { kind: "rejected", reason: `The row ${read.problem}.` }
        : rules.fateOf(read.event, settings, now);
    const key = `${fate.kind} ${fate.reason}`;
    const known = fates.get(key);
    if (known) known.rows += 1;
    else fates.set(key, { ...fate, rows: 1, firstLine: row.line });
  }
  return [...fates.values()].toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}
