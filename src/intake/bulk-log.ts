/**
 * Log lines that nobody waits for, several in one write.
 *
 * Most of what a source sends is ignored or known, and a write of its own for each of them costs about as much as
 * everything else that is done about it; Workers Logs bills it, too. So these lines are collected for a moment. What
 * they look like stays the same: one JSON object a line. The price is that a crash loses those of the last moment,
 * and that the dashboard takes the lines of one write for one text.
 */
import { textOf, type LogLine } from "../log.ts";

/** In ms; of the invocation that wrote the first line, which lasts as long. */
const MOMENT = 250;
/** An invocation may log 256 KB. */
const MOST_LINES = 200;

let lines: string[] = [];
/** Until when a write has been arranged for, in ms. */
let arrangedUntil = 0;

/** @param later keeps the runtime alive until the line is written, and is called at most once a moment */
export function logInBulk(line: LogLine, later: (work: Promise<unknown>) => void): void {
  lines.push(textOf(line));
  if (lines.length >= MOST_LINES) writeLines();
  const now = Date.now();
  if (now < arrangedUntil) return;
  arrangedUntil = now + MOMENT;
  later(scheduler.wait(MOMENT).then(writeLines));
}

function writeLines(): void {
  if (lines.length > 0) console.log(lines.join("\n"));
  lines = [];
}
