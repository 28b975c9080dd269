/** The progress bar of all long work, with the rate and the time left: on stderr, so that results can be piped. */
import { SingleBar } from "cli-progress";
import { atEnd } from "./at-end.ts";
import { printable } from "./printable.ts";

export class ProgressBar {
  readonly #bar: SingleBar;
  readonly #started = Date.now();
  readonly #from: number;

  /** @param unit what is counted, e.g. "rows" @param done what an earlier run has done */
  constructor(unit: string, total: number, done = 0) {
    this.#from = done;
    this.#bar = new SingleBar({
      format: `{bar} {percentage} % | {value} of {total} ${unit} | {rate} a second | {left} left{note}`,
      formatValue: (value, _options, type) =>
        type === "value" || type === "total" ? value.toLocaleString("en") : String(value),
      // Without a terminal: a line every few seconds, as for a log.
      noTTYOutput: true,
      notTTYSchedule: 5000,
      hideCursor: true,
      // Ctrl-C is for the command to handle, and for `atEnd`.
      gracefulExit: false,
    });
    this.#bar.start(total, done, { rate: "–", left: "–", note: "" });
    // It hides the cursor.
    atEnd(() => this.stop());
  }

  /** @param note something to tell for the moment */
  update(value: number, note = ""): void {
    const seconds = Math.max(0.001, (Date.now() - this.#started) / 1000);
    const rate = (value - this.#from) / seconds;
    const left = rate > 0 ? (this.#bar.getTotal() - value) / rate : Number.NaN;
    this.#bar.update(value, {
      rate: rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en"),
      left: duration(left),
      note: note === "" ? "" : ` | ${note}`,
    });
  }

  stop(): void {
    this.#bar.stop();
  }
}

/** While a terminal shows how far `work` is: for work whose end is not known. @param say what to show at a count */
export async function withCounter<Result>(
  say: (count: string) => string,
  work: (onCount: (count: number) => void) => Promise<Result>,
): Promise<Result> {
  const show = (text: string) => process.stderr.isTTY && process.stderr.write(`\r\u001B[K${printable(text)}`);
  try {
    return await work((count) => show(say(count.toLocaleString("en"))));
  } finally {
    show("");
  }
}

/** `850 ms`, `42 s`, `3 min 20 s`, `2 h 5 min`. @param seconds */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
