/** What would become of the rows of a file: the Worker's own reading of each, without the Worker. */
import type { Config } from "../../src/config.ts";
import { readEvent } from "../../src/segment/event.ts";
import { describeReason } from "../../src/segment/reasons.ts";
import { toEvent, type EventOptions } from "./events.ts";
import { readRows, type Input } from "./rows.ts";

/** How many rows would have each fate, the reasons in words. */
export interface Forecast {
  invited: number;
  skipped: Map<string, number>;
  ignored: Map<string, number>;
  rejected: Map<string, { rows: number; firstLine: number }>;
}

/** @param now in ms */
export async function forecast(
  input: Input,
  options: EventOptions,
  config: Config,
  now: number,
  onRows: (rows: number) => void,
): Promise<Forecast> {
  const result: Forecast = { invited: 0, skipped: new Map(), ignored: new Map(), rejected: new Map() };
  let rows = 0;
  for await (const row of readRows(input)) {
    rows += 1;
    if (rows % 5000 === 0) onRows(rows);
    const read = toEvent(row, options);
    if (read.kind === "broken") reject(result, `The row ${read.problem}.`, row.line);
    else judge(result, read.event, config, now, row.line);
  }
  return result;
}

function judge(result: Forecast, event: object, config: Config, now: number, line: number): void {
  const reading = readEvent(event, config, now);
  switch (reading.kind) {
    case "order":
      if (reading.skip === null) result.invited += 1;
      else count(result.skipped, describeReason(reading.skip, config.rules));
      return;
    case "skipped":
      return count(result.skipped, reading.message);
    case "rejected":
      return reject(result, reading.message, line);
    case "ignored":
      return count(result.ignored, reading.message);
    case "cancellation":
    case "membership":
    case "deletion":
      return count(result.ignored, `No order, but a ${reading.kind}: it would be carried out.`);
  }
}

function count(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
}

function reject({ rejected }: Forecast, reason: string, line: number): void {
  const known = rejected.get(reason);
  if (known) known.rows += 1;
  else rejected.set(reason, { rows: 1, firstLine: line });
}
