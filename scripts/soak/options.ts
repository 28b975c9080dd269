import { parseArgs } from "node:util";

const HELP = `npm run soak [-- options]

Sends orders, three times each, through the Worker to a stand-in for Trustpilot that fails, kills the Worker in
between, and counts what became of every order. Exits 0 if each was invited once, was refused, or is unknown.

  --orders N     how many orders                                        (2000)
  --seconds N    over which they arrive                                 (60)
  --kills N      how often the Worker is killed (kill -9) and restarted (5)
  --rate N       the share of requests that Trustpilot fails, 0 to 1    (0.3)
  --faults N     only the first N requests of an order can fail         (3)
  --minutes N    gives up after that long                               (10)
  --seed TEXT    which request fails in which way                       (a new one each time)
  --keep         keeps the ledgers' files and says where they are
  --help         this page`;

export interface Options {
  orders: number;
  seconds: number;
  kills: number;
  rate: number;
  faults: number;
  minutes: number;
  seed: string;
  keep: boolean;
}

/** Reads the command line; explains itself and ends the process where there is nothing to run. */
export function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        orders: { type: "string", default: "2000" },
        seconds: { type: "string", default: "60" },
        kills: { type: "string", default: "5" },
        rate: { type: "string", default: "0.3" },
        faults: { type: "string", default: "3" },
        minutes: { type: "string", default: "10" },
        seed: { type: "string", default: Math.random().toString(36).slice(2, 8) },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    return {
      orders: number("orders", values.orders, 1),
      seconds: number("seconds", values.seconds, 1),
      kills: number("kills", values.kills, 0),
      rate: number("rate", values.rate, 0),
      faults: number("faults", values.faults, 0),
      minutes: number("minutes", values.minutes, 0),
      seed: values.seed,
      keep: values.keep,
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(1);
  }
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= least))
    throw new Error(`--${name} must be a number from ${least} up.`);
  return value;
}
