/**
 * Best-effort log lines, several in one write.
 *
 * Most events are ignored or duplicates, and one write for each would cost about as much as all other work on it;
 * Workers Logs bills it, too. So these lines are collected for a moment and keep their form: one JSON object a line.
 * The price: a crash loses the lines of the last moment, and the dashboard shows one write as a single entry.
 */
import { textOf, type LogLine } from "../log.ts";

/** In ms. The invocation that wrote the first line stays alive that long. */
const MOMENT = 250;
/** An invocation may log 256 KB. */
const MOST_LINES = 200;

let lines: string[] = [];
/** A write is scheduled until this time, in ms. */
let scheduledUntil = 0;

/** @param waitUntil keeps the runtime alive until the line is written; called at most once a moment */
export function logInBulk(line: LogLine, waitUntil: (work: Promise<unknown>) => void): void {
  lines.push(textOf(line));
  if (lines.length >= MOST_LINES) writeLines();
  const now = Date.now();
  if (now < scheduledUntil) return;
  scheduledUntil = now + MOMENT;
  waitUntil(scheduler.wait(MOMENT).then(writeLines));
}

function writeLines(): void {
  if (lines.length > 0) console.log(lines.join("\n"));
  lines = [];
}
