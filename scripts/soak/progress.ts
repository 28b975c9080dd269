import { progress } from "@clack/prompts";

const LINE_EVERY = 10_000;

export interface Progress {
  /** @param done of the maximum */
  show(done: number, message: string): void;
  stop(message: string): void;
}

/** A bar in a terminal; elsewhere a line now and then, so that a log stays readable. */
export function startProgress(max: number, message: string): Progress {
  if (process.stdout.isTTY) {
    const bar = progress({ max });
    let shown = 0;
    bar.start(message);
    return {
      show: (done, text) => {
        bar.advance(done - shown, text);
        shown = done;
      },
      stop: (text) => bar.stop(text),
    };
  }
  console.log(message);
  let next = 0;
  return {
    show: (_done, text) => {
      if (Date.now() < next) return;
      next = Date.now() + LINE_EVERY;
      console.log(text);
    },
    stop: (text) => console.log(text),
  };
}
